"""Correlation matrices against pandas and scipy."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from core.data.columns import BadCounts, Column, Kind
from core.quality.numerics.blocks import RowChunk
from core.quality.numerics.correlation import ScaledColumn, correlate_columns, correlation, rank_correlations


def gappy(columns: int, rows: int) -> pd.DataFrame:
    random = np.random.default_rng(7)
    values = random.normal(size=(rows, 1)).cumsum(axis=0) + 3 * random.normal(size=(rows, columns)).cumsum(axis=0)
    values[random.random(values.shape) < 0.1] = np.nan
    values[: rows // 2, 0] = np.nan
    return pd.DataFrame(values, columns=[f"c{place}" for place in range(columns)])


def correlate(frame: pd.DataFrame, train: np.ndarray):
    columns = [Column(name=name, original_name=name, kind=Kind.NUMBER, bad=BadCounts()) for name in frame]
    cells = [pa.array(values, from_pandas=True) for _, values in frame.items()]
    chunks = [
        RowChunk(
            begin=begin,
            end=min(begin + 7_000, len(frame)),
            columns=columns,
            cells=[each[begin : begin + 7_000] for each in cells],
        )
        for begin in range(0, len(frame), 7_000)
    ]
    scaled = [
        ScaledColumn(name=name, mean=values[train].mean(), std=values[train].std()) for name, values in frame.items()
    ]
    return correlate_columns(scaled, train, chunks)


def test_correlations_equal_pandas_over_all_rows_and_over_train():
    frame = gappy(6, 40_000)
    train = np.arange(40_000) < 30_000
    found = correlate(frame, train)
    np.testing.assert_allclose(np.array(found.pearson, float), frame.corr().to_numpy(), atol=1e-9)
    np.testing.assert_allclose(np.array(found.pearson_train, float), frame[train].corr().to_numpy(), atol=1e-9)
    np.testing.assert_allclose(np.array(found.spearman, float), frame.corr("spearman").to_numpy(), atol=1e-9)
    assert found.sample is None


def test_ranks_of_long_columns_are_computed_on_a_sample():
    frame = pd.DataFrame(np.random.default_rng(8).normal(size=(120_000, 2)), columns=["a", "b"])
    frame["b"] += frame["a"]
    found = correlate(frame, np.ones(120_000, dtype=bool))
    assert found.sample == 50_000
    assert found.spearman[0][1] == pytest.approx(frame.corr("spearman").iloc[0, 1], abs=0.01)


def test_a_pair_with_too_few_common_rows_has_no_correlation():
    frame = pd.DataFrame(
        {"a": np.r_[np.arange(50.0), np.full(50, np.nan)], "b": np.r_[np.full(48, np.nan), np.arange(52.0)]}
    )
    found = correlate(frame, np.ones(100, dtype=bool))
    assert found.pearson[0][1] is None
    assert found.spearman[0][1] is None
    assert found.pearson[0][0] == 1.0


def test_ties_share_their_mean_rank():
    values = np.round(np.random.default_rng(9).normal(size=(2, 200)))
    assert rank_correlations(values)[0][1] == pytest.approx(stats.spearmanr(*values).statistic)


def test_correlation_equals_numpy_and_is_zero_if_it_does_not_exist():
    one, other = np.random.default_rng(10).normal(size=(2, 50))
    assert correlation(one, other) == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert correlation(one, np.full(50, 0.1)) == 0.0
    assert correlation(one[:2], other[:2]) == 0.0


def test_the_order_of_columns_changes_no_number():
    frame, train = gappy(7, 3000), np.arange(3000) < 2000
    forward, backward = correlate(frame, train), correlate(frame[frame.columns[::-1]], train)
    assert backward.names == forward.names[::-1]
    for matrix in ("pearson", "spearman", "pearson_train"):
        reversed_back = tuple(row[::-1] for row in getattr(backward, matrix)[::-1])
        assert reversed_back == getattr(forward, matrix)
