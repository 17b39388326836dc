"""Adaptive intervals: the conformal quantile by hand, only known outcomes, coverage at every volatility, resumed states."""

import numpy as np
import pandas as pd
import pytest

from core.data.eras import Era
from core.forecast.evaluation.interval_scores import coverage_band, score_interval
from core.forecast.evaluation.intervals import (
    GAMMA,
    Interval,
    IntervalState,
    Origins,
    calibrate_interval,
    gather_origins,
)
from core.samples.samples import Samples
from core.samples.task import Task
from tests.forecast.conftest import World

DAY = np.timedelta64(1, "D")
START = np.datetime64("2024-01-01", "us")


def interval(scores: list[float], as_of: str = "2024-01-05", nominal: float = 0.9) -> Interval:
    alpha = 1 - nominal
    state = IntervalState(as_of=as_of, scores=tuple(scores), alphas=(alpha, alpha, alpha))
    return Interval(nominal=nominal, most_scores=500, states=(state,))


def origins(errors: list[float], horizon: int = 1, volatility: float = 1.0, tercile: int = 1) -> Origins:
    """Daily origins from 1 January whose predictions are 0 and whose outcomes are `errors`."""
    count = len(errors)
    times = START + np.arange(count) * DAY
    samples = Samples(
        rows=np.arange(count),
        base=np.full(count, 100.0),
        future=100 + np.array(errors),
        outcome=np.array(errors),
        origin_times=times,
        target_times=times + horizon * DAY,
        blocks=np.zeros(count, dtype=np.int64),
        eras=np.full(count, Era.TEST),
    )
    return Origins(
        samples=samples,
        predicted=np.zeros(count),
        volatility=np.full(count, volatility),
        terciles=np.full(count, tercile, dtype=np.int8),
    )


DIFFERENCE = Task(target="x", predict="difference", horizon=1)


def half_widths(found: Interval, of: Origins) -> np.ndarray:
    (lower, upper), _ = found.follow(DIFFERENCE, of)
    return (upper - lower) / 2


def after_outcomes(found: Interval, of: Origins) -> Interval:
    return found.follow(DIFFERENCE, of)[1]


@pytest.mark.parametrize(
    ("n", "coverage", "place"),
    # k = ceil((n + 1) coverage): Lei et al. (2018), section 2.2
    [(9, 0.9, 9), (19, 0.9, 18), (99, 0.9, 90), (100, 0.9, 91), (99, 0.95, 95), (1, 0.5, 1)],
)
def test_the_first_width_is_the_finite_sample_quantile_times_the_volatility(n, coverage, place):
    scores = np.random.default_rng(0).permutation(np.arange(1.0, n + 1)).tolist()
    found = half_widths(interval(scores, "2024-01-01", coverage), origins([0.0], volatility=2.0))
    assert found.tolist() == [2.0 * place]


def test_a_miss_widens_and_a_hit_narrows_the_interval_as_soon_as_the_outcome_is_known():
    found = interval(np.arange(1.0, 1001.0).tolist(), "2024-01-01")
    for horizon in (1, 3):
        of = origins([5000.0] + [0.0] * 9, horizon)
        widths = half_widths(found, of)
        assert (widths[:horizon] == 901).all()
        # The miss moves the level by GAMMA x 0.9 and takes the place of the oldest score, each hit moves it by GAMMA x 0.1.
        assert widths[horizon] == np.ceil(1001 * (0.9 + GAMMA * 0.9)) + 1
        assert (np.diff(widths[horizon:]) < 0).all()


def test_each_tercile_learns_from_its_own_misses():
    calm, wild = origins([5000.0] * 10, tercile=0), origins([5000.0] * 10, tercile=2)
    found = interval(np.arange(1.0, 1001.0).tolist(), "2024-01-01")
    after = after_outcomes(found, calm).states[1]
    assert after.alphas[0] < after.alphas[1] == after.alphas[2] == pytest.approx(0.1)
    assert after_outcomes(found, wild).states[1].alphas[2] == after.alphas[0]


@pytest.mark.parametrize("horizon", [1, 4])
def test_no_outcome_after_an_origin_changes_its_interval(horizon):
    noise = np.random.default_rng(3).normal(size=60)
    found = interval(np.abs(np.random.default_rng(4).normal(size=80)).tolist(), "2024-01-10")
    before = half_widths(found, origins(noise.tolist(), horizon))
    for place in (20, 40):
        changed = noise.copy()
        changed[place:] = 50.0
        after = half_widths(found, origins(changed.tolist(), horizon))
        assert after[: place + horizon].tolist() == before[: place + horizon].tolist()
        assert after[place + horizon] != before[place + horizon]


def test_origins_before_the_end_of_calibration_have_the_calibrated_width():
    found = interval(np.arange(1.0, 1001.0).tolist(), "2024-01-05")
    widths = half_widths(found, origins([5000.0] * 10))
    assert widths[:5].tolist() == [901.0] * 5
    assert widths[5] > 901


def test_forecasts_beyond_the_data_go_on_from_the_last_state():
    noise = np.random.default_rng(5).standard_t(3, size=200)
    whole = origins(noise.tolist())
    calibrated = interval(np.abs(np.random.default_rng(6).normal(size=80)).tolist(), "2024-01-10")
    part = origins(noise[:150].tolist())
    followed = after_outcomes(calibrated, part)
    expected = half_widths(calibrated, whole)
    assert half_widths(followed, whole).tolist() == expected.tolist()
    new = Origins(
        samples=whole.samples.take(np.arange(150, 200)),
        predicted=whole.predicted[150:],
        volatility=whole.volatility[150:],
        terciles=whole.terciles[150:],
    )
    # The outcome of the last old origin is not among the new rows; all others are in the state.
    assert half_widths(followed, new) == pytest.approx(expected[150:], rel=0.1)
    assert half_widths(calibrated, new) != pytest.approx(half_widths(followed, new), rel=0.1)


def test_bounds_of_log_returns_are_around_the_level():
    of = origins([0.0])
    task = Task(target="x", predict="log_return", horizon=1)
    (lower, upper), _ = interval([0.1] * 9, "2024-01-01").follow(task, of)
    assert lower == pytest.approx(100 * np.exp(-0.1))
    assert upper == pytest.approx(100 * np.exp(0.1))


def garch(count: int, seed: int) -> np.ndarray:
    """A price whose log returns are GARCH(1, 1) with t(5) shocks."""
    chance = np.random.default_rng(seed)
    shocks = chance.standard_t(5, size=count) / np.sqrt(5 / 3)
    returns, variance = np.zeros(count), 1e-4
    for row in range(1, count):
        variance = 1e-6 + 0.09 * returns[row - 1] ** 2 + 0.9 * variance
        returns[row] = np.sqrt(variance) * shocks[row]
    return 100 * np.exp(np.cumsum(returns))


def coverage_of_persistence(w: World, nominal: float = 0.9):
    """Score the interval of the persistence forecast on the test era."""
    windows = w.windows(4)
    found = gather_origins(w.features, windows.samples, w.task, np.zeros(len(windows.ends)))
    fitted = calibrate_interval(windows, found, nominal)
    (lower, upper), _ = fitted.follow(w.task, found)
    test = windows.samples.of(Era.TEST)
    part = pd.DataFrame({"actual": windows.samples.future, "lower": lower, "upper": upper})
    part["time"] = windows.samples.target_times
    return score_interval(fitted, part.iloc[test], found.volatility[test], windows.samples.blocks[test])


@pytest.mark.parametrize("horizon", [1, 5])
def test_coverage_is_nominal_in_every_tercile_of_volatility(world, horizon):
    scores = coverage_of_persistence(world(garch(8000, 11), predict="log_return", horizon=horizon))
    low, high = coverage_band(0.9, scores.n)
    assert low <= scores.coverage <= high
    low, high = coverage_band(0.9, scores.n // 3)
    assert all(low <= each <= high for each in scores.coverage_by_volatility)


@pytest.mark.simulation
@pytest.mark.parametrize("horizon", [1, 5])
def test_terciles_of_a_hundred_garch_prices_are_covered(world, horizon):
    scores = [coverage_of_persistence(world(garch(3000, s), predict="log_return", horizon=horizon)) for s in range(100)]
    by_tercile = np.mean([each.coverage_by_volatility for each in scores], axis=0)
    low, high = coverage_band(0.9, scores[0].n // 3)
    outside = np.mean([[not low <= each <= high for each in one.coverage_by_volatility] for one in scores])
    print(
        f"h = {horizon}: mean {np.mean([s.coverage for s in scores]):.3f}, terciles {by_tercile.round(3)}, outside {outside:.3f}"
    )
    assert np.abs(by_tercile - 0.9).max() < 0.02
    assert outside < 0.06


def test_in_a_panel_no_series_changes_the_volatility_of_another(world):
    one, other = garch(300, 1), garch(300, 2)
    both = world(np.r_[one, other], predict="log_return", blocks=[0] * 300 + [1] * 300)
    alone = world(one, predict="log_return")
    found = gather_origins(both.features, both.samples, both.task, np.zeros(600))
    expected = gather_origins(alone.features, alone.samples, alone.task, np.zeros(300))
    np.testing.assert_array_equal(found.volatility[:300], expected.volatility)
    np.testing.assert_array_equal(found.terciles[:300], expected.terciles)
    assert np.isnan(found.volatility[[0, 300]]).all()


def test_the_interval_is_calibrated_on_the_last_third_of_validation(world):
    w = world(garch(2000, 3), predict="log_return")
    windows = w.windows(4)
    found = gather_origins(w.features, windows.samples, w.task, np.zeros(len(windows.ends)))
    fitted = calibrate_interval(windows, found, 0.9)
    assert fitted.calibration_rows == 100
    last = windows.samples.of(Era.VALIDATION)[-1]
    assert fitted.states[0].scores[-1] == found.scores[last]
    assert np.datetime64(fitted.states[0].as_of) == windows.samples.target_times[last]


def test_too_few_validation_rows_give_no_interval(world, random_walk):
    w = world(random_walk(120, 1))
    windows = w.windows(4)
    found = gather_origins(w.features, windows.samples, w.task, np.zeros(len(windows.ends)))
    assert calibrate_interval(windows, found, 0.9) is None
    assert calibrate_interval(windows, found, 0.5) is not None


def test_coverage_includes_both_ends_and_is_counted_over_time_and_by_volatility():
    part = pd.DataFrame(
        {
            "actual": [1.0, 2.0, 3.0, 9.0, 2.0, 2.0],
            "lower": [1.0] * 5 + [np.nan],
            "upper": [3.0, 3.0, 3.0, 5.0, 3.0, np.nan],
            "time": pd.date_range("2024-01-01", periods=6),
        }
    )
    scores = score_interval(interval([1.0]), part, np.array([1.0, 3.0, 2.0, 5.0, 1.5, 1.0]), np.zeros(6, dtype=int))
    assert (scores.coverage, scores.n, scores.effective_n) == (0.8, 5, 5)
    assert scores.mean_width == pytest.approx(2.4)
    assert scores.coverage_by_volatility == (1.0, 1.0, 0.0)
    assert [(span.n, span.coverage) for span in scores.over_time] == [(5, 0.8)]


def test_outcomes_of_a_panel_at_one_time_count_for_as_many_as_they_are_worth():
    chance = np.random.default_rng(2)
    days, series = 200, 50

    def effective(inside):
        part = pd.DataFrame({"actual": np.where(inside.ravel(), 0.5, 2.0), "lower": 0.0, "upper": 1.0})
        part["time"] = np.repeat(pd.date_range("2024-01-01", periods=days), series)
        blocks = np.tile(np.arange(series), days)
        return score_interval(interval([1.0]), part, np.ones(days * series), blocks).effective_n

    together = np.repeat(chance.random((days, 1)) < 0.9, series, axis=1)
    assert effective(together) == pytest.approx(days, rel=0.01)
    assert effective(chance.random((days, series)) < 0.9) > 0.7 * days * series


@pytest.mark.parametrize(
    "broken",
    [
        {"scores": ()},
        {"scores": (float("nan"),)},
        {"scores": (-1.0,)},
        {"alphas": (float("inf"), 0.1, 0.1)},
        {"alphas": (float("nan"), 0.1, 0.1)},
        {"as_of": "yesterday"},
        {"as_of": "NaT"},
    ],
)
def test_a_state_that_is_none_is_recognised(broken):
    good = IntervalState(as_of="2024-01-05", scores=(1.0,), alphas=(0.1, 0.1, 0.1))
    assert Interval(nominal=0.9, most_scores=5, states=(good,)).is_consistent()
    fields = {"as_of": good.as_of, "scores": good.scores, "alphas": good.alphas} | broken
    assert not Interval(nominal=0.9, most_scores=5, states=(good, IntervalState(**fields))).is_consistent()
