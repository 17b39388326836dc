"""Errors of the regression: too few samples, or features that do not vary."""

from core.errors.model import DataError


class TooFewSamplesToRegress(DataError, code="too-few-samples-to-regress"):
    """The train era has too few samples for the number of features."""

    found: int
    features: int
    needed: int
    hint = "Select fewer features in the regression step, or give the train era more rows."

    @property
    def message(self) -> str:
        """How many samples there are, and how many the features need."""
        features = f"{self.features:,} feature{'' if self.features == 1 else 's'}"
        return f"The train era has {self.found:,} samples; a regression on {features} needs at least {self.needed:,}."


class NoVaryingFeature(DataError, code="no-varying-feature"):
    """Every feature of the regression is constant in the train era."""

    message = "No feature varies in the train era."
    hint = "Keep more columns in the cleaning step."


class TargetIsClass(DataError, code="target-is-class"):
    """The target has only two values in the train era, so it is a class and no quantity."""

    column: str
    values: tuple[float, ...]
    hint = "Choose a target that takes many values; a class needs a classifier, which Plumbline does not fit."

    @property
    def message(self) -> str:
        """The target and its values."""
        values = " and ".join(f"{value:g}" for value in self.values)
        return f"The target {self.column!r} only takes the values {values}: it is a class, not a quantity to regress."
