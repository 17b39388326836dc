import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.regression.design import LeftOut, lags_within, make_design


def design_of(values, names=None):
    rows, columns = values.shape
    names = names or tuple(f"f{position}" for position in range(columns))
    outcome = np.random.default_rng(9).standard_normal(rows)
    return make_design(values, names, outcome, np.zeros(rows, dtype=int))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 4), st.integers(0, 2**31))
def test_only_linear_combinations_of_features_are_left_out(free, sums, seed):
    random = np.random.default_rng(seed)
    values = random.standard_normal((60, free)) * 10.0 ** random.integers(-6, 7, free) + random.integers(-100, 100)
    made = values @ (random.uniform(0.5, 2, (free, sums)) / values.std(axis=0)[:, None])
    design, left_out = design_of(np.column_stack([values, made]))
    assert len(design.names) == free
    assert [feature.name for feature in left_out] == [f"f{free + position}" for position in range(sums)]
    assert np.linalg.matrix_rank(design.exog) == free + 1


def test_a_nearly_collinear_feature_is_kept():
    random = np.random.default_rng(0)
    first = random.standard_normal(500)
    design, left_out = design_of(np.column_stack([first, first + 1e-5 * random.standard_normal(500)]))
    assert len(design.names) == 2
    assert left_out == ()


def test_a_small_spread_around_a_large_level_is_not_constant():
    random = np.random.default_rng(0)
    design, left_out = design_of(np.column_stack([1e6 + 1e-3 * random.standard_normal(500), np.full(500, 0.1)]))
    assert design.names == ("f0",)
    assert left_out == (LeftOut("f1"),)


def test_with_more_features_than_rows_the_independent_ones_are_kept():
    design, left_out = design_of(np.random.default_rng(0).standard_normal((10, 14)))
    assert len(design.names) == 9
    assert len(left_out) == 5


def test_coefficients_in_original_units_solve_the_unscaled_problem():
    random = np.random.default_rng(1)
    values = random.standard_normal((200, 2)) * [1e8, 1e-4] + [5e8, 1]
    outcome = 3 + values @ [2e-8, 1e4] + 0.1 * random.standard_normal(200)
    design, _ = make_design(values, ("a", "b"), outcome, np.zeros(200, dtype=int))
    scaled = np.linalg.lstsq(design.exog, design.outcome, rcond=None)[0]
    residual = outcome - np.column_stack([np.ones(200), values]) @ (design.to_units @ scaled)
    assert np.abs(np.column_stack([np.ones(200), design.exog[:, 1:]]).T @ residual).max() == pytest.approx(0, abs=1e-6)


def test_lags_do_not_cross_series():
    lagged = lags_within(np.arange(6.0), np.array([0, 0, 0, 1, 1, 1]), 2)
    assert np.isnan(lagged).sum() == 6
    assert lagged[2].tolist() == [1, 0]
    assert lagged[5].tolist() == [4, 3]
