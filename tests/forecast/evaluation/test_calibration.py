"""Calibration and reliability of probabilities: known answers, planted overconfidence, no knowledge of the test era."""

from dataclasses import replace

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation.calibration import SUREST, Calibration
from core.forecast.evaluation.fit_calibration import fit_calibration
from core.forecast.evaluation.reliability import hosmer_lemeshow, measure_reliability
from tests.forecast.conftest import build_world, walk


def overconfident(seed: int, factor: float, count: int = 6000):
    """A world of directions whose true log odds are known, and forecasts with `factor` times as large ones."""
    w = build_world(walk(count, seed), predict="direction")
    chance = np.random.default_rng(seed)
    truth = 0.8 * chance.normal(size=len(w.samples.rows))
    rises = (chance.random(len(truth)) < 1 / (1 + np.exp(-truth))).astype(float)
    samples = replace(w.samples, outcome=np.where(np.isfinite(w.samples.outcome), rises, np.nan))
    return samples, 1 / (1 + np.exp(-factor * truth)), 1 / (1 + np.exp(-truth))


@pytest.mark.parametrize("factor", [2.0, 4.0])
def test_overconfidence_is_divided_out(factor):
    samples, forecast, truth = overconfident(1, factor)
    found = fit_calibration(forecast, samples, 1, 0.9)
    assert found.slope == pytest.approx(1 / factor, abs=3 * found.slope_error)
    test = samples.of(Era.TEST)
    errors = [np.abs(found.apply(forecast) - truth)[test].mean(), np.abs(forecast - truth)[test].mean()]
    assert errors[0] < 0.3 * errors[1]


def test_confidence_is_never_raised():
    samples, forecast, _ = overconfident(2, 0.5)
    assert fit_calibration(forecast, samples, 1, 0.9).slope == pytest.approx(1, abs=1e-4)


def test_noise_is_drawn_to_the_train_frequency():
    samples, _, _ = overconfident(3, 1.0)
    noise = 1 / (1 + np.exp(-np.random.default_rng(0).normal(size=len(samples.rows))))
    assert fit_calibration(noise, samples, 1, 0.9).slope < 0.15


def test_a_constant_forecast_has_no_slope_to_fit():
    samples, _, _ = overconfident(4, 1.0)
    log_odds = fit_calibration(np.full(len(samples.rows), 0.5), samples, 1, 0.9).log_odds
    found = fit_calibration(np.full(len(samples.rows), 1 / (1 + np.exp(-log_odds))), samples, 1, 0.9)
    assert found.is_consistent()
    assert found.slope_error < 10


def test_calibration_does_not_see_the_test_era():
    samples, forecast, _ = overconfident(5, 2.0)
    outcome = samples.outcome.copy()
    outcome[samples.of(Era.TEST)] = 1 - outcome[samples.of(Era.TEST)]
    assert fit_calibration(forecast, samples, 1, 0.9) == fit_calibration(
        forecast, replace(samples, outcome=outcome), 1, 0.9
    )


def test_the_band_holds_the_probability_and_widens_with_its_distance():
    found = Calibration(log_odds=0.1, log_odds_error=0.05, slope=0.5, slope_error=0.2, coverage=0.9)
    forecast = np.array([0.05, 0.5, 0.95])
    low, high = found.band(forecast)
    middle = found.apply(forecast)
    assert (low < middle).all()
    assert (middle < high).all()
    assert (high - low)[[0, 2]].min() > (high - low)[1]


def test_no_probability_is_sure():
    found = Calibration(log_odds=0.0, log_odds_error=0.0, slope=1.0, slope_error=0.0, coverage=0.9)
    assert found.apply(np.array([-0.5, 1.5])).tolist() == pytest.approx(SUREST)


@pytest.mark.parametrize(("field", "value"), [("slope", 1.5), ("slope", np.nan), ("log_odds", 60), ("coverage", 1.0)])
def test_a_foreign_calibration_is_refused(field, value):
    good = Calibration(log_odds=0.0, log_odds_error=0.1, slope=0.5, slope_error=0.1, coverage=0.9)
    assert good.is_consistent()
    assert not replace(good, **{field: value}).is_consistent()


def test_reliable_probabilities_pass_and_overconfident_ones_fail():
    chance = np.random.default_rng(6)
    truth = chance.uniform(0.2, 0.8, size=(400, 600))
    rose = (chance.random(truth.shape) < truth).astype(float)
    size = np.mean([hosmer_lemeshow(measure_reliability(p, y, 1), 1) < 0.05 for p, y in zip(truth, rose, strict=True)])
    assert 0.02 <= size <= 0.09
    extreme = np.clip(0.5 + 1.6 * (truth - 0.5), 0.02, 0.98)
    found = [hosmer_lemeshow(measure_reliability(p, y, 1), 1) < 0.05 for p, y in zip(extreme, rose, strict=True)]
    assert np.mean(found) > 0.5


def test_bins_hold_every_forecast_once():
    chance = np.random.default_rng(7)
    predicted = np.round(chance.uniform(size=137), 1)
    actual = (chance.random(137) < predicted).astype(float)
    bins = measure_reliability(predicted, actual, 1)
    assert sum(each.n for each in bins) == 137
    assert sum(each.n * each.observed for each in bins) == pytest.approx(actual.sum())
    assert all(each.low <= each.observed <= each.high for each in bins)
    assert measure_reliability(predicted[:19], actual[:19], 1) == ()
