"""The placebo: shuffles that keep what they should, a planted signal above all of them, and uniform percentiles on noise."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.data.eras import Era
from core.forecast.evaluation.placebo import _shuffle, measure_placebo
from core.progress import never_stop
from tests.forecast.conftest import build_world


def percentile(w, seed: int = 0, open_test: bool = True):
    return measure_placebo(w.windows(4), w.task, seed, never_stop, open_test=open_test)


def test_a_signal_is_above_every_placebo(world, random_walk):
    found = percentile(world(random_walk(1500, 1, ar=0.4)))
    assert (found.era, found.placebos, found.percentile) == ("test", 99, 1.0)
    assert found.r2 > found.highest > -0.2
    assert found.r2 == pytest.approx(0.16, abs=0.08)


def test_the_same_seed_gives_the_same_placebos(world, random_walk):
    w = world(random_walk(600, 1))
    assert percentile(w, 3) == percentile(w, 3)
    assert percentile(w, 3) != percentile(w, 4)


def test_a_sealed_test_era_is_not_read(world, random_walk):
    w = world(random_walk(800, 1))
    windows = w.windows(4)
    sealed = measure_placebo(windows, w.task, 0, never_stop, open_test=False)
    assert sealed.era == "validation"
    outcome = windows.samples.outcome.copy()
    outcome[windows.samples.of(Era.TEST)] = 1e6
    changed = replace(windows, samples=replace(windows.samples, outcome=outcome))
    assert measure_placebo(changed, w.task, 0, never_stop, open_test=False) == sealed


def test_without_a_judged_sample_there_is_no_placebo(world, random_walk):
    w = world(random_walk(300, 1))
    windows = w.windows(4)
    eras = np.where(windows.samples.eras == Era.TEST, -1, windows.samples.eras)
    none = replace(windows, samples=replace(windows.samples, eras=eras))
    assert measure_placebo(none, w.task, 0, never_stop, open_test=True) is None


def test_a_shuffle_moves_blocks_of_neighbours(world, random_walk):
    samples = world(random_walk(1001, 1)).windows(4).samples
    used = np.flatnonzero(samples.eras >= Era.TRAIN)
    taken = _shuffle(samples, used, 2, np.random.default_rng(0))
    assert sorted(taken) == list(range(len(used)))
    kept = np.mean(np.diff(taken) == 1)
    assert 0.85 < kept < 0.95
    assert np.mean(taken == np.arange(len(used))) < 0.1


def test_all_series_of_a_panel_move_together():
    blocks = np.repeat([0, 1], 300)
    target = 100 + np.cumsum(np.random.default_rng(1).normal(size=600))
    samples = build_world(target, blocks=blocks).windows(4).samples
    used = np.flatnonzero(samples.eras >= Era.TRAIN)
    taken = _shuffle(samples, used, 2, np.random.default_rng(0))
    assert (samples.blocks[used][taken] == samples.blocks[used]).all()
    times, moved = samples.origin_times[used], samples.origin_times[used][taken]
    first, second = (
        dict(zip(times[rows], moved[rows], strict=True))
        for rows in (samples.blocks[used] == 0, samples.blocks[used] == 1)
    )
    assert sum(first[stamp] == second[stamp] for stamp in first) == len(first)


@pytest.mark.simulation
def test_percentiles_are_uniform_on_noise():
    found = []
    for seed in range(50):
        chance = np.random.default_rng(seed)
        values = {name: chance.normal(size=800) for name in ("a", "b", "c")}
        found.append(percentile(build_world(100 + np.cumsum(chance.normal(size=800)), values), seed).percentile)
    # Ranks among 99 are spread evenly within their step.
    jittered = (np.array(found) * 99 + np.random.default_rng(0).uniform(size=50)) / 100
    p_value = stats.kstest(jittered, "uniform").pvalue
    print(f"placebo percentiles of 50 noise files: KS p = {p_value:.3f}, mean {np.mean(found):.2f}")
    assert p_value > 0.01
