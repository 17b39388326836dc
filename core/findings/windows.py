"""Findings about the windows that a network sees."""

from core.findings.model import Finding, Remedy, Severity, drop_column
from core.text.feature_tokens import feature_label
from core.text.format import format_percent


class WindowsIncomplete(Finding, code="windows-incomplete"):
    """Windows lack an input in some of their rows, so no forecast is made at their origins.

    Drop or fill the column that costs most windows. A warning above 1% of the windows.
    """

    column: str
    feature: str
    window: int
    missing: int
    count: int
    total: int

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.count > 0.01 * self.total else Severity.INFO

    @property
    def title(self) -> str:
        share = format_percent(self.count / self.total)
        return (
            f"{self.count:,} of {self.total:,} windows ({share}) are incomplete; {feature_label(self.feature)} is missing in "
            f"{self.missing:,} of them"
        )

    @property
    def detail(self) -> str:
        return f"A window needs every input in all of its {self.window:,} rows. These windows are left out, and no row is skipped."

    @property
    def remedy(self) -> Remedy:
        return drop_column(self.column)
