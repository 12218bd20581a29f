"""`furrow route`: the dispatcher's planner on published instances."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Plan delivery routes, and measure how good they are.", no_args_is_help=True)


@app.callback()
def route() -> None:
    """Plan delivery routes, and measure how good they are."""


@app.command()
def solve(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Instances in Solomon's form.")],
    seconds: Annotated[float, typer.Option(help="How long to search, each.", min=0.1)] = 10,
    show: Annotated[bool, typer.Option("--routes", help="Print the routes too.")] = False,
) -> None:
    """Solve Solomon and Homberger instances; say how far from the best known distance the answer is."""
    from logistics import routing, solomon

    for file in files:
        try:
            problem = solomon.read(file)
        except solomon.NotSolomon as refused:
            raise typer.BadParameter(str(refused)) from refused
        begun = time.monotonic()
        plan = routing.plan(problem, seconds)
        took = time.monotonic() - begun
        distance = plan.metres / 10
        typer.echo(
            f"{file.stem}: {len(problem.stops)} stops, {len(plan.routes)} vehicles, distance {distance:.1f}"
            f"{_gap(file, distance)}, {len(plan.unserved)} left out, {took:.1f} s"
        )
        for route in plan.routes if show else ():
            typer.echo("  " + " ".join(str(problem.stops[stop].node) for stop in route.stops))


def _gap(file: Path, distance: float) -> str:
    best = best_known(file)
    if best is None:
        return ", best known distance not told"
    return f", {distance / best - 1:+.2%} of the best known {best:.1f}"


def best_known(file: Path) -> float | None:
    """The best distance known, from a ``bks.json`` beside the instance or a folder above it."""
    for folder in (file.resolve().parent, file.resolve().parent.parent):
        table = folder / "bks.json"
        if table.exists():
            known = json.loads(table.read_text(encoding="utf-8"))
            for name in (f"{file.resolve().parent.name}/{file.stem}", file.stem):
                if name in known:
                    return float(known[name]["dimacs_distance"])
    return None
