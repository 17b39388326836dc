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
