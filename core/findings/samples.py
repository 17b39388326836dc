"""Findings on the samples: clipping of the outcomes that models are trained on."""

from core.findings.model import Finding, Severity
from core.text.format import format_number


class TargetClipped(Finding, code="target-clipped"):
    """The train outcomes are clipped, as the recipe asks.

    Nothing to do. Validation, test and all scores use the actual outcomes.
    """

    column: str
    count: int
    total: int
    low: float
    high: float
    outcome: str
    severity = Severity.INFO

    @property
    def title(self) -> str:
        bounds = f"{format_number(self.low)} to {format_number(self.high)}"
        return f"Clipped {self.count:,} of {self.total:,} train outcomes to the range {bounds}"

    @property
    def detail(self) -> str:
        return f"Models are trained on the clipped {self.outcome}. Validation, test and all scores use the actual outcomes."


class TargetNotClipped(Finding, code="target-not-clipped"):
    """The recipe asks to clip the train outcomes, but there is no bound to clip them to.

    Set a clip quantile, or a robust z-score if the outcomes vary.
    """

    column: str
    bound_set: bool
    severity = Severity.INFO

    @property
    def title(self) -> str:
        if self.bound_set:
            return "The target is not clipped: its train outcomes give no bound"
        return "The target is not clipped: no bound is set"

    @property
    def detail(self) -> str:
        if self.bound_set:
            return "There are none, or at least half of them are equal. Set a clip quantile."
        return "Set a clip quantile or a robust z-score in the cleaning step."
