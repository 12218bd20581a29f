"""``python -m benchmarks.weight``: what each process of this checkout's running installation weighs.

Own memory (USS: what would be free if it ended) and the memory it shares in proportion (PSS), in MB.
"""

import json
from collections import defaultdict
from pathlib import Path

import psutil

from hub.local.installation import here


def parts(folder: Path) -> dict[str, int]:
    """The process of each part that runs on a data folder, PostgreSQL among them, by its name."""
    running = {path.stem: json.loads(path.read_text())["pid"] for path in (folder / "run").glob("*.json")}
    return running | {"postgres": int((folder / "postgresql" / "data" / "postmaster.pid").read_text().splitlines()[0])}


def main() -> None:
    """Print a line for each part, its children with it, and the sum."""
    folder = here().folder
    weights: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    running = parts(folder)
    running["make run"] = psutil.Process(running["web"]).ppid()
    others = set(running.values())
    for name, pid in running.items():
        process = psutil.Process(pid)
        children = [] if name == "make run" else process.children(recursive=True)
        for one in (process, *(child for child in children if child.pid not in others)):
            told = one.memory_full_info()
            weights[name][0] += 1
            weights[name][1] += told.uss / 1e6
            weights[name][2] += told.pss / 1e6
    for name, (count, uss, pss) in sorted(weights.items(), key=lambda pair: -pair[1][1]):
        print(f"{name:<16} {count:>3.0f} processes  {uss:7.0f} MB own  {pss:7.0f} MB in proportion")
    total = [sum(column) for column in zip(*weights.values(), strict=True)]
    print(f"{'in all':<16} {total[0]:>3.0f} processes  {total[1]:7.0f} MB own  {total[2]:7.0f} MB in proportion")


if __name__ == "__main__":
    main()
