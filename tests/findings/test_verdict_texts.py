"""The texts of the verdict and of the findings on a forecast, as a user reads them."""

from dataclasses import replace

import pytest

from core.findings.model import Finding
from core.findings.verdict import (
    BeatenBySimpler,
    CopiesYesterday,
    DependsOnLaterRows,
    DirectionNoBetterThanMajority,
    FewPeriodsAgree,
    FlatPredictions,
    InputsOutsideTrain,
    IntervalOffNominal,
    IntervalUneven,
    ModelDiverged,
    OneSeriesWeighsMost,
    OneTimeWeighsMost,
    OrderNotShown,
    PeriodAverages,
    QualityProblemsLeft,
    ValidationGoodTestBad,
)
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.naive_checks import NaiveChecks
from core.forecast.evaluation.scores import Scores
from core.forecast.evaluation.tradable import Obstacle
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.verdict import reach_verdict
from core.quality.checks.suspected_leaks import SuspectedLeak
from core.samples.task import Task
from tests.forecast.evaluation.verdict_examples import BAD, EVEN, GOOD, MEAN, PERSISTENCE, VARIED, signals

TEXTS = [
    (
        OrderNotShown(target="sales", ratio=1.98),
        "The rows look like a list, not a time series",
        "No column holds the time, and the rows of the train era do not look ordered. Von Neumann's ratio of sales is 1.980: below "
        "1 in a series, about 2 in random order. Choose a time column, if there is one.",
    ),
    (
        DependsOnLaterRows(cuts=("2020-01-02T00:00:00.000000", "2021-03-04T00:00:00.000000")),
        "The forecast depends on later rows",
        "Recomputed on data that end on 2020-01-02, 2021-03-04, cleaning, features or forecasts differ from those of the full run.",
    ),
    (
        FewPeriodsAgree(better=1, periods=4, rival="the last value"),
        "The skill does not hold in most earlier periods",
        "Refitted before each of 4 earlier periods, the LSTM is more accurate than the last value in 1.",
    ),
    (
        FlatPredictions(era="test", flatness=0.04, mean_is_rival=False),
        "The predictions hardly vary",
        "On test, the standard deviation of predicted changes is 4% of that of actual changes. The forecast is close "
        "to persistence.",
    ),
    (
        FlatPredictions(era="validation", flatness=0.0512, mean_is_rival=True),
        "The predictions hardly vary",
        "On validation, the standard deviation of predicted changes is 5.12% of that of actual changes. The forecast is close to "
        "the train mean.",
    ),
    (
        CopiesYesterday(era="test", slope=-0.1, p_value=0.7),
        "The forecast is not distinguishable from the last value",
        "On test, actual changes have a slope of -0.100 on predicted ones (p = 0.7 for a slope above 0). On a chart such a "
        "forecast looks accurate, but it lags.",
    ),
    (
        CopiesYesterday(era="validation", slope=None, p_value=None),
        "The forecast is not distinguishable from the last value",
        "On validation, it repeats the last value in every row.",
    ),
    (
        ModelDiverged(model="Linear"),
        "Linear diverged",
        "Some of its predictions were far beyond all train outcomes, and were set to the bound.",
    ),
    (
        InputsOutsideTrain(era="test", features=(("vix", 0.4), ("wti.log_return", 0.125))),
        "2 inputs outside the train range",
        "Share of the rows of test beyond all train values: vix (40%), wti, log return (12.5%). A network does not extrapolate.",
    ),
    (
        PeriodAverages(target="SP500", autocorrelation=0.281),
        "SP500 looks like an average over each period",
        "Its changes have an autocorrelation of 0.281 at one row and none beyond. Averages of a random walk have about 0.25: such "
        "a signal cannot be traded.",
    ),
    (
        BeatenBySimpler(era="test", rival="HAR", gain=0.215, p_value=0.002),
        "A simpler model is more accurate: HAR",
        "On test, its loss is 21.5% below that of the LSTM (DM p = 0.002).",
    ),
    (
        DirectionNoBetterThanMajority(era="test", accuracy=0.52, majority_share=0.534),
        "Directional accuracy is no better than always predicting the majority direction",
        "On test, 52% of the predicted directions are right; always predicting the more frequent one is right in 53.4%.",
    ),
    (
        IntervalOffNominal(coverage=0.8, nominal=0.9, outcomes=200),
        "The prediction interval under-covers",
        "It covers 80% of 200 test outcomes against a nominal 90%. Test errors are larger than validation errors.",
    ),
    (
        QualityProblemsLeft(columns=("oil", "vix")),
        "Quality has open problems on oil, vix",
        "The model was trained on these values as they are.",
    ),
    (
        OneTimeWeighsMost(era="test", time="2020-04-01T00:00:00.000000", share=0.615),
        "One move dominates the scores: 2020-04-01",
        "On test, this time stamp alone contributes 61.5% of persistence's loss. Tests assume many moves of similar size.",
    ),
    (
        IntervalUneven(volatility="high", coverage=0.8, nominal=0.9, outcomes=200),
        "The prediction interval under-covers at high volatility",
        "In that tercile it covers 80% of 200 test outcomes against a nominal 90%.",
    ),
    (
        IntervalOffNominal(coverage=0.99, nominal=0.9, outcomes=1200),
        "The prediction interval over-covers",
        "It covers 99% of 1,200 test outcomes against a nominal 90%. Test errors are smaller than validation errors.",
    ),
    (
        ValidationGoodTestBad(r2_validation=0.16, r2_test=-0.02),
        "Good on validation, not on test",
        "Out-of-sample R² against the best naive forecast is 0.160 on validation and -0.020 on test. Either the pattern did not "
        "last, or too many models were selected on validation.",
    ),
    (
        OneSeriesWeighsMost(era="test", series="Nasdaq", share=0.88, series_count=3),
        "One series dominates the scores: Nasdaq",
        "On test, this one of 3 series contributes 88% of persistence's loss, although losses are divided by the train error of "
        "each series. It moved far more than in the train era.",
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str) -> None:
    assert finding.title == title
    assert finding.detail == detail
    assert finding.remedy is None


LEAKS = tuple(
    SuspectedLeak(column=name, evidence="later rows", lead=8, share=share, delay=11)
    for name, share in (("dpo", 0.84), ("chikou", 0.93))
)


ONE = Trials(trained=1, opened=1, judged_on_test=1)
SEVEN = Trials(trained=9, opened=2, judged_on_test=7)


def evaluation(lstm: Scores | None, checks: NaiveChecks = VARIED, mean: Scores | None = None) -> Evaluation:
    rivals = {"persistence": PERSISTENCE} if mean is None else {"persistence": PERSISTENCE, "mean": mean}
    return Evaluation(
        task=Task(target="close", predict="log_return", horizon=1),
        mean_is_rival=mean is not None,
        test=None if lstm is None else {"lstm": lstm} | rivals,
        validation={},
        interval=None,
        backtest=None,
        naive_checks=checks,
        trials=ONE,
    )


ON = "On 188 held-out test rows the LSTM's squared error of log returns is"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            replace(evaluation(None), trials=Trials()),
            "Cannot be judged yet. Only the test era gives a verdict: it is still sealed.",
        ),
        (
            replace(evaluation(None), validation=evaluation(GOOD).test, trials=Trials()),
            "On 188 validation rows the LSTM's squared error of log returns is 16% below that of the last value (Clark-West "
            "p < 0.001, Diebold-Mariano p = 0.0021). Only the test era gives a verdict: it is still sealed.",
        ),
        (
            replace(evaluation(None), validation=evaluation(PERSISTENCE).test, trials=Trials()),
            "No evidence of skill: on 188 validation rows the LSTM's forecast is that of a naive one. Training never improved on "
            "its initial weights. Only the test era gives a verdict: it is still sealed.",
        ),
        (
            evaluation(replace(GOOD, n=49)),
            "Cannot be judged: the test era has 49 rows, a verdict needs at least 50.",
        ),
        (
            evaluation(PERSISTENCE),
            "No evidence of skill: on 188 held-out test rows the LSTM's forecast is that of a naive one. Training never improved "
            "on its initial weights.",
        ),
        (
            evaluation(replace(GOOD, cw={})),
            "Cannot be judged: the 188 held-out test rows have too few time stamps for a test.",
        ),
        (
            replace(evaluation(GOOD), von_neumann_ratio=1.98),
            "Cannot be judged: no column holds the time, and the rows of the train era do not look ordered. The mean forecasts the "
            "next row better than the last value does.",
        ),
        (
            replace(evaluation(GOOD), suspected=LEAKS),
            "Cannot be judged: dpo, chikou are suspected of look-ahead. chikou explains 93% of the later change of close. Drop "
            "them, set a publication delay, or confirm that they are known at forecast time.",
        ),
        (
            replace(evaluation(GOOD), suspected=LEAKS[:1]),
            "Cannot be judged: dpo is suspected of look-ahead. dpo explains 84% of the later change of close. Drop it, set a "
            "publication delay, or confirm that it is known at forecast time.",
        ),
        (
            evaluation(GOOD),
            f"{ON} 16% below that of the last value (Clark-West p < 0.001, Diebold-Mariano p = 0.0021). Evidence of skill.",
        ),
        (
            replace(evaluation(GOOD), trials=SEVEN),
            f"{ON} 16% below that of the last value (Clark-West p < 0.001, adjusted p = 0.0028 as the best of 7 trials, "
            "Diebold-Mariano p = 0.0021). Evidence of skill.",
        ),
        (
            replace(evaluation(replace(GOOD, cw=signals(0.03))), trials=SEVEN),
            f"{ON} 16% below that of the last value (Clark-West p = 0.03, adjusted p = 0.21 as the best of 7 trials, "
            "Diebold-Mariano p = 0.0021). No evidence of skill: as the best of 7 trials on this test era, the signal is not "
            "significant.",
        ),
        (
            replace(evaluation(GOOD), trials=Trials()),
            f"{ON} 16% below that of the last value (Clark-West p < 0.001, Diebold-Mariano p = 0.0021). Evidence of skill. "
            "Trials: not counted.",
        ),
        (
            replace(evaluation(None), trials=SEVEN),
            "Cannot be judged yet. Only the test era gives a verdict: it was opened 2 times, but this training is not scored "
            "on it.",
        ),
        (
            replace(evaluation(GOOD), known_in_time=("dpo",)),
            f"{ON} 16% below that of the last value (Clark-West p < 0.001, Diebold-Mariano p = 0.0021). Evidence of skill. dpo is "
            "suspected of look-ahead; the user confirms that it is known at forecast time.",
        ),
        (
            evaluation(replace(GOOD, dm_p_value=0.3)),
            f"{ON} 16% below that of the last value (Clark-West p < 0.001, Diebold-Mariano p = 0.3). Evidence of skill. The signal "
            "is significant; the gain in accuracy by itself is not.",
        ),
        (
            replace(evaluation(GOOD), loss="qlike"),
            "On 188 held-out test rows the LSTM's QLIKE is 16% below that of the last value (Clark-West p < 0.001, Diebold-Mariano "
            "p = 0.0021). Evidence of skill.",
        ),
        (
            evaluation(GOOD, replace(VARIED, flatness=0.01)),
            f"{ON} 16% below that of the last value (Clark-West p < 0.001, Diebold-Mariano p = 0.0021). No evidence of skill: the "
            "forecast hardly varies, so any gain is that of a constant drift.",
        ),
        (
            evaluation(EVEN),
            f"{ON} 2% above that of the last value (Clark-West p = 0.38, Diebold-Mariano p = 0.41). No evidence of skill: no "
            "significant signal beyond the last value.",
        ),
        (
            evaluation(replace(EVEN, cw=signals(0.01))),
            f"{ON} 2% above that of the last value (Clark-West p = 0.01, Diebold-Mariano p = 0.41). No evidence of skill: there is "
            "a signal, but the forecast is not more accurate than the last value.",
        ),
        (
            evaluation(BAD),
            f"{ON} 210% above that of the last value (Clark-West p = 0.9, Diebold-Mariano p < 0.001). Worse than the last value.",
        ),
        (
            evaluation(replace(EVEN, cw=signals(0.3, 0.2, "mean")), mean=MEAN),
            f"{ON} 2% above that of the train mean (Clark-West p = 0.3, Diebold-Mariano p = 0.41). No evidence of skill: no "
            "significant signal beyond the last value or the train mean.",
        ),
    ],
)
def test_verdicts(given: Evaluation, sentence: str) -> None:
    assert reach_verdict(given).sentence == sentence


def test_a_missing_backtest_has_a_reason() -> None:
    volatility = replace(evaluation(GOOD), obstacle=Obstacle.VOLATILITY)
    assert volatility.no_backtest == (
        "No backtest: the target behaves like a volatility. If it can be bought and sold, set “Tradable” to Yes "
        "(evaluation.tradable) and train again."
    )
    assert evaluation(GOOD).no_backtest == Obstacle.NO_ROWS.text
