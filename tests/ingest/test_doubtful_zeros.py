"""Zeros that may mean missing: found in prices that have grown, and not where 0 is a value like any other."""

import numpy as np
import pytest

from core.ingest.values.sentinels import find_doubtful_zeros, find_extremes

ROWS = 1_500


def doubtful(values: np.ndarray) -> list[int]:
    return find_doubtful_zeros(values, find_extremes(values[np.isfinite(values)])).tolist()


def grown_price(seed: int) -> np.ndarray:
    """A price that grows about a thousandfold, so its first values are far below its median."""
    return 4 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.005, 0.03, ROWS)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("place", [slice(-36, None), slice(0, 120), slice(700, 720)], ids=["end", "start", "middle"])
def test_zeros_where_a_grown_price_has_no_data_are_found(seed: int, place: slice) -> None:
    price = grown_price(seed)
    price[place] = 0
    assert doubtful(price) == np.arange(ROWS)[place].tolist()


def test_missing_cells_beside_zeros_hide_nothing() -> None:
    price = grown_price(1)
    price[-36:], price[-40:-36] = 0, np.nan
    assert doubtful(price) == list(range(ROWS - 36, ROWS))


@pytest.mark.parametrize("seed", range(5))
def test_zeros_of_rates_volumes_and_rare_events_are_values(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rate = np.maximum(np.round(4 * (2 + np.cumsum(chance.normal(0, 0.02, ROWS)))) / 4, 0)
    rate[-100:] = 0
    rate[-160:-100] = 0.25
    volume = np.exp(chance.normal(10, 0.6, ROWS))
    volume[chance.integers(0, ROWS, 40)] = 0
    rain = np.where(chance.random(ROWS) < 0.4, 0, chance.gamma(2, 3, ROWS))
    spread = np.maximum(0.2 + np.cumsum(chance.normal(0, 0.02, ROWS)), 0)
    assert [doubtful(values) for values in (rate, volume, rain, spread)] == [[], [], [], []]
