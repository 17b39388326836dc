"""The texts of the verdict and of the findings on a forecast, as a user reads them."""

from dataclasses import replace

import pytest

from core.findings.model import Finding
from core.findings.verdict import (
    BeatenBySimpler,
    CopiesYesterday,
    DirectionNoBetterThanMajority,
    FlatPredictions,
    IntervalOffNominal,
    OneSeriesWeighsMost,
    OrderNotShown,
    ValidationGoodTestBad,
)
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.naive_checks import NaiveChecks
from core.forecast.evaluation.scores import Scores
from core.forecast.evaluation.verdict import reach_verdict
from core.samples.task import Task
from tests.forecast.evaluation.verdict_examples import BAD, EVEN, GOOD, MEAN, PERSISTENCE, VARIED

TEXTS = [
    (
        OrderNotShown(target="sales", ratio=1.98),
        "The rows look like a list, not a time series",
        "No column holds the time, and the rows of the train era do not look ordered. Von Neumann's ratio of sales is 1.980: below "
        "1 in a series, about 2 in random order. Choose a time column, if there is one.",
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
        CopiesYesterday(era="test", horizon=1),
        "The forecast copies the last value",
        "On test, predictions correlate most with the actual values 1 row earlier, which were already known. On a chart such a "
        "forecast looks accurate, but it lags by 1 row.",
    ),
    (
        CopiesYesterday(era="test", horizon=5),
        "The forecast copies the last value",
        "On test, predictions correlate most with the actual values 5 rows earlier, which were already known. On a chart such a "
        "forecast looks accurate, but it lags by 5 rows.",
    ),
    (
        BeatenBySimpler(era="test", rival="Linear", rmse=20.0, lstm_rmse=21.0, p_value=0.002),
        "A simpler model is more accurate: Linear",
        "On test, its RMSE is 20.00 against 21.00 for the LSTM (DM p = 0.002).",
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
        IntervalOffNominal(coverage=0.99, nominal=0.9, outcomes=1200),
        "The prediction interval over-covers",
        "It covers 99% of 1,200 test outcomes against a nominal 90%. Test errors are smaller than validation errors.",
    ),
    (
        ValidationGoodTestBad(r2_validation=0.16, r2_test=-0.02),
        "Good on validation, not on test",
        "Out-of-sample R² against persistence is 0.160 on validation and -0.020 on test. Either the pattern did not last, or too "
        "many models were selected on validation.",
    ),
    (
        OneSeriesWeighsMost(era="test", series="Nasdaq", share=0.88, series_count=3),
        "One series dominates the scores: Nasdaq",
        "On test, this one of 3 series contributes 88% of persistence's squared error. Errors are in the target's unit, so series "
        "with large moves dominate the scores and the verdict.",
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str) -> None:
    assert finding.title == title
    assert finding.detail == detail
    assert finding.remedy is None


BETTER_THAN_MEAN = replace(GOOD, rmse=12.8, dm_mean_statistic=-2.9, dm_mean_p_value=0.004)
DRIFT = replace(VARIED, drift_statistic=-0.5, drift_p_value=0.6)


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
    )


AGAINST_PERSISTENCE = "On 188 held-out test rows the LSTM's RMSE is {} against 22.90 for persistence (DM {})"
AGAINST_MEAN = (
    "On 188 held-out test rows the LSTM's RMSE is 12.80 against 16.00 for the train mean (DM {}), here a harder benchmark than "
    "persistence (22.90)"
)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (evaluation(None), "Cannot be judged yet: the test era is still sealed."),
        (
            evaluation(replace(GOOD, n=49)),
            "Cannot be judged: the test era has 49 rows, a verdict needs at least 50.",
        ),
        (
            evaluation(PERSISTENCE),
            "Cannot be judged: on 188 held-out test rows the errors of the LSTM equal those of persistence.",
        ),
        (
            evaluation(replace(GOOD, dm_statistic=None, dm_p_value=None)),
            "Cannot be judged: the 188 held-out test rows have too few time stamps for a test.",
        ),
        (
            replace(evaluation(GOOD), von_neumann_ratio=1.98),
            "Cannot be judged: no column holds the time, and the rows of the train era do not look ordered. The mean forecasts the "
            "next row better than the last value does.",
        ),
        (
            evaluation(GOOD),
            AGAINST_PERSISTENCE.format("21.00", "p = 0.0021")
            + ". Evidence of skill: squared error is 16% below persistence's.",
        ),
        (
            evaluation(GOOD, replace(VARIED, drift_rmse=21.1)),
            AGAINST_PERSISTENCE.format("21.00", "p = 0.0021")
            + ". Evidence of skill: squared error is 16% below persistence's; a constant drift alone accounts for 15.1%.",
        ),
        (
            evaluation(GOOD, DRIFT),
            AGAINST_PERSISTENCE.format("21.00", "p = 0.0021")
            + ", but not significantly better than a constant drift: no evidence of skill.",
        ),
        (evaluation(EVEN), AGAINST_PERSISTENCE.format("23.10", "p = 0.41") + ": no evidence of skill."),
        (evaluation(BAD), AGAINST_PERSISTENCE.format("40.00", "p < 0.001") + ": worse than persistence."),
        (
            evaluation(replace(GOOD, rmse=20.0), mean=replace(MEAN, rmse=16.0)),
            "Cannot be judged: on 188 held-out test rows the LSTM cannot be told from the train mean.",
        ),
        (
            evaluation(BETTER_THAN_MEAN, mean=MEAN),
            AGAINST_MEAN.format("p = 0.004") + ". Evidence of skill: squared error is 36% below the train mean's.",
        ),
        (
            evaluation(replace(BETTER_THAN_MEAN, dm_mean_p_value=0.6), mean=MEAN),
            AGAINST_MEAN.format("p = 0.6") + ": no evidence of skill.",
        ),
        (
            evaluation(replace(BETTER_THAN_MEAN, dm_mean_statistic=3.0), mean=MEAN),
            AGAINST_MEAN.format("p = 0.004") + ": worse than the train mean.",
        ),
        (
            evaluation(replace(BETTER_THAN_MEAN, dm_p_value=0.2), mean=MEAN),
            AGAINST_MEAN.format("p = 0.004")
            + ": better than the train mean, but not significantly better than persistence: no evidence of skill.",
        ),
        (
            evaluation(BETTER_THAN_MEAN, DRIFT, mean=MEAN),
            AGAINST_MEAN.format("p = 0.004")
            + ": better than the train mean, but not significantly better than a constant: no evidence of skill.",
        ),
    ],
)
def test_verdicts(given: Evaluation, sentence: str) -> None:
    assert reach_verdict(given).sentence == sentence


def test_errors_are_written_without_powers_of_ten() -> None:
    assert "RMSE is 1,234,568 against" in reach_verdict(evaluation(replace(GOOD, rmse=1234567.8))).sentence
    assert "RMSE is 0.0001235 against" in reach_verdict(evaluation(replace(GOOD, rmse=0.000123456))).sentence


def test_a_missing_backtest_has_a_reason() -> None:
    assert evaluation(GOOD).no_backtest == "No backtest: no row of the validation or test era was predicted."
    assert evaluation(GOOD, mean=MEAN).no_backtest == (
        "No backtest: on the train era the mean forecasts the target better than its last value does, so it is not a tradable "
        "price (a return, for example)."
    )
