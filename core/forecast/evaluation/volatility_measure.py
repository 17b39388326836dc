"""How a predicted volatility is measured, and how many of its rows make a year."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import rows_before
from core.data.eras import Era, Eras
from core.data.rows_a_year import count_rows_a_year

if TYPE_CHECKING:
    from core.samples.prepare import Prepared


@dataclass(frozen=True, kw_only=True)
class VolatilityMeasure:
    """What a volatility is measured from; `rows_a_year` annualises it, None if the rows have no time stamps.

    `bar` are the high and low columns of Parkinson's volatility, None for that of log returns. `to_returns` is the ratio of the
    first to the second over the train era.
    """

    rows_a_year: float | None
    bar: tuple[str, str] | None = None
    to_returns: float | None = None


def measure_of(ready: "Prepared", eras: Eras, *, is_counted: bool) -> VolatilityMeasure | None:
    """Return how the volatility that a task predicts is measured; None if it predicts something else.

    Parameters
    ----------
    ready
        The cleaned rows, the features and the task.
    eras
        Which rows are the train era.
    is_counted
        Whether rows have no time stamps, only numbers.
    """
    if ready.task.predict != "volatility":
        return None
    features = ready.features
    return VolatilityMeasure(
        rows_a_year=None if is_counted else count_rows_a_year(features.times, features.series),
        bar=ready.fitted.bar,
        to_returns=_relative_to_returns(ready, eras),
    )


def _relative_to_returns(ready: "Prepared", eras: Eras) -> float | None:
    """Return Parkinson's volatility over that of log returns, on the train rows that have both."""
    clean = ready.clean
    if clean.variances is None:
        return None
    prices = clean.frame[ready.task.target].to_numpy()
    returns = np.diff(np.log(prices), prepend=np.nan)
    both = np.isfinite(clean.variances) & (rows_before(clean.blocks) > 0)
    both &= eras.label(clean.frame[clean.roles.time].to_numpy("datetime64[us]")) == Era.TRAIN
    size = float(np.square(returns[both]).sum())
    return float(np.sqrt(clean.variances[both].sum() / size)) if size > 0 else None
