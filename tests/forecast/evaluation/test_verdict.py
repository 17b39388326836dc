"""Verdicts: every reason and finding, on evaluations that have it and on close ones that do not."""

from dataclasses import replace

import numpy as np
import pytest

from core.forecast.evaluation.baselines import fit_baselines
from core.forecast.evaluation.by_series import SeriesWeight, TimeWeight
from core.forecast.evaluation.doubts import OutsideTrain
from core.forecast.evaluation.evaluation import Evaluation, evaluate
from core.forecast.evaluation.interval_scores import IntervalScores
from core.forecast.evaluation.intervals import calibrate_interval, gather_origins
from core.forecast.evaluation.level_predictions import predict_levels
from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.predictions_table import build_predictions
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.verdict import Reason, Verdict, find_outlook, find_reason, reach_verdict, title_verdict
from core.io.json import from_json, to_json
from core.quality.checks.suspected_leaks import SuspectedLeak
from core.recipe.model import EvaluationSettings, TrainingSettings
from core.samples.task import Task
from tests.forecast.evaluation.verdict_examples import (
    BAD,
    COPY,
    EVEN,
    GOOD,
    MEAN,
    PERSISTENCE,
    VARIED,
    scores,
    signals,
)

BETTER_THAN_LSTM = scores(0.8, 0.2, dm_lstm_statistic=-3.0, dm_lstm_p_value=0.002)
LEAK = SuspectedLeak(column="dpo", evidence="later rows", lead=8, share=0.84, delay=11)


def evaluation(test=GOOD, validation=GOOD, naive_checks=VARIED, interval=None, **rivals):
    return Evaluation(
        task=Task(target="close", predict="log_return", horizon=1),
        mean_is_rival="mean" in rivals,
        test=None if test is None else {"lstm": test, "persistence": PERSISTENCE} | rivals,
        validation={"lstm": validation, "persistence": PERSISTENCE},
        interval=interval,
        backtest=None,
        naive_checks=naive_checks,
    )


def codes(given):
    return {finding.code for finding in reach_verdict(given).findings}


def test_a_signal_and_a_lower_loss_are_skill():
    assert find_reason(evaluation()) == Reason.BETTER
    verdict = reach_verdict(evaluation())
    assert (verdict.level, verdict.findings) == ("skill", ())


def test_each_reason_has_a_level():
    levels = {reason: reason.level for reason in Reason}
    assert [reason for reason, level in levels.items() if level == "skill"] == [Reason.BETTER]
    assert [reason for reason, level in levels.items() if level == "worse"] == [Reason.WORSE]
    assert [reason for reason, level in levels.items() if level == "no_evidence"] == [
        Reason.NAIVE,
        Reason.NO_SIGNAL,
        Reason.CONSTANT,
        Reason.NOT_MORE_ACCURATE,
        Reason.MANY_TRIALS,
    ]


def test_no_signal_is_no_evidence():
    assert find_reason(evaluation(EVEN)) == Reason.NO_SIGNAL
    assert find_reason(evaluation(replace(GOOD, cw=signals(0.051)))) == Reason.NO_SIGNAL


def test_a_signal_without_a_lower_loss_is_no_evidence():
    assert find_reason(evaluation(replace(EVEN, cw=signals(0.01)))) == Reason.NOT_MORE_ACCURATE


def test_the_difference_in_accuracy_need_not_be_significant():
    assert find_reason(evaluation(replace(GOOD, dm_p_value=0.3))) == Reason.BETTER


def test_every_naive_forecast_must_be_beaten():
    drift = scores(0.9, 0.1)
    assert find_reason(evaluation(replace(GOOD, cw=signals(0.001, 0.01)), drift=drift)) == Reason.BETTER
    assert find_reason(evaluation(replace(GOOD, cw=signals(0.001, 0.2)), drift=drift)) == Reason.NO_SIGNAL
    lower = scores(0.7, 0.3)
    assert find_reason(evaluation(replace(GOOD, cw=signals(0.001, 0.01)), drift=lower)) == Reason.NOT_MORE_ACCURATE


def test_the_drift_is_not_counted_beside_the_train_mean():
    lstm = scores(0.4, 0.2, (-3.0, 0.01), cw=signals(0.001, 0.01, "mean"))
    assert find_reason(evaluation(lstm, mean=MEAN, drift=scores(0.3, 0.4))) == Reason.BETTER
    assert find_reason(evaluation(replace(lstm, cw=signals(0.001, 0.3, "mean")), mean=MEAN)) == Reason.NO_SIGNAL


@pytest.mark.parametrize(("flatness", "reason"), [(0.019, Reason.CONSTANT), (0.021, Reason.BETTER)])
def test_a_forecast_that_hardly_varies_is_a_drift(flatness, reason):
    assert find_reason(evaluation(naive_checks=replace(VARIED, flatness=flatness))) == reason


def judged(count, **counts):
    return Trials(**({"trained": count, "opened": 1, "judged_on_test": count} | counts))


@pytest.mark.parametrize(("count", "reason"), [(1, Reason.BETTER), (4, Reason.BETTER), (5, Reason.MANY_TRIALS)])
def test_the_signal_must_be_significant_as_the_best_of_all_trials(count, reason):
    given = replace(evaluation(replace(GOOD, cw=signals(0.01))), trials=judged(count))
    assert find_reason(given) == reason
    assert given.adjusted_p == pytest.approx(0.01 * count)
    assert ("trials" in reach_verdict(given).sentence) == (count > 1)


def test_the_weakest_signal_is_adjusted():
    lstm = replace(GOOD, cw=signals(0.001, 0.02))
    given = replace(evaluation(lstm, drift=scores(0.9, 0.1)), trials=judged(3))
    assert given.adjusted_p == pytest.approx(0.06)
    assert find_reason(given) == Reason.MANY_TRIALS


def test_trials_change_no_other_verdict():
    for given in (evaluation(EVEN), evaluation(BAD), evaluation(None), evaluation(replace(EVEN, cw=signals(0.01)))):
        assert find_reason(replace(given, trials=judged(100))) == find_reason(given)


def test_an_adjusted_p_is_at_most_1_and_needs_a_count():
    assert replace(evaluation(EVEN), trials=judged(100)).adjusted_p == 1
    assert evaluation().adjusted_p is None
    assert replace(evaluation(None), trials=judged(7)).adjusted_p is None


def test_skill_that_nobody_counted_says_so():
    assert "not counted" in reach_verdict(evaluation()).sentence
    assert "not counted" not in reach_verdict(replace(evaluation(), trials=judged(1))).sentence
    assert "not counted" not in reach_verdict(evaluation(BAD)).sentence


def test_an_era_that_was_opened_for_another_training_is_not_called_sealed():
    assert "sealed" in reach_verdict(replace(evaluation(None), trials=judged(0, opened=0))).sentence
    opened = reach_verdict(replace(evaluation(None), trials=judged(1)))
    assert "sealed" not in opened.sentence
    assert opened.level == "cannot_judge"


@pytest.mark.parametrize(("validation", "level"), [(GOOD, "skill"), (EVEN, "no_evidence"), (BAD, "worse")])
def test_the_outlook_is_that_of_validation_until_the_test_era_is_open(validation, level):
    sealed = evaluation(None, validation=validation)
    assert find_outlook(sealed) == level
    assert reach_verdict(sealed).level == "cannot_judge"
    assert "validation" in title_verdict(sealed)
    opened = evaluation(BAD, validation=validation)
    assert find_outlook(opened) == "worse"
    assert "validation" not in title_verdict(opened)


def test_there_is_no_outlook_while_a_column_is_suspected():
    assert find_outlook(replace(evaluation(None), suspected=(LEAK,))) == "cannot_judge"


def test_a_significantly_larger_loss_is_worse():
    assert find_reason(evaluation(BAD)) == Reason.WORSE


def test_a_suspected_column_leaves_no_verdict_until_it_is_answered():
    leaking = replace(evaluation(), suspected=(LEAK,))
    assert find_reason(leaking) == Reason.SUSPECTED_LEAK
    verdict = reach_verdict(leaking)
    assert verdict.level == "cannot_judge"
    assert "dpo" in verdict.sentence
    assert find_reason(replace(evaluation(None), suspected=(LEAK,))) == Reason.SEALED
    known = reach_verdict(replace(evaluation(), known_in_time=("dpo",)))
    assert known.level == "skill"
    assert "dpo" in known.sentence


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (None, Reason.SEALED),
        (replace(GOOD, n=49), Reason.TOO_FEW_ROWS),
        (replace(GOOD, cw={}), Reason.TOO_FEW_TIMES),
    ],
)
def test_a_verdict_that_cannot_be_reached_has_a_reason(test, reason):
    assert find_reason(evaluation(test)) == reason
    assert reach_verdict(evaluation(test)).level == "cannot_judge"


def test_a_forecast_that_is_the_naive_one_has_no_skill_and_one_without_any_error_cannot_be_judged():
    assert find_reason(evaluation(PERSISTENCE)) == Reason.NAIVE
    assert reach_verdict(evaluation(PERSISTENCE)).level == "no_evidence"
    exact = replace(PERSISTENCE, mean_loss=0.0)
    assert find_reason(evaluation(exact, persistence=exact)) == Reason.EQUAL_ERRORS
    assert reach_verdict(evaluation(exact, persistence=exact)).level == "cannot_judge"


@pytest.mark.fires("order-not-shown")
def test_rows_in_random_order_are_not_judged():
    unordered = replace(evaluation(), von_neumann_ratio=1.98)
    assert find_reason(unordered) == Reason.UNORDERED
    (finding,) = reach_verdict(unordered).findings
    assert (finding.code, finding.target, finding.ratio) == ("order-not-shown", "close", 1.98)
    sealed = replace(evaluation(None), von_neumann_ratio=1.98)
    assert find_reason(sealed) == Reason.SEALED
    assert reach_verdict(sealed).findings == (finding,)


@pytest.mark.silent("order-not-shown")
def test_rows_in_order_are_judged():
    assert reach_verdict(replace(evaluation(), von_neumann_ratio=0.99)) == reach_verdict(evaluation())
    assert reach_verdict(replace(evaluation(BAD), von_neumann_ratio=0.02)) == reach_verdict(evaluation(BAD))


def coverage(share, by_volatility=None, n=600):
    return IntervalScores(
        nominal=0.9,
        coverage=share,
        mean_width=1.0,
        calibration_rows=100,
        n=n,
        effective_n=n,
        coverage_by_volatility=by_volatility,
    )


def heaviest(share, of):
    return replace(VARIED, heaviest=SeriesWeight(series="Nasdaq", share=share, of=of))


@pytest.mark.parametrize(
    ("code", "given"),
    [
        pytest.param(
            "flat-predictions",
            evaluation(EVEN, naive_checks=replace(VARIED, flatness=0.04)),
            marks=pytest.mark.fires("flat-predictions"),
        ),
        pytest.param(
            "copies-yesterday",
            evaluation(EVEN, naive_checks=COPY),
            marks=pytest.mark.fires("copies-yesterday"),
        ),
        pytest.param(
            "beaten-by-simpler", evaluation(linear=BETTER_THAN_LSTM), marks=pytest.mark.fires("beaten-by-simpler")
        ),
        pytest.param(
            "direction-no-better-than-majority",
            evaluation(replace(GOOD, directional_accuracy=0.52)),
            marks=pytest.mark.fires("direction-no-better-than-majority"),
        ),
        pytest.param(
            "interval-off-nominal", evaluation(interval=coverage(0.7)), marks=pytest.mark.fires("interval-off-nominal")
        ),
        pytest.param(
            "interval-uneven",
            evaluation(interval=coverage(0.9, (0.95, 0.95, 0.8))),
            marks=pytest.mark.fires("interval-uneven"),
        ),
        pytest.param("validation-good-test-bad", evaluation(EVEN), marks=pytest.mark.fires("validation-good-test-bad")),
        pytest.param(
            "model-diverged",
            replace(evaluation(), diverged=("linear",)),
            marks=pytest.mark.fires("model-diverged"),
        ),
        pytest.param(
            "inputs-outside-train",
            replace(evaluation(), outside_train=(OutsideTrain(feature="vix", share=0.4),)),
            marks=pytest.mark.fires("inputs-outside-train"),
        ),
        pytest.param(
            "period-averages",
            replace(evaluation(), averaging=0.25),
            marks=pytest.mark.fires("period-averages"),
        ),
        pytest.param(
            "one-series-weighs-most",
            evaluation(naive_checks=heaviest(0.88, of=3)),
            marks=pytest.mark.fires("one-series-weighs-most"),
        ),
        pytest.param(
            "quality-problems-left",
            replace(evaluation(), problem_columns=("vix",)),
            marks=pytest.mark.fires("quality-problems-left"),
        ),
        pytest.param(
            "one-time-weighs-most",
            evaluation(naive_checks=replace(VARIED, heaviest_time=TimeWeight(time="2020-04-01", share=0.6))),
            marks=pytest.mark.fires("one-time-weighs-most"),
        ),
    ],
)
def test_a_weak_forecast_has_a_finding(code, given):
    assert code in codes(given)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        pytest.param("flat-predictions", evaluation(EVEN), marks=pytest.mark.silent("flat-predictions")),
        pytest.param(
            "flat-predictions",
            evaluation(naive_checks=replace(VARIED, flatness=0.04)),
            marks=pytest.mark.silent("flat-predictions"),
        ),
        pytest.param("copies-yesterday", evaluation(EVEN), marks=pytest.mark.silent("copies-yesterday")),
        pytest.param("model-diverged", evaluation(), marks=pytest.mark.silent("model-diverged")),
        pytest.param("quality-problems-left", evaluation(), marks=pytest.mark.silent("quality-problems-left")),
        pytest.param(
            "one-time-weighs-most",
            evaluation(naive_checks=replace(VARIED, heaviest_time=TimeWeight(time="2020-04-01", share=0.2))),
            marks=pytest.mark.silent("one-time-weighs-most"),
        ),
        pytest.param("inputs-outside-train", evaluation(), marks=pytest.mark.silent("inputs-outside-train")),
        pytest.param("period-averages", evaluation(), marks=pytest.mark.silent("period-averages")),
        pytest.param(
            "copies-yesterday",
            evaluation(naive_checks=COPY),
            marks=pytest.mark.silent("copies-yesterday"),
        ),
        pytest.param(
            "interval-uneven",
            evaluation(interval=coverage(0.9, (0.95, 0.95, 0.86))),
            marks=pytest.mark.silent("interval-uneven"),
        ),
        pytest.param(
            "interval-uneven",
            evaluation(interval=coverage(0.9, (0.95, 0.95, 0.8), n=120)),
            marks=pytest.mark.silent("interval-uneven"),
        ),
        pytest.param("beaten-by-simpler", evaluation(), marks=pytest.mark.silent("beaten-by-simpler")),
        pytest.param(
            "beaten-by-simpler",
            evaluation(linear=replace(BETTER_THAN_LSTM, mean_loss=0.9, dm_lstm_statistic=3.0)),
            marks=pytest.mark.silent("beaten-by-simpler"),
        ),
        pytest.param(
            "beaten-by-simpler",
            evaluation(linear=replace(BETTER_THAN_LSTM, dm_lstm_p_value=0.2)),
            marks=pytest.mark.silent("beaten-by-simpler"),
        ),
        pytest.param(
            "beaten-by-simpler",
            evaluation(linear=replace(BETTER_THAN_LSTM, dm_lstm_p_value=0.03), ar=GOOD),
            marks=pytest.mark.silent("beaten-by-simpler"),
        ),
        pytest.param(
            "beaten-by-simpler",
            evaluation(linear=replace(BETTER_THAN_LSTM, dm_lstm_statistic=None, dm_lstm_p_value=None)),
            marks=pytest.mark.silent("beaten-by-simpler"),
        ),
        pytest.param(
            "direction-no-better-than-majority",
            evaluation(),
            marks=pytest.mark.silent("direction-no-better-than-majority"),
        ),
        pytest.param(
            "direction-no-better-than-majority",
            evaluation(replace(GOOD, directional_accuracy=None)),
            marks=pytest.mark.silent("direction-no-better-than-majority"),
        ),
        pytest.param(
            "interval-off-nominal",
            evaluation(interval=coverage(0.87)),
            marks=pytest.mark.silent("interval-off-nominal"),
        ),
        pytest.param("interval-off-nominal", evaluation(None), marks=pytest.mark.silent("interval-off-nominal")),
        pytest.param("validation-good-test-bad", evaluation(), marks=pytest.mark.silent("validation-good-test-bad")),
        pytest.param(
            "validation-good-test-bad",
            evaluation(EVEN, validation=EVEN),
            marks=pytest.mark.silent("validation-good-test-bad"),
        ),
        pytest.param(
            "validation-good-test-bad", evaluation(None), marks=pytest.mark.silent("validation-good-test-bad")
        ),
        pytest.param("one-series-weighs-most", evaluation(), marks=pytest.mark.silent("one-series-weighs-most")),
        pytest.param(
            "one-series-weighs-most",
            evaluation(naive_checks=heaviest(0.45, of=3)),
            marks=pytest.mark.silent("one-series-weighs-most"),
        ),
        pytest.param(
            "one-series-weighs-most",
            evaluation(naive_checks=heaviest(0.7, of=2)),
            marks=pytest.mark.silent("one-series-weighs-most"),
        ),
    ],
)
def test_a_sound_forecast_has_no_finding(code, given):
    assert code not in codes(given)


def test_the_most_accurate_simpler_model_is_named_as_on_charts():
    given = evaluation(linear=replace(BETTER_THAN_LSTM, mean_loss=0.82), ar=BETTER_THAN_LSTM)
    (finding,) = reach_verdict(given).findings
    assert (finding.era, finding.rival, finding.p_value) == ("test", "Autoregression", 0.002)
    assert finding.gain == pytest.approx(1 - 0.8 / 0.84)


@pytest.mark.parametrize("share", [0.7, 0.99])
def test_an_interval_off_nominal_has_its_coverage(share):
    (finding,) = reach_verdict(evaluation(interval=coverage(share))).findings
    assert (finding.coverage, finding.nominal, finding.outcomes) == (share, 0.9, 600)


def test_a_verdict_is_read_back_from_json():
    verdict = reach_verdict(evaluation(EVEN))
    assert verdict.findings
    assert from_json(Verdict, to_json(verdict)) == verdict


def train_and_judge(w, folder, **fields):
    from core.forecast.network.training import train_lstm

    settings = TrainingSettings(
        **{"window": 6, "units": (8,), "epochs": 10, "batch_size": 32, "learning_rate": 0.01, "dropout": 0.0} | fields
    )
    windows = w.windows(settings.window)
    network = train_lstm(windows, settings, folder).network
    lstm = predict_levels(network, windows, w.task)
    origins = gather_origins(w.features, windows.samples, w.task, w.task.change(windows.samples.base, lstm))
    interval = calibrate_interval(windows, origins, 0.9)
    ends = None if interval is None else interval.follow(w.task, origins)[0]
    loss = choose_loss(w.features, w.samples, w.task)
    rivals = fit_baselines(w.features, windows, w.samples, w.task, EvaluationSettings(), loss, 0)
    predictions = build_predictions(w.features, windows, w.task, {"lstm": lstm} | rivals, ends, True)
    found = evaluate(predictions, w.features, w.samples, w.task, loss, interval, 5.0)
    return found, reach_verdict(found)


@pytest.mark.slow
def test_a_planted_signal_is_skill(world, random_walk, tmp_path):
    found, verdict = train_and_judge(world(random_walk(1500, 8, ar=0.6)), tmp_path)
    assert verdict.level == "skill"
    assert found.test["lstm"].r2_oos > 0.2
    assert found.test["lstm"].pt_p_value < 0.01
    assert found.test["lstm"].cw["persistence"].p_value < 1e-6
    assert found.interval.coverage == pytest.approx(0.9, abs=0.06)
    assert found.backtest.gross > 0


@pytest.mark.slow
def test_a_planted_sine_is_skill(world, tmp_path):
    wave = 100 + 10 * np.sin(np.arange(900) / 5) + np.random.default_rng(0).normal(0, 0.5, 900)
    _, verdict = train_and_judge(world(wave, predict="log_return"), tmp_path)
    assert verdict.level == "skill"
    assert "copies-yesterday" not in {finding.code for finding in verdict.findings}


@pytest.mark.slow
def test_at_most_one_of_four_random_walks_is_skill(world, random_walk, tmp_path):
    # A test at 5% errs now and then; the simulation counts how often.
    judged = [
        train_and_judge(world(random_walk(1500, seed)), tmp_path / str(seed), epochs=4, seed=seed)
        for seed in range(1, 5)
    ]
    levels = [verdict.level for _, verdict in judged]
    assert levels.count("skill") <= 1
    for found, verdict in judged:
        # A network that keeps its initial weights is persistence itself.
        is_naive = found.test["lstm"].mean_loss == found.test["persistence"].mean_loss
        assert (find_reason(found) == Reason.NAIVE) is is_naive
        assert verdict.level in ("no_evidence", "worse", "skill")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_uncorrelated_returns_are_not_skill_although_persistence_is_beaten(world, tmp_path, seed):
    found, verdict = train_and_judge(world(np.random.default_rng(seed).normal(size=1500)), tmp_path, epochs=4)
    assert found.test["lstm"].cw["persistence"].p_value < 0.001
    assert verdict.level in {"no_evidence", "worse"}


@pytest.mark.slow
def test_autocorrelated_returns_are_skill(world, random_walk, tmp_path):
    returns = np.diff(random_walk(2501, 8, ar=0.45))
    found, verdict = train_and_judge(world(returns, {"level": returns}), tmp_path)
    assert found.mean_is_rival
    assert verdict.level == "skill"
