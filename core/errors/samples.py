"""Errors in building features and samples, and in selecting features for a model step."""

from typing import Literal

from core.errors.model import DataError, RecipeError
from core.text.format import format_list
from core.text.nearest import nearest_names

ModelStep = Literal["regression", "training"]


class NoTimeColumn(DataError, code="no-time-column"):
    """No column holds dates or times, and the row number was not chosen as the time."""

    message = "No column holds dates or times, so there is nothing to order the rows by."
    hint = "Upload a file with a column of dates, or set the time column to 'row number' if the rows are in time order."


class NoCompleteFeatures(DataError, code="no-complete-features"):
    """No row has a value of every feature of a model; `feature` is missing most often."""

    features: int
    rows: int
    feature: str
    missing: int
    hint = "Do without it, or use shorter lags, rolling windows or publication delays."

    @property
    def message(self) -> str:
        """How many rows and features there are, and the feature that is missing in most rows."""
        needed = "has the only feature" if self.features == 1 else f"has all {self.features:,} features"
        return f"None of the {self.rows:,} rows {needed}: {self.feature!r} is missing in {self.missing:,} of them."


class VolatilityNeedsPrices(DataError, code="volatility-needs-prices"):
    """The volatility of a target is to be predicted, but its log returns are undefined."""

    column: str
    value: float
    line: int
    hint = "Predict the difference or the level, or choose a target that is always positive."

    @property
    def message(self) -> str:
        """The target, and the first value that is not positive."""
        return f"The volatility of {self.column!r} is undefined: it is {self.value:g} in line {self.line:,}."


class NoSelectedFeature(RecipeError, code="no-selected-feature"):
    """None of the features that the recipe selects for a model step exists in these data."""

    step: ModelStep
    selected: tuple[str, ...]
    features: tuple[str, ...]

    @property
    def message(self) -> str:
        """The step, and the first of the selected features."""
        return f"None of the features selected for {self.step} exists in these data, such as {self.selected[0]!r}."

    @property
    def hint(self) -> str:
        """The features whose names are nearest to the first, or some of them."""
        near = nearest_names(self.selected[0], self.features)
        which = "nearest names" if near else "features"
        return (
            f"Select other features. The {which} are {format_list([repr(name) for name in near or self.features], 8)}."
        )


class NoFeature(DataError, code="no-feature"):
    """There is no feature to fit or rank."""

    message = "There is no feature."
    hint = "Keep more columns in the cleaning step."


class ConstantOutcome(DataError, code="constant-outcome"):
    """The outcome is the same in every sample of the train era."""

    outcome: str
    value: float
    samples: int
    hint = "Choose a target that varies, or a longer horizon."

    @property
    def message(self) -> str:
        """The outcome, its value and the number of samples."""
        return f"The {self.outcome} is {self.value:g} in all {self.samples:,} samples of the train era."
