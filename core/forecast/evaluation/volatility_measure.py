"""How a predicted volatility is measured, and how many of its rows make a year."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.data.rows_a_year import count_rows_a_year

if TYPE_CHECKING:
    from core.samples.prepare import Prepared


@dataclass(frozen=True, kw_only=True)
class VolatilityMeasure:
    """What a volatility is measured from; `rows_a_year` annualises it, None if the rows have no time stamps."""

    rows_a_year: float | None


def measure_of(ready: "Prepared", *, is_counted: bool) -> VolatilityMeasure | None:
    """Return how the volatility that a task predicts is measured; None if it predicts something else.

    Parameters
    ----------
    ready
        The features and the task.
    is_counted
        Whether rows have no time stamps, only numbers.
    """
    if ready.task.predict != "volatility":
        return None
    features = ready.features
    return VolatilityMeasure(rows_a_year=None if is_counted else count_rows_a_year(features.times, features.series))
