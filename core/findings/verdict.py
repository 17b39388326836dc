"""Findings about a forecast: what weakens it, on the test era once opened, before that on validation."""

from typing import Literal

from core.findings.model import Finding, Severity
from core.text.feature_tokens import feature_label
from core.text.format import (
    format_correlation,
    format_count,
    format_error,
    format_list,
    format_p,
    format_percent,
    format_time,
)


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


class DependsOnLaterRows(Finding, code="depends-on-later-rows"):
    """Cleaning, features or forecasts change if the data end earlier.

    The forecast uses the future, which is an internal error: please report it. Scores mean nothing.
    """

    cuts: tuple[str, ...]
    severity = Severity.PROBLEM
    title = "The forecast depends on later rows"

    @property
    def detail(self) -> str:
        dates = format_list([format_time(cut) for cut in self.cuts])
        return f"Recomputed on data that end on {dates}, cleaning, features or forecasts differ from those of the full run."


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
    """The forecast cannot be told from the last value: no signal, and no slope above 0.

    Compare the errors with persistence, not the lines on a chart.
    """

    era: str
    slope: float | None
    p_value: float | None
    severity = Severity.WARNING
    title = "The forecast is not distinguishable from the last value"

    @property
    def detail(self) -> str:
        if self.slope is None:
            return f"On {self.era}, it repeats the last value in every row."
        return (
            f"On {self.era}, actual changes have a slope of {format_correlation(self.slope)} on predicted ones "
            f"({format_p(self.p_value)} for a slope above 0). On a chart such a forecast looks accurate, but it lags."
        )


class ModelDiverged(Finding, code="model-diverged"):
    """A model predicts outcomes far beyond those of the train era; they were bounded.

    Do not use this model on these data. The bounds are the range of train outcomes, widened by three times its width on both sides.
    """

    model: str
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{self.model} diverged"

    @property
    def detail(self) -> str:
        return "Some of its predictions were far beyond all train outcomes, and were set to the bound."


class InputsOutsideTrain(Finding, code="inputs-outside-train"):
    """Features leave their train range in at least 10% of the judged rows.

    Let the feature enter by its changes, or drop it: a network does not extrapolate.
    """

    era: str
    features: tuple[tuple[str, float], ...]
    severity = Severity.WARNING

    @property
    def count(self) -> int:
        return len(self.features)

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'input')} outside the train range"

    @property
    def detail(self) -> str:
        listed = format_list([f"{feature_label(name)} ({format_percent(share)})" for name, share in self.features])
        return f"Share of the rows of {self.era} beyond all train values: {listed}. A network does not extrapolate."


class PeriodAverages(Finding, code="period-averages"):
    """Changes of the target are autocorrelated as those of averages over a period are.

    Use end-of-period prices: the skill may be that of averaging alone (Working 1960).
    """

    target: str
    autocorrelation: float
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{self.target} looks like an average over each period"

    @property
    def detail(self) -> str:
        return (
            f"Its changes have an autocorrelation of {format_correlation(self.autocorrelation)} at one row and none beyond. "
            "Averages of a random walk have about 0.25: such a signal cannot be traded."
        )


class FewPeriodsAgree(Finding, code="few-periods-agree"):
    """The forecast has skill on test, but in fewer than half of the earlier periods.

    The skill may be that of one period: do not rely on it to last.
    """

    better: int
    periods: int
    rival: str
    severity = Severity.WARNING
    title = "The skill does not hold in most earlier periods"

    @property
    def detail(self) -> str:
        return (
            f"Refitted before each of {format_count(self.periods, 'earlier period')}, the LSTM is more accurate than {self.rival} "
            f"in {self.better}."
        )


class BeatenBySimpler(Finding, code="beaten-by-simpler"):
    """A simpler model is significantly more accurate than the LSTM (Bonferroni-adjusted).

    Use the simpler model.
    """

    era: str
    rival: str
    gain: float
    p_value: float | None
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"A simpler model is more accurate: {self.rival}"

    @property
    def detail(self) -> str:
        return f"On {self.era}, its loss is {format_percent(self.gain)} below that of the LSTM (DM {format_p(self.p_value)})."


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


class IntervalUneven(Finding, code="interval-uneven"):
    """The prediction interval under-covers at one level of volatility, although not overall.

    Do not rely on the interval at that volatility.
    """

    volatility: Literal["low", "middle", "high"]
    coverage: float
    nominal: float
    outcomes: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"The prediction interval under-covers at {self.volatility} volatility"

    @property
    def detail(self) -> str:
        return (
            f"In that tercile it covers {format_percent(self.coverage)} of {self.outcomes:,} test outcomes against a nominal "
            f"{format_percent(self.nominal)}."
        )


class ValidationGoodTestBad(Finding, code="validation-good-test-bad"):
    """The forecast has a significant signal on validation, but none on test.

    Expect no skill on later rows.
    """

    r2_validation: float
    r2_test: float
    severity = Severity.WARNING
    title = "Good on validation, not on test"

    @property
    def detail(self) -> str:
        return (
            f"Out-of-sample R² against the best naive forecast is {format_correlation(self.r2_validation)} on validation and "
            f"{format_correlation(self.r2_test)} on test. Either the pattern did not last, or too many models were selected on "
            "validation."
        )


class QualityProblemsLeft(Finding, code="quality-problems-left"):
    """Quality reports a problem on the target or on a column behind a chosen feature.

    Answer the findings of Quality, and train again.
    """

    columns: tuple[str, ...]
    severity = Severity.WARNING

    @property
    def count(self) -> int:
        """How many columns."""
        return len(self.columns)

    @property
    def title(self) -> str:
        return f"Quality has open problems on {format_list(list(self.columns))}"

    @property
    def detail(self) -> str:
        return "The model was trained on these values as they are."


class OneTimeWeighsMost(Finding, code="one-time-weighs-most"):
    """One time stamp contributes a third or more of persistence's loss.

    The verdict rests on that one move. Judge the model on other periods too.
    """

    era: str
    time: str
    share: float
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"One move dominates the scores: {format_time(self.time)}"

    @property
    def detail(self) -> str:
        return (
            f"On {self.era}, this time stamp alone contributes {format_percent(self.share)} of persistence's loss. Tests assume "
            "many moves of similar size."
        )


class OneSeriesWeighsMost(Finding, code="one-series-weighs-most"):
    """One series of a panel contributes most of persistence's loss.

    Look at the scores by series, or train on one series at a time.
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
            "loss, although losses are divided by the train error of each series. It moved far more than in the train era."
        )
