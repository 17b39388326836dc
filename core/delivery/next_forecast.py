"""The forecasts beyond the data: those of the latest rows, whose outcomes nobody knows yet."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MOST = 2000


@dataclass(frozen=True, kw_only=True)
class NextForecast:
    """The forecast from the last row of a series, in the target's unit.

    `origin` and `time` are ISO time stamps; `time` is None if the data have no regular frequency, and `lower` and `upper` if there
    is no interval.
    """

    series: str | None
    origin: str
    time: str | None
    lstm: float
    lower: float | None
    upper: float | None


def find_next(scored: pd.DataFrame) -> tuple[NextForecast, ...]:
    """Return the forecast of the latest origin of each series; the series with the latest rows first.

    Parameters
    ----------
    scored
        The predictions of all origins of a file, with the columns of `Scored.table`.
    """
    if not len(scored):
        return ()
    groups = scored.groupby("series", sort=False) if "series" in scored else [(None, scored)]
    found = []
    for series, rows in groups:
        row = rows.loc[rows["origin"].idxmax()]
        found.append(
            NextForecast(
                series=None if series is None else str(series),
                origin=_iso(row["origin"]) or "",
                time=_iso(row["time"]),
                lstm=float(row["lstm"]),
                lower=_number(row["lower"]),
                upper=_number(row["upper"]),
            )
        )
    found.sort(key=lambda each: each.origin, reverse=True)
    return tuple(found[:MOST])


def _iso(time: pd.Timestamp) -> str | None:
    return None if pd.isna(time) else time.isoformat()


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
