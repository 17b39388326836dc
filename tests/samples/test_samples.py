import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.eras import Era, Eras
from core.recipe.model import Recipe
from core.samples.features import FeatureFrame
from core.samples.samples import PURGED, Samples, make_samples
from core.samples.task import Task, resolve_task
from tests.cleaning.examples import column, profile_of

STAMPS = np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]").astype("datetime64[us]")
CUT, SECOND = 12, 16
T, V, S, P = Era.TRAIN, Era.VALIDATION, Era.TEST, PURGED


def eras(embargo: int = 0) -> Eras:
    return Eras(
        start=str(STAMPS[0]),
        validation_from=str(STAMPS[CUT]),
        test_from=str(STAMPS[SECOND]),
        end=str(STAMPS[-1]),
        embargo=embargo,
        rows=(12, 4, 4),
    )


def features(*blocks: tuple[np.ndarray, np.ndarray]) -> FeatureFrame:
    """Rows of several series, each given by its time stamps and target values."""
    times = np.concatenate([stamps for stamps, _ in blocks])
    return FeatureFrame(
        values=pd.DataFrame({"x": np.zeros(len(times))}),
        times=times,
        series=None,
        blocks=np.repeat(np.arange(len(blocks)), [len(stamps) for stamps, _ in blocks]),
        target=np.concatenate([values for _, values in blocks]),
        lines=np.arange(2, len(times) + 2),
    )


def one_series() -> FeatureFrame:
    return features((STAMPS, np.arange(100.0, 120.0)))


def sampled(horizon: int, embargo: int = 0, frame: FeatureFrame | None = None) -> Samples:
    return make_samples(
        frame or one_series(), Task(target="close", predict="difference", horizon=horizon), eras(embargo)
    )


# ---- eras: 20 days, validation from row 12, test from row 16


def test_with_horizon_1_no_sample_is_purged_at_a_cut() -> None:
    assert sampled(1).eras.tolist() == [T] * 11 + [V] * 4 + [S] * 4 + [P]


def test_with_horizon_5_outcomes_that_span_a_cut_are_purged() -> None:
    # Row 6 ends at row 11, the last of train. Row 11 begins validation but would end at row 16, in test.
    assert sampled(5).eras.tolist() == [T] * 7 + [P] * 13


def test_with_horizon_4_an_era_of_4_rows_has_one_sample() -> None:
    # Row 11 is the last of train; rows 12 to 15 are validation. Row 15 likewise predicts row 19 over all of test.
    assert sampled(4).eras.tolist() == [T] * 8 + [P] * 3 + [V] + [P] * 3 + [S] + [P] * 4


def test_an_embargo_purges_the_first_rows_after_each_cut() -> None:
    assert sampled(1, embargo=2).eras.tolist() == [T] * 11 + [P] * 2 + [V] * 2 + [P] * 2 + [S] * 2 + [P]


def test_an_embargo_as_long_as_an_era_purges_all_of_it() -> None:
    assert set(sampled(1, embargo=4).eras.tolist()) == {T, P}


def test_an_embargo_does_not_change_train() -> None:
    assert sampled(1, embargo=100).eras[:11].tolist() == [T] * 11


def test_interleaved_series_are_each_cut_by_their_own_rows() -> None:
    even, odd = STAMPS[::2], STAMPS[1::2]
    frame = features((even, np.arange(10.0)), (odd, np.arange(50.0, 60.0)))
    samples = sampled(1, frame=frame)
    # Even days 0 2 … 18: validation is days 12 and 14, test 16 and 18. Odd days 1 3 … 19: 13 15, 17 19.
    assert samples.eras.tolist() == ([T] * 5 + [V] * 2 + [S] * 2 + [P]) * 2
    assert samples.future[:10].tolist()[:-1] == list(range(1, 10))
    assert samples.future[10:].tolist()[:-1] == list(range(51, 60))
    assert np.isnan(samples.future[[9, 19]]).all()
    assert np.isnat(samples.target_times[[9, 19]]).all()
    assert sampled(1, embargo=1, frame=frame).eras.tolist() == ([T] * 5 + [P, V, P, S, P]) * 2


def test_a_series_that_starts_in_the_test_era_has_test_samples_only() -> None:
    frame = features((STAMPS, np.arange(20.0)), (STAMPS[17:], np.arange(3.0)))
    assert sampled(1, frame=frame).eras[20:].tolist() == [S, S, P]


def test_an_embargo_counts_the_rows_of_each_series_separately() -> None:
    frame = features((STAMPS, np.arange(20.0)), (STAMPS[17:], np.arange(3.0)))
    assert sampled(1, embargo=2, frame=frame).eras[20:].tolist() == [P, S, P]


def test_a_sample_has_the_values_and_times_of_its_origin_and_target() -> None:
    samples = sampled(5)
    assert samples.rows.tolist() == list(range(20))
    assert samples.base[6] == 106
    assert samples.future[6] == 111
    assert samples.outcome[6] == 5
    assert (samples.origin_times[6], samples.target_times[6]) == (STAMPS[6], STAMPS[11])
    assert samples.of(Era.TRAIN).tolist() == list(range(7))
    assert samples.take(np.array([6, 8])).future.tolist() == [111, 113]


def test_a_sample_with_an_undefined_outcome_is_purged() -> None:
    values = np.arange(100.0, 120.0)
    values[4] = -1.0
    samples = make_samples(features((STAMPS, values)), Task(target="close", predict="log_return", horizon=1), eras())
    assert samples.eras[:6].tolist() == [T, T, T, P, P, T]


def test_a_horizon_longer_than_the_data_purges_all_samples() -> None:
    assert set(sampled(50).eras.tolist()) == {P}


def test_without_rows_there_are_no_samples() -> None:
    none = features((STAMPS[:0], np.zeros(0)))
    assert sampled(1, embargo=2, frame=none).eras.tolist() == []


@given(st.integers(1, 6), st.integers(0, 3), st.lists(st.integers(0, 19), min_size=4, max_size=20, unique=True))
@settings(max_examples=60, deadline=None)
def test_no_outcome_spans_a_cut_or_two_series(horizon: int, embargo: int, kept: list[int]) -> None:
    places = np.sort(kept)
    frame = features((STAMPS[places], places.astype(float)), (STAMPS, np.arange(20.0)))
    samples = sampled(horizon, embargo, frame)
    of_row = eras().label(frame.times)
    for row in np.flatnonzero(samples.eras != PURGED):
        path = np.arange(row + 1, row + horizon + 1)
        assert set(of_row[path].tolist()) == {samples.eras[row]}
        assert set(frame.blocks[path].tolist()) == {frame.blocks[row]}
        assert samples.future[row] == frame.target[path[-1]]


# ---- task


@pytest.mark.parametrize("predict", ["level", "difference", "return", "log_return"])
def test_level_is_the_inverse_of_change(predict: str) -> None:
    task = Task(target="close", predict=predict, horizon=1)
    base, future = np.array([100.0, 5.0, 2.5]), np.array([102.0, 4.0, 2.5])
    np.testing.assert_allclose(task.level(base, task.change(base, future)), future, rtol=1e-15)
    np.testing.assert_array_equal(task.level(base, task.no_change(base)), base)


def test_changes_match_values_computed_by_hand() -> None:
    base, future = np.array([100.0]), np.array([110.0])
    found = [
        Task(target="close", predict=predict, horizon=1).change(base, future)[0]
        for predict in ("level", "difference", "return", "log_return")
    ]
    assert found == pytest.approx([110.0, 10.0, 0.1, np.log(1.1)])


@pytest.mark.parametrize(("predict", "base"), [("return", 0.0), ("log_return", 0.0), ("log_return", -1.0)])
def test_an_undefined_change_is_nan(predict: str, base: float) -> None:
    assert np.isnan(Task(target="close", predict=predict, horizon=1).change(np.array([base]), np.array([1.0]))).all()


def test_the_label_names_outcome_target_and_horizon() -> None:
    assert Task(target="close", predict="log_return", horizon=1).label == "log return of close over 1 row"
    assert Task(target="vix", predict="level", horizon=5).label == "level of vix after 5 rows"


def test_by_default_prices_are_predicted_by_log_return_returns_by_level_and_others_by_difference() -> None:
    price = profile_of(column("close", price_like=True, drifts=True))
    other = profile_of(column("close", drifts=True))
    assert resolve_task(Recipe(), price) == Task(target="close", predict="log_return", horizon=1)
    assert resolve_task(Recipe(), other) == Task(target="close", predict="difference", horizon=1)
    for autocorrelation, predict in ((-0.3, "level"), (0.1, "level"), (0.7, "difference"), (None, "difference")):
        steady = profile_of(column("close", train={"autocorrelation": autocorrelation}))
        assert resolve_task(Recipe(), steady) == Task(target="close", predict=predict, horizon=1)
    chosen = Recipe().change("training", predict="level", horizon=5)
    assert resolve_task(chosen, price) == Task(target="close", predict="level", horizon=5)
