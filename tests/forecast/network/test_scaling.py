"""Scaling by series: equal for series that differ in size alone, and nothing crosses from one series into another."""

from dataclasses import replace

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.network.scaling import FEWEST_OF_SERIES, fit_scaling
from core.forecast.network.windows import make_windows

KINDS = ("standard", "robust", "none")
ROWS = 200
TASKS = ("difference", "level")


def two_series(world, first, second, predict="difference", **features):
    """Two series one after the other, `s0` and `s1`; the features are pairs of arrays, by default the last change."""
    blocks = np.repeat((0, 1), (len(first), len(second)))
    values = {name: np.concatenate(tuple(pair)) for name, pair in features.items()} or None
    return world(np.concatenate((first, second)), values, predict, blocks=blocks)


def of_series(windows, block):
    return windows.samples.blocks == block


@pytest.mark.parametrize("kind", ["standard", "robust"])
@pytest.mark.parametrize("predict", TASKS)
def test_series_that_differ_in_size_alone_have_equal_windows(world, random_walk, kind, predict):
    target, x = random_walk(ROWS, 1), np.random.default_rng(2).normal(3, 1, ROWS)
    w = two_series(world, target, 1024 * target, predict, x=(x, 1024 * x))
    windows = make_windows(w.features, w.names, w.samples, w.task, w.scaling(kind), 5)
    one, other = (np.flatnonzero(of_series(windows, block)) for block in (0, 1))
    assert len(one) == len(other) == ROWS - 4
    np.testing.assert_allclose(windows.batch(one), windows.batch(other), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(windows.outcomes[one], windows.outcomes[other], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(windows.persistence[one], windows.persistence[other], rtol=1e-5, atol=1e-5)
    train = windows.samples.of(Era.TRAIN)
    assert windows.outcomes[train].std() == pytest.approx(1, rel=0.05)


def test_each_series_is_scaled_as_if_it_were_alone(world, random_walk):
    target, other = random_walk(ROWS, 1), 1000 * random_walk(ROWS, 2)
    x, y = np.random.default_rng(3).normal(size=(2, ROWS))
    for predict in TASKS:
        alone = world(target, {"x": x}, predict).scaling()
        own = two_series(world, target, other, predict, x=(x, 50 * y)).scaling().series["s0"]
        assert own.center == pytest.approx(alone.center)
        assert own.scale == pytest.approx(alone.scale)
        assert own.outcome_center == pytest.approx(alone.outcome_center)
        assert own.outcome_scale == pytest.approx(alone.outcome_scale)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("predict", [*TASKS, "log_return"])
def test_nothing_crosses_from_one_series_into_another(world, random_walk, kind, predict):
    target, x = random_walk(ROWS, 1), np.random.default_rng(2).normal(size=(2, ROWS))
    one = two_series(world, target, random_walk(ROWS, 2), predict, x=x)
    other = two_series(world, target, 1e6 + 1e3 * random_walk(ROWS, 3), predict, x=(x[0], 7 + 1e4 * x[1] ** 3))
    assert one.scaling(kind).series["s0"] == other.scaling(kind).series["s0"]
    assert one.scaling(kind).series["s1"] != other.scaling(kind).series["s1"]
    first, second = (make_windows(w.features, w.names, w.samples, w.task, w.scaling(kind), 4) for w in (one, other))
    mine = of_series(first, 0)
    assert mine.sum() == ROWS - 3
    np.testing.assert_array_equal(first.batch(np.flatnonzero(mine)), second.batch(np.flatnonzero(mine)))
    for name in ("outcomes", "persistence"):
        np.testing.assert_array_equal(getattr(first, name)[mine], getattr(second, name)[mine])


@pytest.mark.parametrize("kind", KINDS)
def test_the_scaling_of_series_ignores_rows_after_the_last_train_origin(world, random_walk, kind):
    targets, x = [random_walk(ROWS, seed) for seed in (1, 2)], np.random.default_rng(2).normal(size=(2, ROWS))
    before = two_series(world, *targets, x=x)
    last = int(before.samples.of(Era.TRAIN)[-1]) - ROWS
    later = [target.copy() for target in targets]
    changed = x.copy()
    for target in later:
        target[last + 2 :] = 1e6
    changed[:, last + 1 :] = -1e6
    assert two_series(world, *later, x=changed).scaling(kind) == before.scaling(kind)
    changed[:, last] *= 100
    assert kind == "none" or two_series(world, *later, x=changed).scaling(kind) != before.scaling(kind)


@pytest.mark.parametrize(("count", "has_own"), [(FEWEST_OF_SERIES, True), (FEWEST_OF_SERIES - 1, False)])
def test_a_series_of_too_few_train_outcomes_is_scaled_as_all_together(world, random_walk, count, has_own):
    # All rows of the short series are in the train era.
    w = two_series(world, random_walk(ROWS, 1), 1000 * random_walk(count + 1, 2))
    scaling = w.scaling()
    assert set(scaling.series) == ({"s0", "s1"} if has_own else {"s0"})
    assert (scaling.of("s1") is scaling) is not has_own
    unit = scaling.unit(np.array(["s1", "s0", "unknown"], dtype=object))
    assert unit.scale.tolist() == [scaling.of(name).outcome_scale for name in ("s1", "s0", "unknown")]
    assert unit.scale[2] == scaling.outcome_scale


def test_a_feature_that_is_constant_within_series_still_tells_them_apart(world, random_walk):
    sector = (np.full(ROWS, 1.0), np.full(ROWS, 5.0))
    w = two_series(world, random_walk(ROWS, 1), random_walk(ROWS, 2), sector=sector)
    inputs = w.windows(2).inputs[:, 0]
    assert (inputs[0], inputs[ROWS]) == pytest.approx((-1.0, 1.0))
    assert w.scaling().series["s0"].scale == w.scaling().scale


def test_a_constant_outcome_keeps_the_scale_of_all_and_its_own_level(world, random_walk):
    w = two_series(
        world, random_walk(ROWS, 1), np.full(ROWS, 7.0), "level", x=np.random.default_rng(0).normal(size=(2, ROWS))
    )
    scaling = w.scaling()
    flat = scaling.series["s1"]
    assert (flat.outcome_center, flat.outcome_scale) == (7.0, scaling.outcome_scale)


def test_a_probability_stays_in_the_log_odds_of_all_series(world, random_walk):
    x = np.random.default_rng(2).normal(size=ROWS)
    w = two_series(world, random_walk(ROWS, 1), random_walk(ROWS, 2), "direction", x=(x, 1000 * x))
    scaling = w.scaling()
    for own in scaling.series.values():
        assert (own.outcome_center, own.outcome_scale) == (scaling.outcome_center, 1.0)
    assert scaling.series["s1"].scale[0] == pytest.approx(1000 * scaling.series["s0"].scale[0])


def test_without_a_series_column_there_is_one_scaling(world, random_walk):
    w = world(random_walk(ROWS, 1))
    scaling, windows = w.scaling(), w.windows(3)
    assert scaling.series == {}
    assert (windows.unit.center, windows.unit.scale) == (scaling.outcome_center, scaling.outcome_scale)
    assert windows.unit.series_scale == 1.0
    values = w.features.values["change"].to_numpy()
    expected = ((values - scaling.center[0]) / scaling.scale[0]).astype(np.float32)
    np.testing.assert_array_equal(windows.inputs[:, 0], np.clip(expected, -scaling.caps[0], scaling.caps[0]))
    expected = (windows.samples.outcome - scaling.outcome_center) / scaling.outcome_scale
    np.testing.assert_array_equal(windows.outcomes, expected.astype(np.float32))


def test_a_large_panel_of_many_features_has_one_scaling(world, random_walk, monkeypatch):
    monkeypatch.setattr("core.forecast.network.scaling.MOST_OF_SERIES", 1)
    assert two_series(world, random_walk(ROWS, 1), random_walk(ROWS, 2)).scaling().series == {}


def test_caps_are_the_largest_of_all_series(world, random_walk):
    x = np.random.default_rng(2).normal(size=(2, ROWS))
    x[1, 30] = 500.0
    scaling = two_series(world, random_walk(ROWS, 1), random_walk(ROWS, 2), x=x).scaling()
    own = scaling.series["s1"]
    assert scaling.caps == pytest.approx((1.5 * (500 - own.center[0]) / own.scale[0],))
    assert scaling.caps[0] > 10


def test_a_series_in_several_blocks_has_one_scaling(world, random_walk):
    w = two_series(world, random_walk(ROWS, 1), 1000 * random_walk(ROWS, 2))
    blocks = w.features.blocks * 2
    blocks[50:ROWS] += 1
    split = replace(w.features, blocks=blocks)
    assert fit_scaling(split, w.names, w.samples, w.task, "standard") == w.scaling()
