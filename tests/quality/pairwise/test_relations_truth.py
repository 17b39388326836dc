"""Size and power of the tests of relations, on autocorrelated series."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from core.quality.pairwise.relations import classify_relations

ROWS = 1000
SEEDS = 200
SHAPES = {
    "linear": lambda x: x,
    "quadratic": lambda x: x**2,
    "sinusoidal": lambda x: np.sin(3 * x),
}


def autocorrelated(rho: float, random: np.random.Generator, rows: int = ROWS) -> np.ndarray:
    series = lfilter([1], [1, -rho], random.normal(size=rows + 200))[200:]
    return series / series.std()


def planted(shape: str, rho: float, noise_rho: float, seed: int) -> pd.DataFrame:
    """Return a feature, and a target with signal and noise of the same variance."""
    random = np.random.default_rng(seed)
    x = autocorrelated(rho, random)
    signal = SHAPES[shape](x)
    return pd.DataFrame({"x": x, "y": signal / signal.std() + autocorrelated(noise_rho, random)})


def kinds_of(frames: list[pd.DataFrame]) -> list[str]:
    return [found.kind for frame in frames for found in classify_relations(frame, "y")]


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, 0.95])
def test_independent_autocorrelated_series_are_related_in_at_most_one_of_twenty(rho):
    false = []
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        frame = pd.DataFrame({name: autocorrelated(rho, random, 500) for name in ("y", "a", "b", "c")})
        false.append([found.kind != "none" for found in classify_relations(frame, "y")])
    assert np.mean(false) <= 0.05
    # One of three features in 5% of seeds is 10; more than 17 occur by chance in one of a hundred such tests.
    assert np.any(false, axis=1).sum() <= 17


@pytest.mark.parametrize("noise_rho", [0.0, 0.5])
@pytest.mark.parametrize("rho", [0.0, 0.9])
@pytest.mark.parametrize("shape", SHAPES)
def test_planted_relations_are_found_and_classified_in_nine_of_ten(shape, rho, noise_rho):
    kinds = kinds_of([planted(shape, rho, noise_rho, seed) for seed in range(40)])
    expected = "linear" if shape == "linear" else "nonlinear"
    assert kinds.count(expected) >= 0.9 * len(kinds)


def test_pairwise_tests_cannot_see_an_interaction_of_two_features():
    frames = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        a, b = random.normal(size=(2, ROWS))
        frames.append(pd.DataFrame({"a": a, "b": b, "y": np.sign(a * b) + random.normal(size=ROWS)}))
    assert kinds_of(frames).count("none") >= 0.9 * 120


def test_each_factor_of_a_product_is_found_by_its_effect_on_the_variance():
    frames = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        a, b = autocorrelated(0.5, random), autocorrelated(0.5, random)
        frames.append(pd.DataFrame({"a": a, "b": b, "y": a * b + random.normal(size=ROWS)}))
    assert kinds_of(frames).count("nonlinear") >= 0.9 * 40


def test_heavy_tailed_and_heteroskedastic_noise_is_not_related():
    related = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        volatility = np.exp(autocorrelated(0.95, random) / 2)
        frame = pd.DataFrame({"x": random.standard_t(3, ROWS), "y": volatility * random.normal(size=ROWS)})
        related += classify_relations(frame, "y")[0].kind != "none"
    # 5% of 100 is 5; more than 11 occur by chance in one of a hundred such tests.
    assert related <= 11
