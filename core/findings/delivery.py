"""Findings on new rows that a bundle scores."""

from core.findings.model import Finding, Severity


class OtherFrequency(Finding, code="other-frequency"):
    """New rows come at another frequency than the rows that the model was trained on.

    Give rows of the frequency of training: the horizon counts rows.
    """

    trained: str | None
    found: str | None

    severity = Severity.WARNING
    detail = "The horizon counts rows, so it covers another span of time than in training."

    @property
    def title(self) -> str:
        return (
            f"The model was trained on rows of frequency {self.trained or 'irregular'}; these are "
            f"{self.found or 'irregular'}"
        )


class PredictionsBounded(Finding, code="predictions-bounded"):
    """Predictions for new rows are beyond what train outcomes allow; they were bounded.

    Check the new rows: their values are far from those of training, or in another unit.
    """

    count: int
    total: int

    severity = Severity.WARNING
    detail = "The bounds are the range of train outcomes, widened by three times its width on both sides."

    @property
    def title(self) -> str:
        return f"{self.count:,} of {self.total:,} predictions were far beyond all train outcomes, and set to the bound"
