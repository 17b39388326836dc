"""How often relations are found where there are some, and where there are none, on series with a memory."""

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


def remembering(memory: float, random: np.random.Generator, rows: int = ROWS) -> np.ndarray:
    series = lfilter([1], [1, -memory], random.normal(size=rows + 200))[200:]
    return series / series.std()


def planted(shape: str, memory: float, noise_memory: float, seed: int) -> pd.DataFrame:
    """A feature, and a target whose signal and noise have the same variance."""
    random = np.random.default_rng(seed)
    x = remembering(memory, random)
    signal = SHAPES[shape](x)
    return pd.DataFrame({"x": x, "y": signal / signal.std() + remembering(noise_memory, random)})


def kinds_of(frames: list[pd.DataFrame]) -> list[str]:
    return [found.kind for frame in frames for found in classify_relations(frame, "y")]


@pytest.mark.slow
@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.95])
def test_independent_series_with_a_memory_are_related_in_at_most_one_of_twenty(memory):
    false = []
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        frame = pd.DataFrame({name: remembering(memory, random, 500) for name in ("y", "a", "b", "c")})
        false.append([found.kind != "none" for found in classify_relations(frame, "y")])
    assert np.mean(false) <= 0.05
    # At least one of three features in 5 % of seeds is 10; more than 17 would come by chance in one of a hundred such tests.
    assert np.any(false, axis=1).sum() <= 17


@pytest.mark.parametrize("noise_memory", [0.0, 0.5])
@pytest.mark.parametrize("memory", [0.0, 0.9])
@pytest.mark.parametrize("shape", SHAPES)
def test_planted_relations_are_found_and_named_nine_times_of_ten(shape, memory, noise_memory):
    kinds = kinds_of([planted(shape, memory, noise_memory, seed) for seed in range(40)])
    expected = "linear" if shape == "linear" else "nonlinear"
    assert kinds.count(expected) >= 0.9 * len(kinds)


def test_what_two_features_tell_only_together_is_beyond_any_measure_of_pairs():
    frames = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        a, b = random.normal(size=(2, ROWS))
        frames.append(pd.DataFrame({"a": a, "b": b, "y": np.sign(a * b) + random.normal(size=ROWS)}))
    assert kinds_of(frames).count("none") >= 0.9 * 120


def test_of_a_product_of_two_features_each_is_seen_by_the_spread_that_it_makes():
    frames = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        a, b = remembering(0.5, random), remembering(0.5, random)
        frames.append(pd.DataFrame({"a": a, "b": b, "y": a * b + random.normal(size=ROWS)}))
    assert kinds_of(frames).count("nonlinear") >= 0.9 * 40


def test_noise_of_heavy_tails_and_of_changing_size_is_no_relation():
    related = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        calm_and_wild = np.exp(remembering(0.95, random) / 2)
        frame = pd.DataFrame({"x": random.standard_t(3, ROWS), "y": calm_and_wild * random.normal(size=ROWS)})
        related += classify_relations(frame, "y")[0].kind != "none"
    # 5 % of 100 is 5; more than 11 would come by chance in one of a hundred such tests.
    assert related <= 11
