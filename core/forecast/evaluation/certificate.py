"""The certificate of causality: what a forecast was at earlier dates, computed on data that end there."""

from dataclasses import dataclass
from typing import Literal

from core.text.format import format_list, format_time

TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class CausalityCheck:
    """One date at which the data were cut, and how much everything up to there then differs from the full run.

    Differences are the largest ones, relative to the largest value of the column; None if the rows themselves differ.
    `forecasts` counts the forecasts compared.
    """

    cut: str
    era: Literal["validation", "test"]
    forecasts: int
    cleaning: float | None
    features: float | None
    predictions: float | None

    @property
    def holds(self) -> bool:
        """Whether nothing differs by more than 1e-9."""
        found = (self.cleaning, self.features, self.predictions)
        return all(each is not None and each <= TOLERANCE for each in found)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Cleaning, features and forecasts recomputed on data that end at earlier dates, with the eras frozen by date.

    A value that depends on later rows, by a centred window, a scaler of all rows or a backward fill, breaks it.
    """

    checks: tuple[CausalityCheck, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing up to any of the dates depends on later rows."""
        return all(check.holds for check in self.checks)

    @property
    def sentence(self) -> str:
        """Whether the forecast is causal, and how that was checked."""
        failed = [check for check in self.checks if not check.holds]
        dates = format_list([format_time(check.cut) for check in failed or self.checks])
        if failed:
            return f"Not causal: cleaning, features or forecasts change if the data end on {dates}."
        return f"Causal: cleaning, features and forecasts are the same to 1e-9 on data that end on {dates}."
