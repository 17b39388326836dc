"""Windows by hand, and scaling that depends on the train era only."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.eras import Era
from core.errors.training import NoTrainOutcome, TooFewWindows, ValueTooLarge
from core.findings.windows import WindowsIncomplete
from core.forecast.network.scaling import Scaling, fit_scaling
from core.forecast.network.window_findings import check_windows
from core.forecast.network.windows import make_windows, require_windows
from core.samples.features import FeaturePlan, FeatureStep


def test_windows_of_two_series_by_hand(world):
    w = world(np.arange(10.0), {"x": np.arange(10.0)}, blocks=[0] * 6 + [1] * 4)
    windows = make_windows(
        w.features,
        w.names,
        w.samples,
        w.task,
        Scaling(center=(0.0,), scale=(1.0,), outcome_center=0.0, outcome_scale=1.0),
        3,
    )
    assert windows.ends.tolist() == [2, 3, 4, 5, 8, 9]
    assert windows.batch(np.array([0, 3, 4]))[:, :, 0].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert windows.samples.rows.tolist() == windows.ends.tolist()
    # The last row of each series has no outcome.
    assert np.isnan(windows.outcomes).tolist() == [False, False, False, True, False, True]


def test_a_row_that_lacks_an_input_is_in_no_window_but_counts_as_time(world):
    x = np.arange(40.0)
    x[[10, 20]] = np.nan
    w = world(np.arange(40.0) ** 2, {"x": x, "unused": np.full(40, np.nan)}, horizon=2)
    windows = make_windows(
        w.features, ("x",), w.samples, w.task, fit_scaling(w.features, ("x",), w.samples, w.task, "standard"), 3
    )
    lost = {10, 11, 12, 20, 21, 22}
    assert windows.ends.tolist() == [row for row in range(2, 40) if row not in lost]
    assert np.isfinite(windows.batch(np.arange(len(windows.ends)))).all()
    # Two rows ahead are two rows of the target, over a row that lacks an input too.
    nine = windows.ends.tolist().index(9)
    assert windows.samples.outcome[nine] == 11.0**2 - 9.0**2


@pytest.mark.fires("windows-incomplete")
def test_incomplete_windows_are_counted_and_the_costliest_input_is_named(world):
    x, y = np.arange(40.0), np.arange(40.0)
    x[[10, 20]], y[11] = np.nan, np.nan
    w = world(np.arange(40.0), {"x": x, "y": y})
    steps = tuple(FeatureStep(name=name, source=f"{name} column", kind="level") for name in "xy")
    found = check_windows(w.features, FeaturePlan(steps, 0), ("x", "y"), 3)
    assert found == WindowsIncomplete(column="x column", feature="x", window=3, missing=6, count=7, total=38)


@pytest.mark.silent("windows-incomplete")
def test_the_look_back_at_the_start_of_a_series_is_no_incomplete_window(world):
    x = np.r_[np.nan, np.arange(19.0), np.nan, np.arange(19.0)]
    w = world(np.arange(40.0), {"x": x}, blocks=[0] * 20 + [1] * 20)
    step = FeatureStep(name="x", source="x", kind="difference")
    assert check_windows(w.features, FeaturePlan((step,), 1), ("x",), 3) is None


def test_a_series_shorter_than_the_window_has_no_windows(world):
    w = world(np.arange(12.0), blocks=[0] * 10 + [1] * 2)
    assert set(w.features.blocks[w.windows(4).ends]) == {0}


@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(2, 5))
@settings(max_examples=25, deadline=None)
def test_no_window_spans_two_series(world, lengths, window):
    blocks = np.repeat(np.arange(len(lengths)), lengths)
    if max(lengths) < 8:
        blocks = np.r_[blocks, np.full(8, len(lengths))]
    count = len(blocks)
    w = world(np.arange(count) ** 2.0, {"block": blocks.astype(float)}, blocks=blocks)
    windows = make_windows(
        w.features,
        w.names,
        w.samples,
        w.task,
        Scaling(center=(0.0,), scale=(1.0,), outcome_center=0.0, outcome_scale=1.0),
        window,
    )
    batch = windows.batch(np.arange(len(windows.ends)))[:, :, 0]
    assert batch.shape == (sum(max(0, n - window + 1) for n in np.bincount(blocks)), window)
    assert (batch == batch[:, :1]).all()


def test_inputs_are_scaled_by_mean_and_standard_deviation_of_train(world, random_walk):
    w = world(random_walk(200, 1), {"x": np.random.default_rng(2).normal(5, 3, 200)})
    last = w.samples.of(Era.TRAIN).max()
    x = w.features.values["x"].to_numpy()[: last + 1]
    scaling = w.scaling()
    assert scaling.center == pytest.approx((x.mean(),))
    assert scaling.scale == pytest.approx((x.std(),))
    train = w.windows(5).inputs[: last + 1]
    assert train.mean() == pytest.approx(0, abs=1e-6)
    assert train.std() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", ["standard", "robust", "none"])
def test_scaling_ignores_rows_after_the_last_train_origin(world, random_walk, kind):
    target, x = random_walk(200, 1), np.random.default_rng(2).normal(size=200)
    first = world(target, {"x": x})
    train = first.samples.of(Era.TRAIN)
    after, beyond = train.max() + 1, train.max() + 1 + first.task.horizon
    x2, target2 = x.copy(), target.copy()
    x2[after:], target2[beyond:] = 1e6, -1e6
    assert world(target2, {"x": x2}).scaling(kind) == first.scaling(kind)
    x3 = x.copy()
    x3[: after - 1] *= 10
    assert kind == "none" or world(target, {"x": x3}).scaling(kind) != first.scaling(kind)


def test_robust_scaling_resists_an_outlier(world, random_walk):
    x = np.random.default_rng(2).normal(size=200)
    target = random_walk(200, 1)
    calm = world(target, {"x": x}).scaling("robust")
    x[10] = 1e9
    wild = world(target, {"x": x}).scaling("robust")
    assert wild.scale[0] == pytest.approx(calm.scale[0], rel=0.05)
    assert wild.scale[0] == pytest.approx(1, rel=0.3)


@pytest.mark.parametrize("kind", ["standard", "robust"])
def test_a_constant_feature_has_scale_one(world, random_walk, kind):
    w = world(random_walk(100, 1), {"flat": np.full(100, 0.1)})
    assert w.scaling(kind).scale == (1.0,)


def test_robust_scaling_falls_back_to_the_standard_deviation_if_most_values_are_equal(world, random_walk):
    x = np.zeros(100)
    x[::10] = 1.0
    scaling = world(random_walk(100, 1), {"x": x}).scaling("robust")
    assert 0.2 < scaling.scale[0] < 0.4


def test_an_output_of_0_is_persistence_for_changes(world, random_walk):
    w = world(random_walk(100, 1), predict="log_return")
    scaling = w.scaling()
    assert scaling.outcome_center == 0.0
    assert scaling.unit().outcome(np.zeros(3)).tolist() == [0, 0, 0]
    assert not w.windows(4).persistence.any()


def test_changes_from_0_are_not_centred(world):
    # Series of two rows, the first 0: the change equals the level, but persistence predicts 0, not the mean.
    rises = np.random.default_rng(0).uniform(1, 2, 60)
    target = np.column_stack([np.zeros(60), rises]).ravel()
    days = np.datetime64("2020-01-01", "us") + np.arange(120) * np.timedelta64(1, "D")
    w = world(target, {"x": np.ones(120)}, "difference", blocks=np.repeat(np.arange(60), 2), times=days)
    assert w.scaling().outcome_center == 0.0


def test_levels_are_centred_at_their_train_mean(world, random_walk):
    w = world(random_walk(100, 1), predict="level")
    train = w.samples.outcome[w.samples.of(Era.TRAIN)]
    assert w.scaling().outcome_center == pytest.approx(train.mean())
    windows = w.windows(4)
    assert w.scaling().unit().outcome(windows.persistence) == pytest.approx(windows.samples.base, rel=1e-5)


def test_inputs_beyond_one_and_a_half_times_the_reach_of_train_are_cut(world, random_walk):
    train = slice(0, 100)
    spike = np.sin(np.arange(200.0))
    spike[30], spike[180], spike[190] = 30.0, 1e6, -1e6
    calm = np.cos(np.arange(200.0))
    calm[185] = 50.0
    w = world(random_walk(200, seed=1), {"spike": spike, "calm": calm})
    scaling = w.scaling()
    inputs = w.windows(2).inputs
    reach = abs(spike[30] - scaling.center[0]) / scaling.scale[0]
    assert reach > 10
    assert scaling.caps == pytest.approx((1.5 * reach, 10.0))
    # Nothing of train is cut, however odd it is.
    assert inputs[30, 0] == pytest.approx(reach, rel=1e-6)
    assert np.abs(inputs[train]).max() <= reach * (1 + 1e-6)
    assert inputs[[180, 190], 0].tolist() == pytest.approx([1.5 * reach, -1.5 * reach])
    assert inputs[185, 1] == pytest.approx(10.0)


def test_scaling_of_outcomes_is_inverted(world, random_walk):
    scaling = world(random_walk(100, 1), predict="level").scaling()
    assert scaling.unit().outcome(scaling.unit().scale_outcome(np.array([3.0, 4.0]))) == pytest.approx([3, 4])


def test_too_few_windows_are_an_error(world, random_walk):
    with pytest.raises(TooFewWindows) as caught:
        require_windows(world(random_walk(30, 1)).windows(18))
    error = caught.value
    assert (error.era, error.found, error.needed, error.window, error.rows) == ("train", 3, 20, 18, 30)
    require_windows(world(random_walk(100, 1)).windows(18))


def test_a_value_too_large_for_the_network_is_an_error(world, random_walk):
    x = np.random.default_rng(0).normal(size=60)
    x[-1] = 1e300
    w = world(random_walk(60, 1), {"x": x})
    with pytest.raises(ValueTooLarge) as caught:
        w.windows(4)
    assert (caught.value.feature, caught.value.value, caught.value.line) == ("x", 1e300, 61)


def test_no_train_outcome_is_an_error(world):
    w = world(np.arange(10.0), horizon=9)
    with pytest.raises(NoTrainOutcome):
        fit_scaling(w.features, w.names, w.samples, w.task, "standard")
