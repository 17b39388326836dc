"""Errors in ranking features by importance."""

from core.errors.model import DataError


class TooFewSamplesToRank(DataError, code="too-few-samples-to-rank"):
    """The train era has too few samples for the walk-forward folds."""

    found: int
    folds: int
    needed: int
    hint = "Use fewer folds in the importance step, or give the train era more rows."

    @property
    def message(self) -> str:
        """How many samples there are, and how many the folds need."""
        folds = f"{self.folds} fold{' needs' if self.folds == 1 else 's need'}"
        return f"The train era has {self.found:,} samples; {folds} at least {self.needed:,}."


class NoUsableFold(DataError, code="no-usable-fold"):
    """In every walk-forward fold the samples are too few or the outcome is constant."""

    outcome: str
    hint = "Use fewer folds, another target, or a longer train era."

    @property
    def message(self) -> str:
        """The outcome that does not vary enough."""
        return f"No fold of the train era has enough samples with a varying {self.outcome}."
