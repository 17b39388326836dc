"""Forecasts by accumulated sums agree with a loop of scikit-learn's Ridge, fitted from scratch at each cut."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from core.quality.forecastability.expanding_ridge import fit_early, forecast, lay_out
from core.quality.forecastability.timeline import Timeline

ROWS, QUESTIONS, FEATURES = 300, 4, 3


def example() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    features = random.normal(size=(QUESTIONS, FEATURES, ROWS)) * 5 + 2
    outcome = features.sum(axis=1) + random.normal(size=(QUESTIONS, ROWS))
    features[0, 1, 40:50] = np.nan
    outcome[1, ::7] = np.nan
    return features.astype(np.float32), outcome


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("is_panel", [False, True])
def test_the_forecasts_are_those_of_a_loop_of_ridge_fits(horizon: int, is_panel: bool) -> None:
    features, outcome = example()
    series = np.arange(ROWS) // (ROWS // 2 if is_panel else ROWS)
    timeline = Timeline(series=series, stamps=np.arange(ROWS) % (ROWS // 2) if is_panel else np.arange(ROWS))
    cuts = list(timeline.cuts(horizon))
    found = forecast(lay_out(features, outcome, cuts[0].learn), cuts)
    for question in range(QUESTIONS):
        usable = np.isfinite(outcome[question]) & np.isfinite(features[question]).all(axis=0)
        rows = np.arange(ROWS)
        early = rows[cuts[0].learn][usable[cuts[0].learn]]
        x = features[question].T.astype(np.float64)
        scaled = np.clip((x - x[early].mean(axis=0)) / x[early].std(axis=0), -8, 8)
        learned = np.array([], dtype=int)
        for cut in cuts:
            learned = np.r_[learned, rows[cut.learn][usable[cut.learn]]]
            fitted = Ridge(alpha=10).fit(scaled[learned], outcome[question, learned])
            now = rows[cut.forecast][usable[cut.forecast]]
            np.testing.assert_allclose(found[question, now], fitted.predict(scaled[now]), rtol=1e-3, atol=1e-3)
        assert np.isnan(found[question, ~usable]).all()
        assert np.isnan(found[question, timeline.early]).all()


def test_early_residuals_are_those_of_the_first_fit() -> None:
    features, outcome = example()
    early = slice(0, 100)
    residuals = fit_early(lay_out(features, outcome, early), early)
    x = features[3, :, early].T.astype(np.float64)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    oracle = outcome[3, early] - Ridge(alpha=10).fit(x, outcome[3, early]).predict(x)
    np.testing.assert_allclose(residuals[3], oracle, atol=1e-3)
