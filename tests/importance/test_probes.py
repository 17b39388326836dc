"""Noise columns: they have the autocorrelation and the common variance of the features they imitate."""

import numpy as np
import pytest
from scipy.signal import lfilter

from core.importance.probes import make_probes, measure_traits

DAYS, SERIES = 1000, 5
STAMPS = np.tile(np.arange(DAYS), SERIES)
BLOCKS = np.repeat(np.arange(SERIES), DAYS)


def scaled(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


@pytest.fixture
def panel():
    """Three features: white noise, persistent within series, persistent and common to all series."""
    random = np.random.default_rng(0)
    white = random.standard_normal(DAYS * SERIES)
    persistent = np.concatenate([lfilter([1], [1, -0.9], random.standard_normal(DAYS)) for _ in range(SERIES)])
    common = np.tile(lfilter([1], [1, -0.9], random.standard_normal(DAYS)), SERIES)
    return scaled(np.column_stack([white, persistent, common]))


def test_autocorrelation_and_common_variance_are_measured(panel):
    traits = measure_traits(panel, STAMPS, BLOCKS)
    assert traits.autocorrelation == pytest.approx([0, 0.9, 0.9], abs=0.06)
    assert traits.common == pytest.approx([0.2, 0.2, 1.0], abs=0.1)  # 1/5 by chance with five series


def test_probes_have_the_traits_of_features(panel):
    traits = measure_traits(panel, STAMPS, BLOCKS)
    probes = make_probes(traits, STAMPS, 3, np.random.default_rng(1))
    again = measure_traits(scaled(probes), STAMPS, BLOCKS)
    order = np.argsort(-traits.autocorrelation, kind="stable")
    assert again.autocorrelation == pytest.approx(traits.autocorrelation[order], abs=0.08)
    assert probes.std(axis=0) == pytest.approx(1, abs=0.35)
    assert np.argmax(again.common) == list(order).index(2)


def test_autocorrelation_is_measured_within_series():
    values = scaled(np.repeat([0.0, 1.0], 2)[:, None])
    apart = measure_traits(values, np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]))
    joined = measure_traits(values, np.arange(4), np.zeros(4))
    assert apart.autocorrelation[0] > joined.autocorrelation[0]


def test_a_single_probe_imitates_the_most_persistent_feature(panel):
    traits = measure_traits(scaled(panel[:DAYS, :2]), STAMPS[:DAYS], BLOCKS[:DAYS])
    probe = make_probes(traits, STAMPS[:DAYS], 1, np.random.default_rng(2))
    assert measure_traits(scaled(probe), STAMPS[:DAYS], BLOCKS[:DAYS]).autocorrelation[0] > 0.8


def test_probes_depend_on_the_random_generator_only(panel):
    traits = measure_traits(panel, STAMPS, BLOCKS)
    first, second = (make_probes(traits, STAMPS, 2, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)
