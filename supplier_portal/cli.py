"""`furrow forecast`: how good the forecasts are on sales that really happened."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Forecast demand, and measure how good the forecasts are.", no_args_is_help=True)


@app.callback()
def forecast() -> None:
    """Forecast demand, and measure how good the forecasts are."""


@app.command()
def run(
    paths: Annotated[
        list[Path],
        typer.Argument(exists=True, help="Parquet files with the columns unique_id, ds and y, or folders of them."),
    ],
    horizon: Annotated[int, typer.Option(help="Days ahead.", min=1)] = 28,
    origins: Annotated[int, typer.Option(help="How many past days to forecast from.", min=1)] = 6,
) -> None:
    """Forecast past weeks from what was known before them, and compare with what was sold."""
    from supplier_portal.forecast import forecasting, tidy

    for file in (f for path in paths for f in (sorted(path.glob("*.parquet")) if path.is_dir() else [path])):
        history = tidy.read(file)
        score = forecasting.backtest(history, horizon=horizon, origins=origins)
        naive = forecasting.backtest(history, horizon=horizon, origins=origins, point=forecasting.seasonal_naive)
        typer.echo(f"{file.stem}: {history.shape[0]} series, {history.shape[1]} days, {horizon} days ahead")
        typer.echo(f"  wQL      {score.wql:.3f}, {score.wql / naive.wql:.2f} of the last week again ({naive.wql:.3f})")
        typer.echo(
            f"  WAPE     {score.wape:.3f}, {score.wape / naive.wape:.2f} of the last week again ({naive.wape:.3f})"
        )
        typer.echo(f"  coverage {score.coverage:.1%} between P10 and P90 (80% is right)")
        typer.echo(f"  bias     {score.bias:+.1%}")
