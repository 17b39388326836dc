"""Columns are searched by name and sorted, whatever order they came in."""

from dataclasses import replace

import pytest

from core.data.columns import Kind
from core.quality.views.gallery import ORDERS, choose_columns, measure_column
from tests.cleaning.examples import column as example_column


def column(name: str, kind: Kind = Kind.NUMBER, **numbers: float | None):
    made = example_column(name, kind)
    return replace(made, all=replace(made.all, **{"bad_ratio": 0.0} | numbers))


COLUMNS = (
    column("beta", skewness=-3.0, kurtosis=1.0, outlier_ratio=0.02, autocorrelation=0.5),
    column("Alpha", skewness=1.0, kurtosis=9.0, outlier_ratio=0.0, autocorrelation=0.99, bad_ratio=0.4),
    column("note", Kind.TEXT),
    column("gamma", skewness=None, kurtosis=None, outlier_ratio=None, autocorrelation=None),
)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("file order", ["beta", "Alpha", "gamma"]),
        ("name", ["Alpha", "beta", "gamma"]),
        ("bad ratio", ["Alpha", "beta", "gamma"]),
        ("skewness", ["beta", "Alpha", "gamma"]),
        ("excess kurtosis", ["Alpha", "beta", "gamma"]),
        ("outliers", ["beta", "Alpha", "gamma"]),
        ("drift", ["Alpha", "beta", "gamma"]),
    ],
)
def test_extreme_columns_come_first_and_those_without_the_number_last(order, names):
    assert [found.name for found in choose_columns(COLUMNS, "", order)] == names
    if order != "file order":
        assert [found.name for found in choose_columns(COLUMNS[::-1], "", order)] == names


def test_search_matches_parts_of_names_in_any_case():
    assert [found.name for found in choose_columns(COLUMNS, " AL", "name")] == ["Alpha"]
    assert choose_columns(COLUMNS, "note", "name") == ()


def test_every_order_except_by_name_has_its_number():
    assert [order for order in ORDERS if measure_column(COLUMNS[0], order) is None] == ["file order", "name"]
