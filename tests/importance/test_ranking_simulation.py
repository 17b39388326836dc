"""Power and size of the ranking, by simulation: planted signals are found, and noise is not."""

import numpy as np
import pytest
from scipy.signal import lfilter

pytestmark = pytest.mark.simulation

ROWS, SEEDS, WINDOW = 5_000, 20, 32
LAGS = (1, 2, 3, 5, 10)
BENDS = (lambda x: (x**2 - 1) / np.sqrt(2), lambda x: (np.abs(x) - 0.798) / 0.603, lambda x: np.sin(2 * x) / 0.7)
# Five signals each, and all of them explain 40% of the variance.
EXPLAINED = 0.4


def autoregressive(random, persistence, rows=ROWS):
    """Noise of variance 1 and a given first autocorrelation."""
    path = lfilter([np.sqrt(1 - persistence**2)], [1, -persistence], random.standard_normal(rows + 500))
    return path[500:]


def planted_signals(random):
    """Five linear, five non-linear and five lagged signals among 85 columns of autocorrelated noise, and the change."""
    persistence = np.r_[random.uniform(0, 0.5, 15), random.uniform(0, 0.95, 85)]
    columns = [autoregressive(random, each) for each in persistence]
    parts = columns[:5] + [BENDS[place % 3](columns[5 + place]) for place in range(5)]
    parts += [np.r_[np.zeros(lag), column[:-lag]] for lag, column in zip(LAGS, columns[10:15], strict=True)]
    signs = np.where(random.random(15) < 0.5, 1, -1)
    change = np.sqrt(EXPLAINED / 15) * (signs @ np.array(parts))
    values = {f"f{place:03d}": column for place, column in enumerate(columns)}
    return values, change + np.sqrt(1 - EXPLAINED) * random.standard_normal(ROWS)


def garch(random, rows=ROWS):
    """Changes with volatility clustering and heavy tails."""
    draws = random.standard_t(5, rows) * np.sqrt(3 / 5)
    changes, variance = np.empty(rows), 1.0
    for row, draw in enumerate(draws):
        changes[row] = draw * np.sqrt(variance)
        variance = 0.02 + 0.1 * changes[row] ** 2 + 0.88 * variance
    return changes


def signals_of(ranking):
    return {feature.name for feature in ranking.features if feature.label == "signal"}


def test_all_planted_signals_are_found_and_hardly_any_noise(make_study):
    planted = {f"f{place:03d}" for place in range(15)}
    complete, lags = 0, []
    for seed in range(SEEDS):
        values, change = planted_signals(np.random.default_rng(seed))
        ranking = make_study(values, change).rank(window=WINDOW, iterations=200)
        found = signals_of(ranking)
        assert len(found - planted) <= 2
        complete += planted <= found
        by_name = {feature.name: feature.best_lag for feature in ranking.features}
        lags.append(tuple(by_name[f"f{place:03d}"] for place in range(10, 15)))
    assert complete >= 18
    assert sum(found == LAGS for found in lags) >= 18


@pytest.mark.parametrize("kind", ["independent", "garch", "overlapping"])
def test_noise_is_no_signal_in_nineteen_of_twenty_seeds(make_study, kind):
    clean = 0
    for seed in range(SEEDS):
        random = np.random.default_rng(1000 + seed)
        persistence = 0.95 if kind == "overlapping" else 0.0
        values = {f"n{place}": autoregressive(random, persistence) for place in range(40)}
        change = garch(random) if kind == "garch" else random.standard_normal(ROWS)
        study = make_study(values, change, horizon=20 if kind == "overlapping" else 1)
        clean += not signals_of(study.rank(window=WINDOW, iterations=200))
    assert clean >= 19
