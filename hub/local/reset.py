"""``make reset``: stops and forgets this checkout's world, and nothing else."""

import fcntl
import shutil
import sys

from hub.local.installation import here
from hub.local.supervisor import Supervisor


def main() -> int:
    """Remove the data folder; refuses while the hub runs."""
    installation = here()
    if not installation.folder.exists():
        print("There is nothing to forget.")
        return 0
    with (installation.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Furrow is running: stop it first (Ctrl-C).")
            return 1
        Supervisor(installation.folder).sweep()
        installation.postgres.stop()
        shutil.rmtree(installation.folder)
    print(f"Removed {installation.folder}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
