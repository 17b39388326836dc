import numpy as np
import pytest
from scipy.signal import lfilter

from core.importance.probes import find_probe_likeness, make_probes

DAYS, SERIES = 1000, 5
STAMPS = np.tile(np.arange(DAYS), SERIES)
BLOCKS = np.repeat(np.arange(SERIES), DAYS)


def scaled(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


@pytest.fixture
def panel():
    """Three features: quick and own, slow and own, slow and common to all series."""
    random = np.random.default_rng(0)
    quick = random.standard_normal(DAYS * SERIES)
    slow = np.concatenate([lfilter([1], [1, -0.9], random.standard_normal(DAYS)) for _ in range(SERIES)])
    common = np.tile(lfilter([1], [1, -0.9], random.standard_normal(DAYS)), SERIES)
    return scaled(np.column_stack([quick, slow, common]))


def test_memory_and_what_is_common_are_measured(panel):
    likeness = find_probe_likeness(panel, STAMPS, BLOCKS)
    assert likeness.memory == pytest.approx([0, 0.9, 0.9], abs=0.06)
    assert likeness.common == pytest.approx([0.2, 0.2, 1.0], abs=0.1)  # a fifth by chance among five series


def test_probes_are_like_the_features_they_imitate(panel):
    likeness = find_probe_likeness(panel, STAMPS, BLOCKS)
    probes = make_probes(likeness, STAMPS, 3, np.random.default_rng(1))
    again = find_probe_likeness(scaled(probes), STAMPS, BLOCKS)
    order = np.argsort(-likeness.memory, kind="stable")
    assert again.memory == pytest.approx(likeness.memory[order], abs=0.08)
    assert probes.std(axis=0) == pytest.approx(1, abs=0.35)
    assert np.argmax(again.common) == list(order).index(2)


def test_memory_is_not_measured_over_the_border_of_two_series():
    values = scaled(np.repeat([0.0, 1.0], 2)[:, None])
    alone = find_probe_likeness(values, np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]))
    joined = find_probe_likeness(values, np.arange(4), np.zeros(4))
    assert alone.memory[0] > joined.memory[0]


def test_one_probe_imitates_the_slowest_feature(panel):
    likeness = find_probe_likeness(scaled(panel[:DAYS, :2]), STAMPS[:DAYS], BLOCKS[:DAYS])
    probe = make_probes(likeness, STAMPS[:DAYS], 1, np.random.default_rng(2))
    assert find_probe_likeness(scaled(probe), STAMPS[:DAYS], BLOCKS[:DAYS]).memory[0] > 0.8


def test_probes_follow_their_generator_alone(panel):
    likeness = find_probe_likeness(panel, STAMPS, BLOCKS)
    first, second = (make_probes(likeness, STAMPS, 2, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)
