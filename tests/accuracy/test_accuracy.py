"""Tests of predictive accuracy against published formulas, and their size and power by simulation."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from core.accuracy.clark_west import clark_west
from core.accuracy.diebold_mariano import diebold_mariano
from core.accuracy.mean_test import mean_p_values, mean_test

REPLICATIONS = 2_000


def test_the_plain_test_is_students_t() -> None:
    series = np.random.default_rng(0).normal(0.1, 1, 200)
    found = mean_test(series)
    oracle = OLS(series, np.ones(200)).fit()
    assert found.statistic == pytest.approx(oracle.tvalues[0])
    assert found.two_sided == pytest.approx(oracle.pvalues[0])


@pytest.mark.parametrize("horizon", [1, 5, 21])
def test_many_series_are_tested_as_each_alone(horizon: int) -> None:
    series = np.random.default_rng(3).normal(0.1, 1, (7, 200))
    oracle = [mean_test(line, horizon).p_value for line in series]
    assert mean_p_values(series, horizon) == pytest.approx(oracle)


def test_missing_rows_keep_their_place_in_time() -> None:
    series = np.random.default_rng(4).normal(0.1, 1, (1, 200))
    shortened = np.hstack([series, np.full((1, 50), np.nan)])
    assert mean_p_values(shortened) == pytest.approx([mean_test(series[0]).p_value])
    assert mean_p_values(shortened, 5) == pytest.approx([mean_test(series[0], 5).p_value], abs=0.02)
    assert np.isnan(mean_p_values(np.full((1, 30), np.nan))).all()
    assert np.isnan(mean_p_values(np.ones((1, 30)))).all()


def test_the_interval_of_a_mean_is_students_t() -> None:
    series = np.random.default_rng(0).normal(0.1, 1, 200)
    oracle = OLS(series, np.ones(200)).fit().conf_int(0.05)[0]
    assert mean_test(series).interval() == pytest.approx(tuple(oracle))
    assert mean_test(series[:5]).interval() is None


@pytest.mark.parametrize("horizon", [1, 5])
def test_an_interval_leaves_out_0_exactly_if_the_difference_is_significant(horizon: int) -> None:
    random = np.random.default_rng(3)
    significant = 0
    for _ in range(200):
        a, b = random.normal(size=(2, 60)) ** 2
        found = diebold_mariano(a, b + random.normal(0, 0.4), horizon)
        low, high = found.interval()
        assert (low > 0 or high < 0) == (found.two_sided < 0.05)
        significant += found.two_sided < 0.05
    assert 20 < significant < 180


@pytest.mark.simulation
def test_the_interval_of_a_loss_difference_covers_the_true_one() -> None:
    random = np.random.default_rng(4)
    true = 1.2**2 - 1
    covered = 0
    for _ in range(REPLICATIONS):
        low, high = diebold_mariano((1.2 * random.normal(size=200)) ** 2, random.normal(size=200) ** 2).interval()
        covered += low < true < high
    assert 0.935 < covered / REPLICATIONS < 0.965


def test_harveys_correction_agrees_with_statsmodels() -> None:
    from statsmodels.tsa.stattools import diebold_mariano_test

    random = np.random.default_rng(1)
    actual, a, b = random.normal(size=(3, 150))
    oracle = diebold_mariano_test(actual, a, b, harvey_adj=True, horizon=1, lags=0)
    found = diebold_mariano((actual - a) ** 2, (actual - b) ** 2)
    assert abs(found.statistic) == pytest.approx(abs(float(oracle.statistic)), rel=0.02)


def test_a_panel_counts_its_stamps_and_not_its_rows() -> None:
    random = np.random.default_rng(2)
    actual, naive, model = random.normal(size=(3, 60))
    once = clark_west(actual, naive, model)
    twice = clark_west(
        np.repeat(actual, 2), np.repeat(naive, 2), np.repeat(model, 2), stamps=np.repeat(np.arange(60), 2)
    )
    assert twice == once


@pytest.mark.parametrize("series", [np.zeros(50), np.ones(50), np.arange(5.0), np.array([])])
def test_a_series_without_variance_or_rows_has_no_p_value(series: np.ndarray) -> None:
    for horizon in (1, 5):
        assert mean_test(series, horizon).p_value is None


# What the tests find and how often they err, by simulation


def noise(random: np.random.Generator, kind: str, shape: tuple[int, int]) -> np.ndarray:
    if kind == "t4":
        return random.standard_t(4, shape)
    values = random.standard_normal(shape)
    if kind == "garch":
        variance = np.ones(shape[0])
        for row in range(shape[1]):
            shock = values[:, row] * np.sqrt(variance)
            values[:, row] = shock
            variance = 0.05 + 0.1 * shock**2 + 0.85 * variance
    return values


def forecasts(returns: np.ndarray, horizon: int, burn_in: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes over `horizon` rows, the running mean and an expanding regression on the last return; (series, rows)."""
    total = np.cumsum(np.pad(returns, ((0, 0), (1, 0))), axis=1)
    outcome = total[:, horizon:] - total[:, :-horizon]
    # Origin t sees returns up to t; its outcome is the sum of t + 1 to t + horizon.
    origins = np.arange(burn_in, returns.shape[1] - horizon)
    x, y = returns[:, : returns.shape[1] - horizon], outcome[:, 1:]
    sums = {name: np.cumsum(part, axis=1) for name, part in (("x", x), ("y", y), ("xx", x * x), ("xy", x * y))}
    known = origins - horizon
    count = known + 1.0
    mean_x, mean_y = sums["x"][:, known] / count, sums["y"][:, known] / count
    slope = (sums["xy"][:, known] / count - mean_x * mean_y) / (sums["xx"][:, known] / count - mean_x**2)
    return y[:, origins], mean_y, mean_y + slope * (x[:, origins] - mean_x)


@pytest.mark.simulation
@pytest.mark.parametrize("horizon", [1, 5, 21])
@pytest.mark.parametrize("kind", ["normal", "t4", "garch"])
def test_clark_west_keeps_its_size_without_a_signal(kind: str, horizon: int) -> None:
    random = np.random.default_rng(10 * horizon)
    actual, naive, model = forecasts(noise(random, kind, (REPLICATIONS, 900)), horizon, 300)
    rejected = np.mean(
        [clark_west(*rows, horizon=horizon).p_value < 0.05 for rows in zip(actual, naive, model, strict=True)]
    )
    print(f"Clark-West, {kind}, h = {horizon}: size {rejected:.1%}")
    assert 0.01 <= rejected <= 0.07


@pytest.mark.simulation
def test_clark_west_finds_an_autoregression() -> None:
    random = np.random.default_rng(3)
    returns = noise(random, "normal", (500, 2_000))
    for row in range(1, returns.shape[1]):
        returns[:, row] += 0.3 * returns[:, row - 1]
    actual, naive, model = forecasts(returns, 1, 1_500)
    found = np.mean([clark_west(*rows).p_value < 0.05 for rows in zip(actual, naive, model, strict=True)])
    print(f"Clark-West, AR(1) of 0.3: power {found:.1%}")
    assert found >= 0.98


@pytest.mark.simulation
@pytest.mark.parametrize("horizon", [1, 5, 21])
def test_diebold_mariano_keeps_its_size_for_forecasts_of_equal_noise(horizon: int) -> None:
    random = np.random.default_rng(4)
    shocks = random.standard_normal((REPLICATIONS, 3, 600 + horizon))
    total = np.cumsum(shocks, axis=2)
    actual, a, b = np.moveaxis(total[:, :, horizon:] - total[:, :, :-horizon], 1, 0)
    losses = zip((actual - a) ** 2, (actual - b) ** 2, strict=True)
    rejected = np.mean([diebold_mariano(*pair, horizon=horizon).two_sided < 0.05 for pair in losses])
    print(f"Diebold-Mariano, h = {horizon}: size {rejected:.1%}")
    assert 0.03 <= rejected <= 0.075
