"""Von Neumann's ratio on random order, random walks and autoregressions."""

import numpy as np
import pytest

from core.forecast.evaluation.von_neumann import von_neumann_ratio


def ratio(w):
    return von_neumann_ratio(w.features, w.samples)


def test_the_ratio_is_2_in_random_order_and_near_0_for_a_random_walk(world, random_walk):
    random = np.random.default_rng(4)
    # In random order it has mean 2 and variance 4 (n - 2) / (n² - 1).
    for values in (random.normal(size=3000), random.lognormal(0, 2, 3000), random.permutation(random_walk(3000, 1))):
        assert ratio(world(values)) == pytest.approx(2, abs=4 * 2 / np.sqrt(2100))
    assert ratio(world(random_walk(3000, 1))) < 0.05
    assert ratio(world(np.tile([0.0, 1.0], 100))) == pytest.approx(4, rel=0.01)
    assert ratio(world(np.ones(100))) is None
    autoregression = np.diff(random_walk(20_001, 2, ar=0.5))
    assert ratio(world(autoregression)) == pytest.approx(2 * (1 - 0.5), abs=0.05)


def test_the_ratio_uses_train_rows_and_changes_within_series_only(world, random_walk):
    target = random_walk(300, 1)
    changed = target.copy()
    changed[215:] += np.random.default_rng(0).normal(0, 50, 85)
    assert ratio(world(changed)) == ratio(world(target))
    panel = np.r_[random_walk(200, 1), 1e6 + random_walk(200, 2)]
    blocks = [0] * 200 + [1] * 200
    assert ratio(world(panel, blocks=blocks)) == pytest.approx(
        ratio(world(panel - np.repeat([0, 1e6], 200), blocks=blocks))
    )
