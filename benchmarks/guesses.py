"""100,000 guesses at 200 accounts from 1,000 addresses: how many were judged and whether every owner came in meanwhile.

Run: ``python -m benchmarks.guesses [GUESSES]``. Needs nothing but the checkout; uses a database of its own.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.config import Config

from hub import access, attempts, db, roles
from hub.demo import builder
from hub.local import home
from hub.local.database import prepare
from hub.local.postgres import Postgres
from hub.models.party import OrganizationKind, Role
from hub.settings import CHECKOUT

PASSWORD = "a long enough sentence"
ACCOUNTS, ADDRESSES = 200, 1_000


def database(folder: Path) -> Postgres:
    """A migrated database, and the settings that lead to it."""
    made = Postgres(folder / "postgresql", "benchmark", fast_and_unsafe=True)
    made.start()
    passwords = {role: f"benchmark-{role}" for role in (roles.OWNER, roles.APP, roles.PUBLIC, roles.RELAY)}
    prepare(made.url(), "guesses", passwords)
    for name, role in (("OWNER_URL", roles.OWNER), ("URL", roles.APP), ("RELAY_URL", roles.RELAY)):
        os.environ[f"FURROW_DATABASE_{name}"] = made.url("guesses", role, passwords[role])
    command.upgrade(Config(str(CHECKOUT / "alembic.ini")), "head")
    return made


def main(guesses: int) -> None:
    """Guess from everywhere, and let each owner in once a round from an address that guesses."""
    org = builder.party(OrganizationKind.RETAILER)
    owners = [f"owner{number}@example.org" for number in range(ACCOUNTS)]
    for email in owners:
        builder.person(org, Role.BUYER, PASSWORD, email)
        access.sign_in(email, PASSWORD, "192.0.2.9", f"browser of {email}")

    def guess(number: int) -> str:
        address = f"10.0.{number % ADDRESSES // 250}.{number % 250}"
        try:
            access.sign_in(owners[number * 7 % ACCOUNTS], f"guess {number}", address)
        except access.SignInRefused:
            return "judged"
        except (attempts.TooManyAttempts, attempts.TooManyFromHere):
            return "refused"
        return "opened"

    begun = time.monotonic()
    told = {"judged": 0, "refused": 0, "opened": 0}
    inside = 0
    with ThreadPoolExecutor(8) as crowd:
        for start in range(0, guesses, guesses // ACCOUNTS):
            coming = [crowd.submit(guess, number) for number in range(start, start + guesses // ACCOUNTS)]
            email = owners[start // (guesses // ACCOUNTS) % ACCOUNTS]
            inside += bool(access.sign_in(email, PASSWORD, "10.0.0.1", f"browser of {email}"))
            for one in coming:
                told[one.result()] += 1
    print(f"{guesses} guesses in {time.monotonic() - begun:.0f} s: {told}; {inside} owners came in at the first try")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o711)
        running = database(home.make(Path(name) / "data", home.unprivileged()))
        try:
            main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
        finally:
            db.dispose()
            running.stop()
