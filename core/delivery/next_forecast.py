"""The next forecast: what the model predicts beyond the last row of each series, and the rows before it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.delivery.score_rows import score_features
from core.delivery.scoring_model import ScoringModel
from core.forecast.network.network import Network
from core.forecast.network.windows import Windows
from core.io.atomic import write_atomically
from core.samples.features import FeatureFrame
from core.samples.task import Task

RECENT_ROWS = 60
MOST_SERIES = 2000
_FORECAST_FILE, _RECENT_FILE = "next_forecast.parquet", "recent_rows.parquet"


@dataclass(frozen=True, kw_only=True)
class NextRow:
    """The forecast from the last origin of a series, in the target's unit.

    `origin` and `time` are ISO time stamps; `time` is None if it is unknown, and `lower` and `upper` are without an interval.
    """

    series: str | None
    origin: str
    time: str | None
    lstm: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class NextForecast:
    """The forecast from the last origin of each series, latest first, and the rows that precede it.

    `table`: `[series,] origin, time, last, forecast, change, lower, upper`, in the unit of what is predicted. `time` is on the
    market's own calendar, NaT if it is unknown. `last` is the level at the origin. `change` is relative if the task predicts
    relative changes, else in the target's unit; NaN for a direction, whose forecast is a probability. `lower` and `upper` are NaN
    without an interval. `recent`: `[series,] time, value`, the last 60 rows of each series: the target, or its volatility.
    """

    table: pd.DataFrame
    recent: pd.DataFrame

    def rows(self) -> tuple[NextRow, ...]:
        """Return the forecasts, the series with the latest origin first."""
        return tuple(
            NextRow(
                series=str(row["series"]) if "series" in row else None,
                origin=row["origin"].isoformat(),
                time=None if pd.isna(row["time"]) else row["time"].isoformat(),
                lstm=float(row["forecast"]),
                lower=_number(row["lower"]),
                upper=_number(row["upper"]),
            )
            for row in self.table.to_dict("records")
        )


def forecast_next(
    model: ScoringModel,
    network: Network,
    features: FeatureFrame,
    frequency: str | None,
    windows: Windows | None = None,
) -> NextForecast:
    """Return the forecast beyond the data, exactly as the bundle predicts it.

    Parameters
    ----------
    model, network
        The model, and its trained network.
    features
        The feature frame of all rows, whose target is what the model predicts.
    frequency
        The frequency of the rows.
    windows
        The windows of the features, if they are made already.
    """
    # From here on the interval follows the misses so far. A series that ended before has no next forecast.
    since = np.datetime64(model.eras.test_from, "us")
    if model.interval is not None:
        since = np.datetime64(model.interval.states[0].as_of, "us")
    scored = score_features(model, network, features, frequency, since=since, windows=windows).table
    names = np.array([""], dtype=object) if features.series is None else pd.unique(features.series)
    latest = scored.groupby("series").tail(1) if "series" in scored else scored.tail(1)
    rows = latest.sort_values("origin", ascending=False, kind="stable").head(MOST_SERIES)
    bounds = np.r_[0, np.flatnonzero(np.diff(features.series_codes)) + 1, len(features.target)]
    slices = {name: slice(bounds[place], bounds[place + 1]) for place, name in enumerate(names)}
    found, recent = [], []
    for row in rows.to_dict("records"):
        of_series = slices[row.get("series", "")]
        times = features.times[of_series]
        if row["time"] <= times[-1]:
            # The last rows lack a feature: this forecast is not beyond the data.
            continue
        last = float(features.target[of_series][np.searchsorted(times, np.datetime64(row["origin"], "us"))])
        name = {"series": row["series"]} if "series" in row else {}
        found.append(name | _entry(row, last, model.task))
        recent.append(_recent_rows(features, of_series, name))
    return NextForecast(
        table=pd.DataFrame(found), recent=pd.concat(recent, ignore_index=True) if recent else pd.DataFrame()
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _entry(row: dict[str, Any], last: float, task: Task) -> dict[str, object]:
    forecast = row["lstm"]
    change = forecast - last
    if task.is_direction:
        last = change = np.nan
    elif is_relative(task):
        change = change / last
    return {
        "origin": row["origin"],
        "time": row["time"],
        "last": last,
        "forecast": forecast,
        "change": change,
        "lower": row["lower"],
        "upper": row["upper"],
    }


def is_relative(task: Task) -> bool:
    """Return whether changes are quoted in percent: those of prices and volatilities."""
    return task.predict in ("return", "log_return", "volatility")


def _recent_rows(features: FeatureFrame, of_series: slice, name: dict[str, object]) -> pd.DataFrame:
    values = features.target if features.prices is None else features.prices
    last = slice(max(of_series.start, of_series.stop - RECENT_ROWS), of_series.stop)
    return pd.DataFrame(name | {"time": features.times[last], "value": values[last]})


def write_next_forecast(found: NextForecast, folder: Path) -> None:
    """Write the next forecast into a folder, atomically."""
    write_atomically(folder / _RECENT_FILE, found.recent.to_parquet(index=False))
    write_atomically(folder / _FORECAST_FILE, found.table.to_parquet(index=False))


def load_next_forecast(folder: Path) -> NextForecast | None:
    """Return the next forecast in a folder, or None if there is none."""
    try:
        return NextForecast(
            table=pd.read_parquet(folder / _FORECAST_FILE), recent=pd.read_parquet(folder / _RECENT_FILE)
        )
    except OSError:
        return None
