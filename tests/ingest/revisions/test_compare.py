"""Comparison of two files: planted changes are found, each counted once, and nothing else is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.columns import Kind
from core.findings.model import Severity
from core.ingest.revisions import align
from core.ingest.revisions.compare import FileChanges, RestatedCell, RowGroup, compare_datasets, restated_cells
from core.ingest.revisions.revision_findings import check_revision
from core.io.json import from_json, to_json

NOTHING = RowGroup(0, ())


@pytest.fixture
def frame() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    days = pd.date_range("2024-01-01", periods=60)
    return pd.DataFrame(
        {
            "day": days.strftime("%Y-%m-%d"),
            "close": chance.normal(100, 1, 60).round(4),
            "volume": chance.integers(1000, 9000, 60),
            "mood": np.where(chance.random(60) < 0.5, "up", "down"),
        }
    )


@pytest.fixture
def compare(read):
    def compare_frames(old: pd.DataFrame | str, new: pd.DataFrame | str, **settings: object) -> FileChanges:
        texts = [given if isinstance(given, str) else given.to_csv(index=False) for given in (old, new)]
        return compare_datasets(*(read(text, **settings) for text in texts))

    return compare_frames


def codes(changes: FileChanges) -> list[str]:
    return [finding.code for finding in check_revision(changes)]


@pytest.mark.silent("history-restated", "rows-gone", "rows-new", "columns-gone", "columns-new", "kinds-changed")
def test_the_same_data_in_another_layout_have_no_changes(frame, compare, read) -> None:
    changes = compare(frame, frame)
    assert (changes.rows, changes.matched, changes.added) == ((60, 60), 60, 0)
    assert changes.removed == changes.added_after == NOTHING and changes.columns == ()
    assert check_revision(changes) == ()
    other = frame.assign(close=[f"{value:.4f}0000" for value in frame["close"]])[["mood", "day", "volume", "close"]]
    assert check_revision(compare(frame, other.iloc[::-1])) == ()
    assert restated_cells(read(frame.to_csv(index=False)), read(other.to_csv(index=False))).empty


@pytest.mark.fires("rows-new")
@pytest.mark.silent("rows-gone", "history-restated")
def test_a_longer_file_has_only_new_rows(frame, compare) -> None:
    changes = compare(frame.iloc[:50], frame)
    assert changes.added_after == RowGroup(10, tuple(frame["day"].iloc[50:60]))
    assert changes.added_inside == changes.added_before == changes.removed == NOTHING
    (found,) = check_revision(changes)
    assert (found.code, found.severity, found.count) == ("rows-new", Severity.INFO, 10)
    assert (found.after.count, found.after.first[0], found.inside.count) == (10, "2024-02-20", 0)


@pytest.mark.fires("rows-gone", "rows-new")
def test_rows_added_before_and_within_and_removed_are_counted_apart(frame, compare) -> None:
    changes = compare(frame.drop(index=[0, 20, 21]), frame.drop(index=[30, 59]))
    assert changes.added_before == RowGroup(1, ("2024-01-01",))
    assert changes.added_inside == RowGroup(2, ("2024-01-21", "2024-01-22"))
    assert changes.added_after == NOTHING
    assert changes.removed == RowGroup(2, ("2024-01-31", "2024-02-29"))
    assert (changes.matched, changes.columns) == (55, ())
    assert codes(changes) == ["rows-gone", "rows-new"]


@pytest.mark.fires("history-restated")
def test_restated_filled_and_emptied_cells_are_counted_apart(frame, compare, read) -> None:
    old, new = frame.copy(), frame.copy()
    old.loc[[5, 6], "close"] = np.nan
    old.loc[7, "close"], new.loc[7, "close"] = 200.0, 100.0
    old.loc[8, "close"], new.loc[8, "close"] = 100.0, 101.0
    new.loc[9, "close"] = np.nan
    changes = compare(old, new)
    (column,) = changes.columns
    assert (column.column, column.restated, column.filled, column.emptied, column.cells) == ("close", 2, 2, 1, 5)
    assert (column.largest, column.first) == (0.5, "2024-01-06")
    assert column.examples[0] == RestatedCell(
        time="2024-01-06", series=None, line=7, old=None, new=frame["close"].iloc[5]
    )
    assert column.examples[2] == RestatedCell(time="2024-01-08", series=None, line=9, old=200.0, new=100.0)
    assert column.examples[4].new is None
    (found,) = check_revision(changes)
    assert (found.code, found.severity, found.column, found.count) == ("history-restated", Severity.WARNING, "close", 5)
    assert (found.restated, found.filled, found.emptied, found.rows) == (2, 2, 1, (7, 8, 9, 10, 11))
    assert (found.earliest.time, found.earliest.old, found.largest) == ("2024-01-06", None, 0.5)
    cells = restated_cells(read(old.to_csv(index=False)), read(new.to_csv(index=False)))
    assert cells.columns.tolist() == ["time", "series", "column", "old", "new"]
    assert cells["time"].tolist() == list(pd.date_range("2024-01-06", periods=5))
    assert cells["old"].tolist()[2:] == [200.0, 100.0, frame["close"].iloc[9]] and pd.isna(cells["old"].iloc[0])
    assert cells["series"].isna().all() and set(cells["column"]) == {"close"}
    assert len(restated_cells(read(old.to_csv(index=False)), read(new.to_csv(index=False)), limit=3)) == 3


@pytest.mark.parametrize(
    ("old", "new", "restated"),
    [
        ("0.3", "0.30000000000000004", 0),
        ("1.0", "1.0000000000005", 0),
        ("1.0", "1.000000000002", 1),
        ("1e300", "1.0000001e300", 1),
        ("0.0", "1e-300", 1),
        ("-0.0", "0.0", 0),
        ("inf", "inf", 0),
        ("inf", "1.5", 1),
        ("inf", "-inf", 1),
    ],
)
def test_floats_differ_only_beyond_the_last_bits(frame, compare, old, new, restated) -> None:
    texts = [frame.assign(close=[cell, *frame["close"].iloc[1:].astype(str)]) for cell in (old, new)]
    changes = compare(*texts, find_sentinels=False)
    assert sum(column.restated for column in changes.columns) == restated
    if "inf" in (old, new) and restated:
        assert changes.columns[0].largest is None and changes.columns[0].examples[0].old == "inf"


def test_integers_are_compared_exactly(frame, compare) -> None:
    old = frame.assign(volume=-(2**60) + np.arange(60))
    new = frame.assign(volume=-(2**60) + np.arange(60) + (np.arange(60) == 4))
    (column,) = compare(old, new).columns
    assert column.restated == 1
    assert column.examples[0].old == str(-(2**60) + 4) and column.examples[0].new == str(-(2**60) + 5)


def test_text_and_times_are_compared(frame, compare) -> None:
    times = pd.date_range("2023-01-01", periods=60)
    old = frame.assign(seen=times.strftime("%Y-%m-%d"))
    new = old.copy()
    new.loc[3, "seen"], new.loc[4, "seen"] = "2023-06-01", ""
    new.loc[10, "mood"] = "flat"
    changes = {column.column: column for column in compare(old, new, time_column="day").columns}
    assert (changes["seen"].restated, changes["seen"].emptied) == (1, 1)
    assert (changes["seen"].examples[0].old, changes["seen"].examples[0].new) == ("2023-01-04", "2023-06-01")
    assert (changes["mood"].examples[0].new, changes["mood"].largest) == ("flat", None)


@pytest.mark.fires("columns-gone", "columns-new", "kinds-changed")
def test_columns_added_removed_or_of_another_type_are_named(frame, compare) -> None:
    new = frame.rename(columns={"mood": "feeling"}).assign(
        volume=frame["volume"] + 0.5, close=[f"p{value}" for value in frame["close"]]
    )
    changes = compare(frame, new)
    assert (changes.columns_removed, changes.columns_new) == (("mood",), ("feeling",))
    kinds = {kind.column: (kind.old, kind.new, kind.compared) for kind in changes.kinds}
    assert kinds["volume"] == (Kind.INTEGER, Kind.NUMBER, True)
    assert kinds["close"] == (Kind.NUMBER, Kind.TEXT, False)
    assert [column.column for column in changes.columns] == ["volume"]
    found = {finding.code: finding for finding in check_revision(changes)}
    assert (found["columns-gone"].severity, found["columns-gone"].columns) == (Severity.WARNING, ("mood",))
    assert (found["columns-new"].severity, found["columns-new"].columns) == (Severity.INFO, ("feeling",))
    assert found["kinds-changed"].not_compared == ("close",)


def test_a_column_that_was_empty_is_filled(frame, compare) -> None:
    for name in ("close", "mood"):
        (column,) = compare(frame.assign(**{name: ""}), frame).columns
        assert (column.column, column.filled, column.restated) == (name, 60, 0)
    (column,) = compare(frame.assign(seen=frame["day"]), frame.assign(seen=""), time_column="day").columns
    assert (column.column, column.emptied) == ("seen", 60)


def panel(names: str) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d")
    parts = [pd.DataFrame({"day": days, "who": name, "x": ord(name) + np.arange(30) / 8}) for name in names]
    return pd.concat(parts).sort_values(["day", "who"])


@pytest.mark.silent("series-not-comparable")
def test_rows_are_matched_within_their_series(compare) -> None:
    changes = compare(panel("AB"), panel("ABC"))
    assert codes(changes) == ["rows-new"]
    assert (changes.added_inside.count, changes.series_new, changes.columns) == (30, ("C",), ())
    changes = compare(panel("BC"), panel("AB"))
    assert (changes.matched, changes.removed.count, changes.added) == (30, 30, 30)
    assert (changes.series_removed, changes.series_new) == (("C",), ("A",))
    old, new = panel("AB"), panel("AB")
    new.loc[(new["who"] == "B") & (new["day"] == "2024-01-05"), "x"] = 7.0
    (column,) = compare(old, new).columns
    assert (column.restated, column.examples[0].series, column.examples[0].time) == (1, "B", "2024-01-05")


@pytest.mark.fires("series-not-comparable")
def test_a_file_of_several_series_cannot_be_matched_with_one_without(compare, frame) -> None:
    changes = compare(panel("AB"), panel("A").drop(columns="who"))
    assert (changes.matched, changes.removed.count, changes.added) == (0, 60, 30)
    assert codes(changes)[0] == "series-not-comparable"


def test_the_nth_row_of_a_time_stamp_is_matched_with_the_nth(compare) -> None:
    rows = ["2024-01-01,1.5", "2024-01-01,2.5", "2024-01-01,3.5", "2024-01-02,4.5", "2024-01-03,5.5"]
    text = "\n".join(["day,x", *rows])
    assert check_revision(compare(text, text)) == ()
    changes = compare(text, text.replace("2024-01-01,2.5\n", ""))
    assert changes.removed == RowGroup(1, ("2024-01-01",))
    (column,) = changes.columns
    assert (column.restated, column.examples[0].old, column.examples[0].new) == (1, 2.5, 3.5)


def test_at_most_ten_columns_are_reported_one_by_one(compare) -> None:
    days = pd.date_range("2024-01-01", periods=20).strftime("%Y-%m-%d")
    old = pd.DataFrame({f"x{place}": np.arange(20) + 0.5 for place in range(14)}).assign(day=days)
    new = old.copy()
    for place in range(14):
        new.loc[: 13 - place, f"x{place}"] += 1
    found = check_revision(compare(old, new))
    assert [finding.code for finding in found] == ["history-restated"] * 11
    assert [finding.column for finding in found[:2]] == ["x0", "x1"]
    assert (found[-1].count, found[-1].columns) == (4, ("x10", "x11", "x12", "x13"))


def test_changes_are_restored_from_json(frame, compare) -> None:
    new = frame.iloc[2:].copy()
    new.loc[5, "close"], new.loc[7, "mood"], new.loc[9, "volume"] = np.nan, "0.5", 1
    new = pd.concat([new, frame.tail(1).assign(day="2024-05-01T09:30:00.5")])
    changes = compare(frame, new.assign(late=1.5))
    assert changes.columns and changes.columns_new and changes.removed.count == 2
    assert changes.added_after.first == ("2024-05-01 09:30:00.500000",)
    assert from_json(FileChanges, to_json(changes)) == changes


VALUES = st.one_of(st.none(), st.integers(-50, 50).map(lambda number: number / 4))
TABLE = st.dictionaries(st.tuples(st.integers(0, 15), st.sampled_from("AB")), st.tuples(VALUES, VALUES), min_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TABLE, new=TABLE)
def test_counts_equal_those_of_a_loop_over_the_cells(old, new, read, monkeypatch) -> None:
    monkeypatch.setattr(align, "_MOST_COLUMNS_READ", 1)
    anchor = {(day, name): (0.25, 0.75) for day in range(40, 44) for name in "AB"}
    tables = [table | anchor for table in (old, new)]
    datasets = []
    for table in tables:
        rows = [
            f"2024-0{1 + day // 28}-{1 + day % 28:02},{name},{'' if x is None else x},{'' if y is None else y}"
            for (day, name), (x, y) in table.items()
        ]
        text = "\n".join(["day,who,x,y", *rows])
        datasets.append(read(text, time_column="day", series_column="who", find_sentinels=False))
    changes = compare_datasets(*datasets)
    both = tables[0].keys() & tables[1].keys()
    assert (changes.matched, changes.removed.count, changes.added) == (
        len(both),
        len(tables[0].keys() - both),
        len(tables[1].keys() - both),
    )
    found = {column.column: (column.restated, column.filled, column.emptied) for column in changes.columns}
    for place, name in enumerate("xy"):
        pairs = [(tables[0][key][place], tables[1][key][place]) for key in both]
        expected = (
            sum(None not in pair and pair[0] != pair[1] for pair in pairs),
            sum(pair[0] is None and pair[1] is not None for pair in pairs),
            sum(pair[0] is not None and pair[1] is None for pair in pairs),
        )
        assert found.get(name, (0, 0, 0)) == expected
    assert len(restated_cells(*datasets)) == sum(column.cells for column in changes.columns)
    mirrored = compare_datasets(*reversed(datasets))
    assert mirrored.removed.count == changes.added and len(mirrored.columns) == len(changes.columns)
    assert compare_datasets(datasets[0], replace(datasets[0])).columns == ()
