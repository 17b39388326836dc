"""Lags, means and cuts: nothing crosses a series, and nothing is learned from an outcome that is not known yet."""

import numpy as np
import pandas as pd
import pytest

from core.quality.forecastability.timeline import Timeline

SIZES = (70, 1, 130, 90)


def one_series(rows: int) -> Timeline:
    return Timeline(series=np.zeros(rows, dtype=int), stamps=np.arange(rows))


def panel() -> Timeline:
    series = np.repeat(np.arange(len(SIZES)), SIZES)
    # Series start at different times and end together.
    stamps = np.concatenate([np.arange(max(SIZES) - size, max(SIZES)) for size in SIZES])
    return Timeline(series=series, stamps=stamps)


def values_of(timeline: Timeline) -> np.ndarray:
    random = np.random.default_rng(0)
    values = random.normal(5, 2, size=(3, len(timeline.series)))
    values[random.random(values.shape) < 0.1] = np.nan
    return values


TIMELINES = pytest.mark.parametrize("timeline", [one_series(200), panel()], ids=["series", "panel"])


def by_series(timeline: Timeline, values: np.ndarray):
    return pd.DataFrame(values.T).groupby(timeline.series)


@TIMELINES
@pytest.mark.parametrize("rows", [-200, -3, 0, 1, 22, 300])
def test_lags_stay_within_their_series(timeline: Timeline, rows: int) -> None:
    values = values_of(timeline)
    np.testing.assert_array_equal(timeline.lag(values, rows), by_series(timeline, values).shift(rows).to_numpy().T)


@TIMELINES
@pytest.mark.parametrize("rows", [1, 5, 22])
def test_means_are_those_of_pandas_within_a_series(timeline: Timeline, rows: int) -> None:
    values = values_of(timeline)
    fewest = max(1, -(-rows // 2))
    rolled = by_series(timeline, values).rolling(rows, min_periods=fewest).mean().to_numpy().T
    np.testing.assert_allclose(timeline.means(values, rows)[0], rolled, atol=1e-12)
    so_far = by_series(timeline, values).expanding(min_periods=10).mean().to_numpy().T
    np.testing.assert_allclose(timeline.mean_so_far(values), so_far, atol=1e-12)


@TIMELINES
def test_scales_are_learned_from_the_early_rows_of_a_series(timeline: Timeline) -> None:
    values = values_of(timeline)
    later = values.copy()
    later[:, ~timeline.early] = 1e6
    scaled, unmoved = timeline.standardise(values), timeline.standardise(later)
    np.testing.assert_array_equal(scaled[:, timeline.early], unmoved[:, timeline.early])
    early = scaled[0, timeline.early & (timeline.series == timeline.series.max())]
    if np.isfinite(early).any():
        assert np.nanmean(early) == pytest.approx(0, abs=1e-9)
        assert np.nanstd(early) == pytest.approx(1)


def test_a_series_with_few_early_values_has_no_scale() -> None:
    timeline = panel()
    scaled = timeline.standardise(values_of(timeline))
    assert np.isnan(scaled[:, timeline.series < 2]).all()
    assert np.isfinite(scaled[:, timeline.series == 2]).any()


@TIMELINES
@pytest.mark.parametrize("horizon", [1, 5, 21])
def test_an_outcome_is_learned_from_once_it_is_known(timeline: Timeline, horizon: int) -> None:
    rows = np.arange(len(timeline.series))
    known_at = timeline.lag(timeline.stamps.astype(float), -horizon)
    learned: list[int] = []
    forecast: list[int] = []
    for cut in timeline.cuts(horizon):
        learned += rows[cut.learn].tolist()
        now = timeline.stamps[cut.forecast].min()
        assert np.nanmax(known_at[learned]) <= now
        missed = np.flatnonzero(known_at <= now)
        assert set(missed.tolist()) <= set(learned)
        forecast += rows[cut.forecast].tolist()
    assert len(set(learned)) == len(learned)
    assert sorted(forecast) == np.flatnonzero(~timeline.early).tolist()


def test_a_seasonal_mean_takes_the_same_rows_of_earlier_seasons() -> None:
    timeline = one_series(400)
    hours = np.arange(400.0) % 24
    for horizon in (1, 24, 30):
        found = timeline.seasonal_mean(hours[None], 24, horizon)[0]
        ahead = (np.arange(400) + horizon) % 24
        assert np.isnan(found[:15]).any() or horizon % 24 == 0
        np.testing.assert_allclose(found[60:], ahead[60:])
