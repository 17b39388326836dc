"""The checklist behind the verdict: what passes, what fails, what is not known, and on which era."""

from dataclasses import replace

import pytest

from core.forecast.evaluation.doubts import OutsideTrain
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.evidence import list_evidence
from core.forecast.evaluation.interval_scores import IntervalScores
from core.forecast.evaluation.naive_checks import NaiveChecks
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.verdict import reach_verdict
from core.samples.task import Task
from tests.forecast.evaluation.verdict_examples import COPY, EVEN, GOOD, PERSISTENCE, VARIED, scores, signals

SIGNAL, ACCURATE, TRIALS, COPIES, VARIES, DIRECTION, SIMPLER, COVERAGE, DOUBTS = range(9)
BETTER_THAN_LSTM = scores(0.8, 0.2, dm_lstm_statistic=-3.0, dm_lstm_p_value=0.002)


def evaluation(test=GOOD, checks=VARIED, coverage=0.9, judged=1, **rivals):
    return Evaluation(
        task=Task(target="close", predict="log_return", horizon=1),
        mean_is_rival=False,
        test=None if test is None else {"lstm": test, "persistence": PERSISTENCE} | rivals,
        validation={"lstm": EVEN, "persistence": PERSISTENCE},
        interval=IntervalScores(
            nominal=0.9, coverage=coverage, mean_width=1.0, calibration_rows=100, n=188, effective_n=188
        ),
        backtest=None,
        naive_checks=checks,
        trials=Trials(trained=judged, opened=1, judged_on_test=judged),
    )


def marks(given):
    return [check.passed for check in list_evidence(given)]


def test_a_skilful_forecast_passes_every_check():
    assert reach_verdict(evaluation()).level == "skill"
    assert marks(evaluation()) == [True] * 9


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        (evaluation(replace(GOOD, cw=signals(0.2))), {SIGNAL, TRIALS}),
        (evaluation(replace(GOOD, cw=signals(0.01)), judged=7), {TRIALS}),
        (evaluation(replace(GOOD, mean_loss=1.01, r2_oos=-0.01)), {ACCURATE}),
        (evaluation(replace(GOOD, cw=signals(0.2)), checks=COPY), {SIGNAL, TRIALS, COPIES}),
        (evaluation(checks=replace(VARIED, flatness=0.01)), {VARIES}),
        (evaluation(replace(GOOD, directional_accuracy=0.52)), {DIRECTION}),
        (evaluation(replace(GOOD, pt_p_value=0.2)), {DIRECTION}),
        (evaluation(linear=BETTER_THAN_LSTM), {SIMPLER}),
        (evaluation(coverage=0.7), {COVERAGE}),
        (replace(evaluation(), outside_train=(OutsideTrain(feature="vix", share=0.4),)), {DOUBTS}),
        (replace(evaluation(), known_in_time=("dpo",)), {DOUBTS}),
        (replace(evaluation(), averaging=0.25), {DOUBTS}),
        (replace(evaluation(), diverged=("linear",)), {DOUBTS}),
    ],
)
def test_each_weakness_fails_its_check(given, failed):
    assert {place for place, passed in enumerate(marks(given)) if passed is False} == failed


def test_each_naive_forecast_has_its_own_line():
    drift = scores(0.9, 0.1)
    assert marks(evaluation(replace(GOOD, cw=signals(0.001, 0.2)), drift=drift))[:2] == [True, False]


def test_what_was_not_counted_or_measured_is_not_known():
    uncounted = marks(replace(evaluation(), trials=Trials()))
    assert uncounted[TRIALS] is None
    few = NaiveChecks(era="test", flatness=None, slope=None, slope_p_value=None, majority_share=None)
    assert [marks(evaluation(checks=few))[place] for place in (COPIES, VARIES)] == [None, None]
    assert marks(evaluation(replace(GOOD, cw={})))[SIGNAL] is None
    assert marks(evaluation(replace(GOOD, pt_p_value=None)))[DIRECTION] is None


def test_a_sealed_era_is_judged_by_validation_without_trials_and_coverage():
    sealed = list_evidence(evaluation(None))
    assert len(sealed) == 9 - 2
    assert sealed[SIGNAL].passed is False
    assert list_evidence(replace(evaluation(None), validation={})) == ()
