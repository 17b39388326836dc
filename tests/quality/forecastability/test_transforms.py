"""The quantities that are forecast, against pandas."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.parkinson import parkinson_variance
from core.quality.forecastability.horizons import Rhythm
from core.quality.forecastability.timeline import Timeline
from core.quality.forecastability.transforms import DRIFTING, NOISE, PRICE, REVERTING, Asked, Batch, ask, ask_ranges
from tests.data.bars import make_bars

ROWS = 300
RHYTHM = Rhythm(horizons=(1, 5, 21), season=None)
TIMELINE = Timeline(series=np.zeros(ROWS, dtype=int), stamps=np.arange(ROWS))
WALK = np.random.default_rng(0).normal(size=(1, ROWS)).cumsum(axis=1)


def asked(values: np.ndarray) -> Asked:
    return Asked(names=("x",), columns=np.array([[0]]), values=values)


def by_transform(batches) -> dict[tuple[str, int], Batch]:
    return {(batch.transform, batch.horizon): batch for batch in batches}


def assert_proportional(found: np.ndarray, expected: pd.Series) -> None:
    """Scales are learned from early rows; a quantity is known up to scale and shift."""
    known = np.isfinite(found[0]) & expected.notna().to_numpy()
    assert known.sum() > ROWS / 2
    assert np.corrcoef(found[0, known], expected.to_numpy()[known])[0, 1] > 1 - 1e-9


def test_moves_sizes_and_volatilities_are_those_of_the_last_rows() -> None:
    found = by_transform(ask(asked(WALK), DRIFTING, TIMELINE, RHYTHM))
    line = pd.Series(WALK[0])
    for horizon in RHYTHM.horizons:
        assert_proportional(found["change", horizon].quantity, line.diff(horizon))
        assert_proportional(found["absolute_change", horizon].quantity, line.diff(horizon).abs())
        if horizon > 1:
            realised = np.log((line.diff() ** 2).rolling(horizon).mean())
            assert_proportional(found["volatility", horizon].quantity, realised)
    assert ("volatility", 1) not in found
    assert all(found["change", horizon].zero for horizon in RHYTHM.horizons)


def test_levels_are_anchored_at_their_last_value() -> None:
    found = by_transform(ask(asked(WALK), REVERTING, TIMELINE, RHYTHM))
    assert set(found) == {("level", horizon) for horizon in RHYTHM.horizons}
    assert all(batch.anchored for batch in found.values())
    assert_proportional(found["level", 5].quantity, pd.Series(WALK[0]))


def test_the_size_of_a_return_is_that_of_one_row() -> None:
    returns = np.diff(WALK, prepend=0)
    found = by_transform(ask(asked(returns), NOISE, TIMELINE, RHYTHM))
    for horizon in RHYTHM.horizons:
        assert_proportional(found["absolute", horizon].quantity, pd.Series(returns[0]).abs())


def test_a_range_spans_the_highest_and_the_lowest_price_of_its_rows() -> None:
    random = np.random.default_rng(2)
    high, low = WALK + random.random(WALK.shape), WALK - random.random(WALK.shape)
    for horizon, batch in zip(RHYTHM.horizons, ask_ranges(asked(WALK), high, low, TIMELINE, RHYTHM), strict=True):
        spanned = pd.Series(high[0]).rolling(horizon).max() - pd.Series(low[0]).rolling(horizon).min()
        whole = batch.quantity.copy()
        whole[:, : horizon - 1] = np.nan
        assert_proportional(whole, np.log(spanned))


def test_volatility_is_that_of_high_and_low_where_they_show_a_range() -> None:
    bars = make_bars(ROWS)
    variances = parkinson_variance(bars["high"].to_numpy(), bars["low"].to_numpy())
    variances[100] = np.nan
    logs = np.log(bars["close"].to_numpy())
    close = replace(asked(logs[None]), variances=variances[None])
    found = by_transform(ask(close, PRICE, TIMELINE, RHYTHM))
    squares = pd.Series(np.where(np.isnan(variances), np.diff(logs, prepend=np.nan) ** 2, variances))
    for horizon in (5, 21):
        assert_proportional(found["volatility", horizon].quantity, np.log(squares.rolling(horizon).mean()))
