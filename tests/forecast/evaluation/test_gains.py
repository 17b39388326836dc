"""Statistics of gains against published values, independent libraries, and simulations."""

import numpy as np
import pytest
from scipy import stats

from core.forecast.evaluation.gains import (
    block_length,
    bootstrap_sums,
    drawdowns,
    newey_west_t,
    sharpe_error,
    sharpe_ratio,
)


def test_the_t_statistic_is_that_of_statsmodels():
    from statsmodels.api import OLS

    values = np.random.default_rng(0).normal(0.1, 1, 200)
    fitted = OLS(values, np.ones(200)).fit(cov_type="HAC", cov_kwds={"maxlags": block_length(200)})
    assert newey_west_t(values) == pytest.approx(float(fitted.tvalues[0]))
    assert newey_west_t(np.ones(50)) is None
    assert newey_west_t(np.array([1.0, 2.0])) is None


@pytest.mark.parametrize(("skewness", "kurtosis", "published"), [(0, 3, 0.982), (-2.448, 10.164, 0.913)])
def test_the_error_of_a_sharpe_ratio_gives_the_published_probability(skewness, kurtosis, published):
    # Bailey and López de Prado (2012): 24 months with a Sharpe ratio of 0.458 a month, first taken as normal.
    error = sharpe_error(0.458, 24, skewness, kurtosis)
    assert stats.norm.cdf(0.458 / error) == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(("ratio", "published"), [(1.5, 0.188), (0.5, 0.137)])
def test_the_error_of_a_normal_sharpe_ratio_is_that_of_lo(ratio, published):
    # Lo (2002) divides by n, here 60.
    assert sharpe_error(ratio, 61) == pytest.approx(published, abs=5e-4)


@pytest.mark.simulation
def test_the_error_of_a_sharpe_ratio_is_its_spread_over_samples():
    rng = np.random.default_rng(1)
    # Skewed and fat-tailed: normal gains with rare crashes.
    samples = rng.normal(0.05, 1, size=(2000, 500)) - 4 * (rng.random((2000, 500)) < 0.01)
    found = np.array([sharpe_ratio(sample) for sample in samples])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.05)


def test_a_drawdown_starts_from_0():
    assert drawdowns(np.array([-1.0, -1.0, 5.0, -2.0, 1.0])).tolist() == [1, 2, 0, 2, 1]


def test_blocks_are_unbroken_and_wrap_around():
    gains = 2.0 ** np.arange(10)  # each sum of blocks has one decomposition
    ends, sums = bootstrap_sums(gains, draws=50)
    assert ends.tolist() == [2, 5, 8, 9]
    round_trip = np.r_[gains, gains]
    wide = {float(round_trip[start : start + 3].sum()) for start in range(10)}
    for path in sums:
        parts = np.diff(path, prepend=0)
        assert {float(part) for part in parts[:3]} <= wide
        assert float(parts[3]) in gains
    assert np.array_equal(bootstrap_sums(gains, draws=50)[1], sums)
    for count in (1, 2, 3, 7):
        ends, sums = bootstrap_sums(np.ones(count))
        assert ends[-1] == count - 1
        assert sums[:, -1] == pytest.approx(count)


def test_the_bootstrap_agrees_with_that_of_arch():
    from arch.bootstrap import CircularBlockBootstrap

    noise = np.random.default_rng(2).normal(0.01, 1, 400)
    gains = noise + 0.5 * np.r_[0, noise[:-1]]
    _, sums = bootstrap_sums(gains, draws=4000)
    arch = CircularBlockBootstrap(block_length(400), gains, seed=3).apply(np.sum, 4000)[:, 0]
    assert sums[:, -1].mean() == pytest.approx(gains.sum(), abs=2)
    assert sums[:, -1].std() == pytest.approx(arch.std(), rel=0.05)


@pytest.mark.simulation
@pytest.mark.parametrize(("memory", "count"), [(0.0, 200), (0.2, 200), (0.0, 1000), (0.2, 1000)])
def test_the_band_covers_the_expected_gain_at_about_its_nominal_rate(memory, count):
    rng = np.random.default_rng(4)
    covered = []
    for _ in range(1000):
        noise = rng.standard_t(4, size=count + 1)
        _, sums = bootstrap_sums(0.1 + noise[1:] + memory * noise[:-1], draws=400)
        low, high = np.quantile(sums[:, -1], [0.05, 0.95])
        covered.append(low <= 0.1 * count <= high)
    assert 0.83 < np.mean(covered) < 0.92
