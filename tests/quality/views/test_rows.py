"""The rows of the data view: filters, orders and jumps, none of which tells a sealed value."""

import numpy as np
import pandas as pd
import pytest

from core.data.columns import LINE
from core.errors.pages import NotComparable, RowNotFound
from core.quality.views.rows import RowFilter, RowOrder, RowTable

DAYS = pd.date_range("2020-01-01", periods=100, unit="us")


@pytest.fixture
def table(bench) -> RowTable:
    """A panel of two tickers, written to the file the second one first."""
    base = pd.DataFrame({"date": DAYS, "price": 100.0 + np.arange(100) % 10, "note": "x"})
    base.loc[3, "price"] = np.nan
    base.loc[5, "note"] = "Stock split"
    frame = pd.concat([base.assign(ticker="b"), base.assign(ticker="a", price=base["price"] + 50)], ignore_index=True)
    dataset = bench.dataset(frame, series="ticker")
    return RowTable(dataset=dataset, eras=bench.eras(dataset))


def lines(table: RowTable, only: RowFilter, order: RowOrder | None = None) -> list[int]:
    rows = table.choose_rows(only, order or RowOrder())
    return table.dataset.read([LINE])[LINE].to_numpy()[rows].tolist()


def test_all_rows_are_in_table_order_and_sorted_by_any_column(table):
    assert lines(table, RowFilter()) == [*range(102, 202), *range(2, 102)]
    assert lines(table, RowFilter(), RowOrder(column=LINE)) == list(range(2, 202))
    falling = lines(table, RowFilter(series="b"), RowOrder(column="price", descending=True))
    assert falling[:2] == [11, 21] and falling[-1] == 5


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (RowFilter(series="b", column="price", comparison="equal to", text="109"), list(range(11, 102, 10))),
        (RowFilter(series="a", column="price", comparison="missing"), [105]),
        (RowFilter(column="price", comparison="at least", text="159.0"), list(range(111, 202, 10))),
        (RowFilter(series="b", column="date", comparison="at most", text="2020-01-02"), [2, 3]),
        (RowFilter(column="note", comparison="containing", text="SPLIT"), [107, 7]),
        (RowFilter(series="b", column="price", comparison="at least", text=" "), list(range(2, 102))),
    ],
)
def test_a_filter_shows_the_rows_that_compare(table, only, expected):
    assert lines(table, only) == expected


@pytest.mark.parametrize(("column", "kind"), [("price", "a number"), ("date", "a date")])
def test_a_text_that_does_not_compare_is_refused(table, column, kind):
    with pytest.raises(NotComparable) as refused:
        table.choose_rows(RowFilter(column=column, text="high"), RowOrder())
    assert (refused.value.column, refused.value.kind) == (column, kind)


def test_a_jump_finds_a_line_or_the_first_row_at_or_after_a_time(table):
    rows = table.choose_rows(RowFilter(series="b"), RowOrder())
    assert table.find_place(rows, "12") == 10
    assert table.find_place(rows, " 2020-01-11 12:00 ") == 11
    assert table.find_place(rows, "2020") == 0
    for text in ("150", "2031-01-01", "soon"):
        with pytest.raises(RowNotFound):
            table.find_place(rows, text)


def test_no_filter_order_or_page_tells_a_sealed_value(table):
    sealed = RowTable(dataset=table.dataset, eras=table.eras, sealed=("price",))
    is_test = table.dataset.read(["date"])["date"] >= np.datetime64(table.eras.test_from)
    everything = sealed.choose_rows(RowFilter(), RowOrder())
    page = sealed.read_page(["date", "price", "note"], everything)
    assert page["price"].isna().sum() == is_test.sum() + 2
    assert page["note"].notna().all()
    for comparison, text in (
        ("at least", "0"),
        ("at most", "1e9"),
        ("missing", ""),
        ("not missing", ""),
        ("containing", "1"),
    ):
        found = sealed.choose_rows(RowFilter(column="price", comparison=comparison, text=text), RowOrder())
        assert not is_test[found].any()
        assert len(found)
    for falling in (False, True):
        ranked = sealed.choose_rows(RowFilter(series="b"), RowOrder(column="price", descending=falling))
        assert (np.diff(ranked[-15:]) > 0).all() and is_test[ranked[-15:]].all()


def test_a_page_has_the_cells_of_its_rows_as_read(table):
    page = table.read_page(["ticker", "price"], np.array([150, 3]))
    assert list(page.columns) == ["line", "ticker", "price"]
    assert page["line"].tolist() == [52, 105]
    assert page["price"].iloc[0] == 100.0 and np.isnan(page["price"].iloc[1])
