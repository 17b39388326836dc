"""Direction: by hand, causal, per block, and the frequencies that naive forecasts of it are."""

import numpy as np
import pandas as pd
import pytest

from core.data.eras import Era
from core.recipe.model import Recipe
from core.samples.direction import repeat_frequency, take_direction_as_target, train_log_odds
from core.samples.samples import Samples, train_mean
from core.samples.task import Task, resolve_task
from tests.forecast.conftest import build_world, walk
from tests.samples.test_realised_volatility import frame


def samples_of(base: list[float], outcome: list[float], blocks: list[int] | None = None) -> Samples:
    count = len(base)
    stamps = np.datetime64("2024-01-01", "us") + np.arange(count) * np.timedelta64(1, "D")
    return Samples(
        rows=np.arange(count),
        base=np.array(base),
        future=np.array(outcome),
        outcome=np.array(outcome),
        origin_times=stamps,
        target_times=stamps + np.timedelta64(1, "D"),
        blocks=np.zeros(count, dtype=np.int64) if blocks is None else np.array(blocks),
        eras=np.full(count, Era.TRAIN, dtype=np.int8),
    )


def test_the_direction_is_that_of_the_rows_up_to_the_horizon():
    target, blocks = np.array([5.0, 6.0, 6.0, 4.0, 7.0, 1.0, 2.0, 3.0]), np.repeat([0, 1], [5, 3])
    found = take_direction_as_target(frame(target, blocks), Task(target="y", predict="direction", horizon=2))
    assert found.target.tolist() == [1.0, 0.0, 1.0, 1.0]
    assert found.lines.tolist() == [4, 5, 6, 9]
    assert found.prices is not None
    assert found.prices.tolist() == [6.0, 4.0, 7.0, 3.0]
    assert found.blocks.tolist() == [0, 0, 0, 1]


def test_the_direction_of_a_mean_reverting_target_is_the_side_of_a_fixed_value():
    target = np.array([0.5, -0.1, 0.2, 0.0])
    task = Task(target="ret", predict="direction", horizon=1, above=0.0)
    found = take_direction_as_target(frame(target, np.zeros(4, dtype=np.int64)), task)
    assert found.target.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert task.event == "ret is above 0"


def test_other_tasks_keep_their_target():
    features = frame(np.arange(4.0), np.zeros(4, dtype=np.int64))
    assert take_direction_as_target(features, Task(target="y", predict="return", horizon=1)) is features


@pytest.mark.parametrize(("memory", "above"), [("walk", None), ("noise", 0.0), ("volume", 100.0)])
def test_only_a_mean_reverting_target_is_compared_with_a_fixed_value(memory, above, profiled):
    chance = np.random.default_rng(3)
    noise = chance.normal(size=400)
    values = {"walk": 100 + np.cumsum(noise), "noise": noise, "volume": 100 + noise}[memory]
    recipe = Recipe.model_validate({"ingest": {"target": "y"}, "training": {"predict": "direction"}})
    found = resolve_task(recipe, profiled(values, recipe)).above
    assert found == (None if above is None else pytest.approx(above, abs=0.2))


@pytest.fixture
def profiled(tmp_path):
    from core.context import Context
    from core.ingest.step import read
    from core.quality.step import profile

    def build(values, recipe):
        source = tmp_path / "y.csv"
        dates = pd.date_range("2020-01-01", periods=len(values)).astype(str)
        pd.DataFrame({"date": dates, "y": values}).to_csv(source, index=False)
        return profile(Context(dataset=read(source, recipe, tmp_path / "tables"), recipe=recipe))

    return build


def test_the_train_frequency_is_never_sure():
    always = samples_of([1.0] * 20, [1.0] * 20)
    mean = train_mean(always, is_direction=True)
    assert mean is not None
    assert 0.9 < mean[0] < 1
    assert train_log_odds(always.outcome) == pytest.approx(np.log(20.5 / 0.5))


def test_a_short_series_borrows_the_frequency_of_all():
    found = train_mean(samples_of([0.0] * 102, [1.0, 0.0] * 50 + [1.0, 1.0], [0] * 100 + [1] * 2), is_direction=True)
    assert found is not None
    assert found[0] == pytest.approx(0.5, abs=0.01)
    assert 0.5 < found[-1] < 0.65


def test_persistence_forecasts_how_often_a_direction_has_repeated():
    samples = samples_of([1.0] * 8 + [0.0] * 4, [1.0] * 6 + [0.0] * 2 + [0.0] * 4)
    found = repeat_frequency(samples)
    assert found[0] == pytest.approx(6.5 / 9)
    assert found[-1] == pytest.approx(0.5 / 5)


def test_what_is_learned_of_directions_does_not_see_later_eras():
    target = walk(300, 4)
    one = build_world(target, predict="direction", horizon=3)
    changed = target.copy()
    last_train = int(one.samples.rows[one.samples.of(Era.TRAIN)].max()) + 3
    changed[last_train + 4 :] = changed[::-1][: len(changed) - last_train - 4]
    other = build_world(changed, predict="direction", horizon=3)
    known = slice(0, last_train - 3)
    assert one.scaling() == other.scaling()
    for learn in (repeat_frequency, lambda samples: train_mean(samples, is_direction=True)):
        np.testing.assert_array_equal(learn(one.samples)[known], learn(other.samples)[known])
