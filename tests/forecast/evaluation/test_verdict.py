"""Verdicts: every level and finding fires where it should, stays silent where it should not, and says its numbers."""

from dataclasses import replace

import numpy as np
import pytest

from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.evaluation import (
    Evaluation,
    NaiveChecks,
    build_predictions,
    calibrate_interval,
    evaluate,
    predict_levels,
)
from core.forecast.evaluation.intervals import IntervalScores
from core.forecast.evaluation.scores import Scores, SeriesWeight
from core.forecast.evaluation.verdict import Verdict, judge
from core.io.json import from_json, to_json
from core.recipe.model import EvaluationSettings, TrainingSettings
from core.samples.task import Task

GOOD = Scores(
    n=188,
    rmse=21.0,
    mae=15.0,
    mase=0.9,
    r2_oos=0.16,
    directional_accuracy=0.58,
    dm_statistic=-3.1,
    dm_p_value=0.0021,
    pt_statistic=2.0,
    pt_p_value=0.02,
)
EVEN = Scores(
    n=188,
    rmse=23.1,
    mae=17.0,
    mase=1.0,
    r2_oos=-0.02,
    directional_accuracy=0.58,
    dm_statistic=0.8,
    dm_p_value=0.41,
    pt_statistic=0.1,
    pt_p_value=0.4,
)
BAD = Scores(
    n=188,
    rmse=40.0,
    mae=30.0,
    mase=1.9,
    r2_oos=-2.1,
    directional_accuracy=0.45,
    dm_statistic=6.0,
    dm_p_value=1e-7,
    pt_statistic=-1.0,
    pt_p_value=0.8,
)
PERSISTENCE = Scores(
    n=188,
    rmse=22.9,
    mae=17.0,
    mase=1.0,
    r2_oos=0.0,
    directional_accuracy=None,
    dm_statistic=None,
    dm_p_value=None,
    pt_statistic=None,
    pt_p_value=None,
)
NEARER = replace(GOOD, rmse=20.0, dm_lstm_statistic=-3.0, dm_lstm_p_value=0.002)
LIVELY = NaiveChecks(
    era="test",
    flatness=0.5,
    lag_peak=0,
    majority_share=0.52,
    drift_rmse=22.9,
    drift_statistic=-3.0,
    drift_p_value=0.003,
)


def evaluation(test=GOOD, validation=GOOD, naive_checks=LIVELY, interval=None, **rivals):
    return Evaluation(
        task=Task(target="close", predict="log_return", horizon=1),
        test=None if test is None else {"lstm": test, "persistence": PERSISTENCE} | rivals,
        validation={"lstm": validation, "persistence": PERSISTENCE},
        interval=interval,
        backtest=None,
        naive_checks=naive_checks,
    )


def codes(given):
    return {finding.code for finding in judge(given).findings}


def test_a_clearly_smaller_error_is_skill():
    verdict = judge(evaluation())
    assert verdict == Verdict(
        level="skill",
        sentence="On 188 sealed test rows the LSTM's RMSE is 21.00 against 22.90 for persistence (DM p = 0.0021): "
        "evidence of skill, 16 % of the squared error is gone.",
        findings=(),
    )


def test_what_a_drift_alone_takes_away_is_told():
    told = judge(evaluation(naive_checks=replace(LIVELY, drift_rmse=21.1)))
    assert told.level == "skill"
    assert told.sentence.endswith("16 % of the squared error is gone, 15.1 % by its mean change alone, a drift.")


def test_an_error_that_may_be_luck_is_no_evidence():
    verdict = judge(evaluation(EVEN))
    assert verdict.level == "no_evidence"
    assert verdict.sentence == (
        "On 188 sealed test rows the LSTM's RMSE is 23.10 against 22.90 for persistence (DM p = 0.41): "
        "no evidence of skill."
    )
    assert judge(evaluation(replace(GOOD, dm_p_value=0.051))).level == "no_evidence"


@pytest.mark.parametrize(
    ("flatness", "statistic", "p_value"),
    [(0.01, -3.0, 0.003), (0.03, None, None), (0.03, -1.9, 0.06), (0.03, 2.5, 0.01)],
)
def test_a_drift_that_pointed_the_right_way_is_no_skill(flatness, statistic, p_value):
    naive_checks = replace(LIVELY, flatness=flatness, drift_statistic=statistic, drift_p_value=p_value)
    drift = judge(evaluation(naive_checks=naive_checks))
    assert drift.level == "no_evidence"
    assert "a drift" in drift.sentence
    assert "flat-predictions" in {finding.code for finding in drift.findings}
    lstm = replace(GOOD, rmse=12.8, dm_mean_statistic=-2.9, dm_mean_p_value=0.004)
    other = judge(evaluation(lstm, naive_checks=naive_checks, mean=MEAN))
    assert other.level == "no_evidence"
    assert "not clearly than its own" in other.sentence


def test_a_clearly_larger_error_is_worse():
    verdict = judge(evaluation(BAD))
    assert verdict.level == "worse"
    assert "(DM p < 0.001)" in verdict.sentence


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (None, "still sealed"),
        (replace(GOOD, n=49), "49 rows, and at least 50"),
        (replace(PERSISTENCE), "the same errors of the LSTM as of persistence"),
        (replace(GOOD, dm_statistic=None, dm_p_value=None), "too few time stamps"),
    ],
)
def test_what_cannot_be_judged_is_said(test, reason):
    verdict = judge(evaluation(test))
    assert verdict.level == "cannot_judge"
    assert verdict.sentence.startswith("Could not be judged")
    assert reason in verdict.sentence


MEAN = Scores(
    n=188,
    rmse=16.0,
    mae=12.0,
    mase=0.8,
    r2_oos=0.5,
    directional_accuracy=0.6,
    dm_statistic=-5.0,
    dm_p_value=1e-6,
    pt_statistic=None,
    pt_p_value=None,
)


@pytest.mark.parametrize(
    ("statistic", "p_value", "level", "words"),
    [
        (-2.9, 0.004, "skill", "evidence of skill, 36 % of the squared error is gone"),
        (-0.5, 0.6, "no_evidence", "no evidence of skill"),
        (3.0, 0.003, "worse", "worse than always saying the mean"),
    ],
)
def test_where_the_train_mean_is_the_harder_rival_it_must_be_beaten(statistic, p_value, level, words):
    lstm = replace(GOOD, rmse=12.8, dm_mean_statistic=statistic, dm_mean_p_value=p_value)
    verdict = judge(evaluation(lstm, mean=MEAN))
    assert verdict.level == level
    assert "against 16.00 for the train mean" in verdict.sentence
    assert "persistence with 22.90" in verdict.sentence
    assert words in verdict.sentence


def test_where_persistence_is_the_harder_rival_the_mean_is_not_spoken_of():
    assert judge(evaluation(mean=replace(MEAN, rmse=30.0))).sentence == judge(evaluation()).sentence


def test_a_test_era_that_does_not_tell_from_the_mean_is_not_judged():
    assert judge(evaluation(mean=MEAN)).level == "cannot_judge"


def test_rows_that_are_only_counted_must_show_that_their_order_is_one():
    listed = judge(replace(evaluation(), neighbours=1.98))
    assert listed.level == "cannot_judge" and "no column tells the time" in listed.sentence
    (finding,) = listed.findings
    assert finding.code == "order-not-shown" and "1.980 times its variance" in finding.detail
    sealed = judge(replace(evaluation(None), neighbours=1.98))
    assert "still sealed" in sealed.sentence and sealed.findings == (finding,)
    assert judge(replace(evaluation(), neighbours=0.99)) == judge(evaluation())
    assert judge(replace(evaluation(BAD), neighbours=0.02)) == judge(evaluation(BAD))


def test_large_and_small_errors_are_written_without_powers_of_ten():
    large = judge(evaluation(replace(GOOD, rmse=1234567.8))).sentence
    small = judge(evaluation(replace(GOOD, rmse=0.000123456))).sentence
    assert "RMSE is 1,234,568 against" in large
    assert "RMSE is 0.0001235 against" in small


@pytest.mark.parametrize(
    ("code", "fires", "silent"),
    [
        (
            "flat-predictions",
            evaluation(EVEN, naive_checks=replace(LIVELY, flatness=0.04)),
            [evaluation(EVEN), evaluation(naive_checks=replace(LIVELY, flatness=0.04))],
        ),
        (
            "copies-yesterday",
            evaluation(EVEN, naive_checks=replace(LIVELY, lag_peak=1)),
            [evaluation(EVEN), evaluation(EVEN, naive_checks=replace(LIVELY, lag_peak=2))],
        ),
        (
            "beaten-by-simpler",
            evaluation(linear=NEARER),
            [
                evaluation(),
                evaluation(linear=replace(NEARER, rmse=21.5, dm_lstm_statistic=3.0)),
                evaluation(linear=replace(NEARER, dm_lstm_p_value=0.2)),
                evaluation(linear=replace(NEARER, dm_lstm_p_value=0.03), ar=GOOD),
                evaluation(linear=replace(NEARER, dm_lstm_statistic=None, dm_lstm_p_value=None)),
            ],
        ),
        (
            "direction-no-better-than-majority",
            evaluation(replace(GOOD, directional_accuracy=0.52)),
            [evaluation(), evaluation(replace(GOOD, directional_accuracy=None))],
        ),
        (
            "interval-off-nominal",
            evaluation(interval=IntervalScores(nominal=0.9, coverage=0.7, mean_width=1.0, calibration_rows=100)),
            [
                evaluation(interval=IntervalScores(nominal=0.9, coverage=0.87, mean_width=1.0, calibration_rows=100)),
                evaluation(None),
            ],
        ),
        (
            "validation-good-test-bad",
            evaluation(EVEN),
            [evaluation(), evaluation(EVEN, validation=EVEN), evaluation(None)],
        ),
        (
            "one-series-weighs-most",
            evaluation(naive_checks=replace(LIVELY, heaviest=SeriesWeight(series="Nasdaq", share=0.88, of=3))),
            [
                evaluation(),
                evaluation(naive_checks=replace(LIVELY, heaviest=SeriesWeight(series="Nasdaq", share=0.45, of=3))),
                evaluation(naive_checks=replace(LIVELY, heaviest=SeriesWeight(series="Nasdaq", share=0.7, of=2))),
            ],
        ),
    ],
)
def test_a_finding_fires_where_it_should_and_nowhere_else(code, fires, silent):
    assert code in codes(fires)
    for given in silent:
        assert code not in codes(given)


def test_the_best_of_the_rivals_is_named_as_on_the_charts():
    (finding,) = judge(evaluation(linear=replace(NEARER, rmse=20.5), ar=NEARER)).findings
    assert finding.title == "A simpler model is better: Autoregression"
    assert "20.00" in finding.detail and "DM p = 0.002" in finding.detail


@pytest.mark.parametrize(("coverage", "how"), [(0.7, "too narrow: it holds less"), (0.99, "too wide: it holds more")])
def test_an_interval_that_is_off_says_on_which_side(coverage, how):
    (finding,) = judge(
        evaluation(interval=IntervalScores(nominal=0.9, coverage=coverage, mean_width=1.0, calibration_rows=100))
    ).findings
    assert how in finding.title
    assert f"held {100 * coverage:.3g} %" in finding.detail


def test_a_verdict_comes_back_from_json():
    verdict = judge(evaluation(EVEN))
    assert verdict.findings
    assert from_json(Verdict, to_json(verdict)) == verdict


def walk_to_the_verdict(w, folder, **fields):
    from core.forecast.network.training import train_lstm

    settings = TrainingSettings(
        **{"window": 6, "units": (8,), "epochs": 10, "batch_size": 32, "learning_rate": 0.01, "dropout": 0.0} | fields
    )
    windows, scaling = w.windows(settings.window), w.scaling()
    model = train_lstm(windows, settings, folder)
    lstm = predict_levels(model.network, windows, scaling, w.task)
    interval = calibrate_interval(windows, w.task, lstm, 0.9)
    rivals = fit_baselines(w.features, windows, w.samples, w.task, EvaluationSettings(), 0)
    predictions = build_predictions(w.features, windows, w.task, {"lstm": lstm} | rivals, interval, True)
    found = evaluate(predictions, w.features, w.samples, w.task, interval, 5.0)
    return found, judge(found)


@pytest.mark.slow
def test_a_planted_signal_is_called_skill(world, random_walk, tmp_path):
    found, verdict = walk_to_the_verdict(world(random_walk(1500, 8, ar=0.6)), tmp_path)
    assert verdict.level == "skill"
    assert found.test["lstm"].r2_oos > 0.2
    assert found.test["lstm"].pt_p_value < 0.01
    assert found.interval.coverage == pytest.approx(0.9, abs=0.06)
    assert found.backtest.gross > 0


@pytest.mark.slow
def test_a_planted_sine_is_called_skill(world, tmp_path):
    wave = 100 + 10 * np.sin(np.arange(900) / 5) + np.random.default_rng(0).normal(0, 0.5, 900)
    _, verdict = walk_to_the_verdict(world(wave, predict="log_return"), tmp_path)
    assert verdict.level == "skill"
    assert "copies-yesterday" not in {finding.code for finding in verdict.findings}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_walk_is_not_called_skill(world, random_walk, tmp_path, seed):
    _, verdict = walk_to_the_verdict(world(random_walk(1500, seed)), tmp_path, epochs=4, seed=seed)
    assert verdict.level in {"no_evidence", "worse"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_returns_without_memory_are_not_called_skill_though_the_last_one_is_easily_beaten(world, tmp_path, seed):
    found, verdict = walk_to_the_verdict(world(np.random.default_rng(seed).normal(size=1500)), tmp_path, epochs=4)
    assert found.test["lstm"].dm_p_value < 0.001
    assert found.test["lstm"].r2_oos > 0.3
    assert verdict.level in {"no_evidence", "worse"}


@pytest.mark.slow
def test_returns_that_remember_are_called_skill(world, random_walk, tmp_path):
    returns = np.diff(random_walk(2501, 8, ar=0.45))
    found, verdict = walk_to_the_verdict(world(returns, {"level": returns}), tmp_path)
    assert "mean" in found.test
    assert verdict.level == "skill"
