"""Identifiers: told apart from prices, volumes and counts."""

import numpy as np
import pytest

from core.quality.column.identifiers import is_identifier_like

ROWS = 1000
RANDOM = np.random.default_rng(11)
ONE_SERIES = np.arange(ROWS) == 0
DAYS = np.datetime64("2015-01-01") + np.arange(ROWS)
IDENTIFIERS = {
    "row number": np.arange(ROWS),
    "descending number": 5000 - np.arange(ROWS),
    "number with gaps": np.cumsum(RANDOM.integers(1, 9, size=ROWS)),
    "shuffled number": RANDOM.permutation(ROWS),
    "random code": RANDOM.integers(0, 2**31, size=ROWS),
    "unix seconds of business days": DAYS[np.is_busday(DAYS)].astype("datetime64[s]").astype(np.int64),
    "year month day": np.array([int(str(day).replace("-", "")) for day in DAYS]),
}
FEATURES = {
    "price in cents": np.round(1e4 * np.exp(0.01 * RANDOM.normal(size=ROWS).cumsum())),
    "population": np.round(2e8 + np.cumsum(2e5 + 5e4 * np.sin(np.arange(ROWS) / 9) + 2e3 * RANDOM.normal(size=ROWS))),
    "volume": np.round(np.exp(14 + 0.3 * RANDOM.normal(size=ROWS))),
    "net flow": np.round(1e6 * RANDOM.normal(size=ROWS)),
    "class": RANDOM.integers(0, 9, size=ROWS),
    "float price": 100 * np.exp(0.01 * RANDOM.normal(size=ROWS).cumsum()),
}


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_identifiers(name):
    values = IDENTIFIERS[name].astype(np.float64)
    assert is_identifier_like(values, ONE_SERIES[: len(values)], None)


@pytest.mark.parametrize("name", FEATURES)
def test_features_are_no_identifiers(name):
    assert not is_identifier_like(FEATURES[name].astype(np.float64), ONE_SERIES, None)


def test_random_integers_correlated_with_the_target_are_no_identifier():
    codes = RANDOM.permutation(ROWS).astype(np.float64)
    assert not is_identifier_like(codes, ONE_SERIES, codes + 300 * RANDOM.normal(size=ROWS))
    assert is_identifier_like(codes, ONE_SERIES, RANDOM.normal(size=ROWS))


def test_a_counter_within_each_series_is_an_identifier_despite_missing_values():
    first = np.isin(np.arange(ROWS), [0, 400])
    values = np.r_[np.arange(400) * 2, np.arange(600) * 2 + 1].astype(np.float64)
    values[::17] = np.nan
    assert is_identifier_like(values, first, None)


def test_a_few_rows_are_no_identifier():
    assert not is_identifier_like(np.arange(8.0), np.arange(8) == 0, None)
