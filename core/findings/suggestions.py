"""Suggestions: transformations that make a feature easier to learn from."""

from core.findings.model import Finding, Remedy, Severity
from core.text.format import format_correlation, format_number, format_percent


class _DriftingFeature(Finding):
    column: str
    autocorrelation: float | None
    severity = Severity.INFO

    @property
    def detail(self) -> str:
        return (
            f"Lag-1 autocorrelation {format_correlation(self.autocorrelation)} in the train era. Cleaning transforms every such "
            "column while Levels as changes is on; the button transforms this one in any case."
        )


class SuggestReturns(_DriftingFeature, code="suggest-returns"):
    """A positive feature drifts like a price.

    Use its returns instead of its levels.
    """

    plural = "drift like prices: returns carry more information than levels"

    @property
    def title(self) -> str:
        return f"{self.column} drifts like a price: its returns carry more information than its levels"

    @property
    def remedy(self) -> Remedy:
        return _transform("Take the return of", "returns", self.column)


class SuggestDifference(_DriftingFeature, code="suggest-difference"):
    """A feature drifts, and is not always positive.

    Use its differences instead of its levels.
    """

    plural = "drift: changes carry more information than levels"

    @property
    def title(self) -> str:
        return f"{self.column} drifts: its changes carry more information than its levels"

    @property
    def remedy(self) -> Remedy:
        return _transform("Take the difference of", "difference", self.column)


class SuggestLog(Finding, code="suggest-log"):
    """A feature is positive and strongly skewed, and its logarithm is far less so.

    Use its logarithm.
    """

    column: str
    skewness: float
    q99_to_median: float
    severity = Severity.INFO
    plural = "are positive and strongly skewed: their logarithms are more symmetric"

    @property
    def title(self) -> str:
        return f"{self.column} is positive and strongly skewed: its logarithm is more symmetric"

    @property
    def detail(self) -> str:
        return (
            f"Skewness {format_number(self.skewness)} in the train era; the 99% quantile is {format_number(self.q99_to_median)} "
            "times the median."
        )

    @property
    def remedy(self) -> Remedy:
        return _transform("Take the logarithm of", "log", self.column)


class SuggestClip(Finding, code="suggest-clip"):
    """A feature has heavy tails.

    Clip it, so a few extremes do not dominate training.
    """

    column: str
    kurtosis: float
    outlier_share: float
    severity = Severity.INFO
    plural = "have heavy tails: clipping keeps a few extremes from dominating training"

    @property
    def title(self) -> str:
        return f"{self.column} has heavy tails: clipping keeps a few extremes from dominating training"

    @property
    def detail(self) -> str:
        return (
            f"Excess kurtosis {format_number(self.kurtosis)} in the train era; {format_percent(self.outlier_share)} of the valid "
            "values lie more than 3.5 robust standard deviations from the median."
        )

    @property
    def remedy(self) -> Remedy:
        return _transform("Clip", "clip_columns", self.column)


def _transform(verb: str, field: str, column: str) -> Remedy:
    return Remedy(label=f"{verb} {column}", section="cleaning", field=field, value=(column,))
