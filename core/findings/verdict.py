"""Findings about a forecast: what weakens it, on the test era once opened, before that on validation."""

from core.findings.model import Finding, Severity
from core.text.format import format_correlation, format_count, format_error, format_p, format_percent


class OrderNotShown(Finding, code="order-not-shown"):
    """Rows without time stamps do not look ordered: von Neumann's ratio is 1 or more.

    Choose a time column. Without an order of the rows there is no past to forecast from.
    """

    target: str
    ratio: float
    severity = Severity.WARNING
    title = "The rows look like a list, not a time series"

    @property
    def detail(self) -> str:
        return (
            f"No column holds the time, and the rows of the train era do not look ordered. Von Neumann's ratio of {self.target} "
            f"is {format_error(self.ratio)}: below 1 in a series, about 2 in random order. Choose a time column, if there is one."
        )


class FlatPredictions(Finding, code="flat-predictions"):
    """Predicted changes vary less than 10% as much as actual changes.

    The forecast is close to the naive one. Expect no skill.
    """

    era: str
    flatness: float
    mean_is_rival: bool
    severity = Severity.WARNING
    title = "The predictions hardly vary"

    @property
    def detail(self) -> str:
        naive = "the train mean" if self.mean_is_rival else "persistence"
        return (
            f"On {self.era}, the standard deviation of predicted changes is {format_percent(self.flatness)} of that of actual "
            f"changes. The forecast is close to {naive}."
        )


class CopiesYesterday(Finding, code="copies-yesterday"):
    """Predictions correlate most with the last value known when they were made.

    Compare the errors with persistence, not the lines on a chart.
    """

    era: str
    horizon: int
    severity = Severity.WARNING
    title = "The forecast copies the last value"

    @property
    def detail(self) -> str:
        lag = format_count(self.horizon, "row")
        return (
            f"On {self.era}, predictions correlate most with the actual values {lag} earlier, which were already known. On a "
            f"chart such a forecast looks accurate, but it lags by {lag}."
        )


class BeatenBySimpler(Finding, code="beaten-by-simpler"):
    """A simpler model is significantly more accurate than the LSTM (Bonferroni-adjusted).

    Use the simpler model.
    """

    era: str
    rival: str
    rmse: float
    lstm_rmse: float
    p_value: float | None
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"A simpler model is more accurate: {self.rival}"

    @property
    def detail(self) -> str:
        return (
            f"On {self.era}, its RMSE is {format_error(self.rmse)} against {format_error(self.lstm_rmse)} for the LSTM "
            f"(DM {format_p(self.p_value)})."
        )


class DirectionNoBetterThanMajority(Finding, code="direction-no-better-than-majority"):
    """Directional accuracy does not exceed the share of the more frequent direction.

    Do not use the signs of the predictions.
    """

    era: str
    accuracy: float
    majority_share: float
    severity = Severity.WARNING
    title = "Directional accuracy is no better than always predicting the majority direction"

    @property
    def detail(self) -> str:
        return (
            f"On {self.era}, {format_percent(self.accuracy)} of the predicted directions are right; always predicting the more "
            f"frequent one is right in {format_percent(self.majority_share)}."
        )


class IntervalOffNominal(Finding, code="interval-off-nominal"):
    """The coverage of the prediction interval on test differs significantly from nominal.

    Do not rely on the interval: the errors changed after the validation era.
    """

    coverage: float
    nominal: float
    outcomes: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"The prediction interval {'over' if self.coverage > self.nominal else 'under'}-covers"

    @property
    def detail(self) -> str:
        size = "smaller" if self.coverage > self.nominal else "larger"
        return (
            f"It covers {format_percent(self.coverage)} of {self.outcomes:,} test outcomes against a nominal "
            f"{format_percent(self.nominal)}. Test errors are {size} than validation errors."
        )


class ValidationGoodTestBad(Finding, code="validation-good-test-bad"):
    """The forecast beats persistence significantly on validation, but not at all on test.

    Expect no skill on later rows.
    """

    r2_validation: float
    r2_test: float
    severity = Severity.WARNING
    title = "Good on validation, not on test"

    @property
    def detail(self) -> str:
        return (
            f"Out-of-sample R² against persistence is {format_correlation(self.r2_validation)} on validation and "
            f"{format_correlation(self.r2_test)} on test. Either the pattern did not last, or too many models were selected on "
            "validation."
        )


class OneSeriesWeighsMost(Finding, code="one-series-weighs-most"):
    """One series of a panel contributes most of persistence's squared error.

    Convert the target to a common unit before upload, returns for example, or train on one series at a time.
    """

    era: str
    series: str
    share: float
    series_count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"One series dominates the scores: {self.series}"

    @property
    def detail(self) -> str:
        return (
            f"On {self.era}, this one of {self.series_count:,} series contributes {format_percent(self.share)} of persistence's "
            "squared error. Errors are in the target's unit, so series with large moves dominate the scores and the verdict."
        )
