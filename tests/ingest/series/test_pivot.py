"""The pivot to one column per series: its values against those of pandas, and its findings."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.builtin import write_sample
from core.data.columns import LINE, BadCounts, Kind
from core.data.dataset import BAD_CELLS_FILE, Dataset
from core.errors.series import PivotTooWide, PivotWithoutSeries, PivotWithoutValues
from core.findings.model import Severity
from core.ingest import reader
from core.ingest.layout import split
from core.ingest.reader import read_table
from core.ingest.series import pivot
from core.ingest.step import starter_recipe
from core.ingest.target import propose_target, require_target
from core.recipe.model import IngestSettings, Recipe
from tests.ingest.test_real_files import REAL

DAYS = [f"2024-01-{day:02}" for day in range(1, 32)]


def finding(dataset: Dataset, code: str):
    return next((finding for finding in dataset.findings if finding.code == code), None)


def panel(names: str = "AB", columns: str = "close,volume") -> list[str]:
    rows = [
        f"{day},{name},{ord(name)}.{place:02},{100 * ord(name) + place}"
        for place, day in enumerate(DAYS)
        for name in names
    ]
    return [f"day,ticker,{columns}", *rows]


def replaced(lines: list[str], line: int, text: str) -> list[str]:
    return [*lines[: line - 1], text, *lines[line:]]


def wide_by_pandas(frame: pd.DataFrame, time: str, series: str) -> pd.DataFrame:
    wide = frame.pivot(index=time, columns=series)
    wide.columns = [f"{value} {name}" for value, name in wide.columns]
    return wide


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sample") / "panel.csv"
    write_sample("three-markets-panel", file)
    return file


def test_the_sample_is_pivoted_as_by_pandas(sample: Path, tmp_path: Path) -> None:
    dataset = read_table(sample, IngestSettings(pivot=True), tmp_path / "wide")
    expected = wide_by_pandas(pd.read_csv(sample, parse_dates=["date"]), "date", "market")
    assert [column.name for column in dataset.columns] == ["date", *expected.columns]
    frame = dataset.read().set_index("date")
    np.testing.assert_array_equal(frame.to_numpy(np.float64), expected.to_numpy(np.float64))
    np.testing.assert_array_equal(frame.index, expected.index)
    assert (dataset.time_column, dataset.series_column, dataset.frequency) == ("date", None, "B")
    assert (dataset.rows, dataset.start[:10], dataset.end[:10]) == (5219, "1999-01-04", "2019-01-03")
    missing = {column.name: column.bad.missing for column in dataset.columns}
    assert missing == {"date": 0, **expected.isna().sum()}
    assert all(column.bad.total == column.bad.missing for column in dataset.columns)
    assert dataset.column("volume WTI oil").kind == Kind.EMPTY
    found = finding(dataset, "pivoted")
    assert (found.series, found.columns, found.count) == (3, 5, 15)
    assert finding(dataset, "series-column") is None
    assert propose_target(dataset) == "close Nasdaq"
    assert require_target(dataset, "close S&P 500") == "close S&P 500"


@pytest.mark.skipif(REAL is None, reason="the folder of real files is not here (PLUMBLINE_REAL_DATA)")
def test_a_real_long_file_is_pivoted_as_by_pandas(tmp_path: Path) -> None:
    file = REAL / "m6_assets_long.csv"
    dataset = read_table(file, IngestSettings(pivot=True), tmp_path / "wide")
    raw = pd.read_csv(file, keep_default_na=False)
    raw["price"] = pd.to_numeric(raw["price"])
    expected = raw.assign(date=pd.to_datetime(raw["date"])).pivot(index="date", columns="symbol", values="price")
    frame = dataset.read().set_index("date")
    assert frame.columns.tolist() == sorted(raw["symbol"].unique())
    np.testing.assert_array_equal(frame.to_numpy(), expected.to_numpy())
    assert finding(dataset, "pivoted").count == raw["symbol"].nunique()
    assert dataset.frequency == "B"


def test_a_wide_row_has_the_line_of_its_first_long_row(read) -> None:
    lines = panel()
    dataset = read("\n".join([lines[0], *lines[:0:-1]]), pivot=True)
    assert dataset.read([LINE])[LINE].tolist() == list(range(62, 1, -2))
    assert finding(dataset, "newest-first") is not None
    assert dataset.read()["close A"].is_monotonic_increasing


@pytest.mark.fires("series-column", "pivoted")
def test_a_pivot_is_offered_unless_it_makes_too_many_columns(read, monkeypatch) -> None:
    text = "\n".join(panel())
    remedy = finding(read(text), "series-column").remedy
    assert (remedy.section, remedy.field, remedy.value) == ("ingest", "pivot", True)
    back = finding(read(text, pivot=True), "pivoted").remedy
    assert (back.section, back.field, back.value) == ("ingest", "pivot", False)
    monkeypatch.setattr(pivot, "MOST_WIDE", 3)
    assert finding(read(text), "series-column").remedy is None
    with pytest.raises(PivotTooWide) as refusal:
        read(text, pivot=True)
    assert (refusal.value.columns, refusal.value.series, refusal.value.limit) == (2, 2, 3)
    monkeypatch.setattr(pivot, "MOST_WIDE", 4)
    assert len(read(text, pivot=True).columns) == 5


@pytest.mark.silent("series-column", "pivoted")
def test_a_file_of_one_series_cannot_be_pivoted(read) -> None:
    text = "Date,Close\n" + "".join(f"{day},{100 + place}.5\n" for place, day in enumerate(DAYS))
    with pytest.raises(PivotWithoutSeries):
        read(text, pivot=True)


def test_a_file_without_values_cannot_be_pivoted(read) -> None:
    text = "\n".join(["day,ticker,sector", *(f"{day},{name},tech" for day in DAYS for name in "AB")])
    dataset = read(text, series_column="ticker")
    assert dataset.series_column == "ticker"
    assert finding(read(text), "series-column").remedy is None
    with pytest.raises(PivotWithoutValues) as refusal:
        read(text, pivot=True, series_column="ticker")
    assert (refusal.value.time, refusal.value.series) == ("day", "ticker")


@pytest.mark.fires("pivot-left-out")
@pytest.mark.silent("pivot-repeated")
def test_text_constant_within_each_series_is_dropped_and_other_text_kept(read) -> None:
    rows = [
        f"{day},{name},{place}.5,{'tech' if name == 'A' else 'oil'},{'up' if place % 3 else 'down'}"
        for place, day in enumerate(DAYS)
        for name in "AB"
    ]
    dataset = read("\n".join(["day,ticker,close,sector,mood", *rows]), pivot=True)
    assert [column.name for column in dataset.columns] == ["day", "close A", "close B", "mood A", "mood B"]
    assert dataset.column("mood A").kind == Kind.CATEGORY
    assert dataset.read()["mood B"].tolist() == ["up" if place % 3 else "down" for place in range(31)]
    assert finding(dataset, "pivot-left-out").columns == ("sector",)
    found = finding(dataset, "pivoted")
    assert (found.series, found.columns, found.count) == (2, 2, 4)


def test_types_are_kept_and_integers_without_gaps_stay_integers(read) -> None:
    header = "day,ticker,count,open,seen,ratio"
    rows = [
        f"{day},{name},{place},{'yes' if place % 2 else 'no'},2023-05-{place + 1:02},{place}.25"
        for place, day in enumerate(DAYS)
        for name in "AB"
    ]
    dataset = read("\n".join([header, *rows[:-1]]), pivot=True)
    kinds = {column.name: column.kind for column in dataset.columns}
    for name, kind in (("count", "integer"), ("open", "boolean"), ("seen", "time"), ("ratio", "number")):
        assert kinds[f"{name} A"] == kinds[f"{name} B"] == kind
    frame = dataset.read()
    assert frame["count A"].dtype == np.int64 and frame["count B"].dtype == np.float64
    assert frame["open A"].tolist() == [place % 2 for place in range(31)]
    assert frame["seen A"].iloc[4] == pd.Timestamp("2023-05-05") and pd.isna(frame["seen B"].iloc[30])
    assert {column.bad for column in dataset.columns if column.name.endswith("A")} == {BadCounts()}
    assert {column.bad for column in dataset.columns if column.name.endswith("B")} == {BadCounts(missing=1)}


@pytest.mark.fires("pivot-repeated")
@pytest.mark.silent("pivot-left-out", "duplicate-times")
def test_the_last_of_repeated_rows_is_kept_and_the_others_are_reported(read) -> None:
    lines = panel()
    again = replaced(lines, 2, f"{DAYS[0]},A,1.5,1") + [f"{DAYS[0]},A,2.5,2", f"{DAYS[0]},A,3.5,3", f"{DAYS[4]},B,,9"]
    dataset = read("\n".join(again), pivot=True, series_column="ticker")
    frame = dataset.read()
    assert frame["close A"].iloc[0] == 3.5 and frame["volume A"].iloc[0] == 3
    assert np.isnan(frame["close B"].iloc[4]) and frame["volume B"].iloc[4] == 9
    found = finding(dataset, "pivot-repeated")
    assert (found.severity, found.count, found.rows) == (Severity.WARNING, 3, (2, 11, 64))
    assert finding(dataset, "duplicate-times") is None and dataset.rows == 31
    assert finding(read("\n".join(lines), pivot=True), "pivot-repeated") is None


def test_in_a_newest_first_file_the_first_of_repeated_rows_is_kept(read) -> None:
    lines = panel()
    text = "\n".join([lines[0], f"{DAYS[-1]},B,9.5,9", *lines[:0:-1]])
    dataset = read(text, pivot=True, series_column="ticker")
    assert finding(dataset, "newest-first") is not None
    kept = read(text, series_column="ticker").read()
    assert kept[kept["ticker"] == "B"]["close"].iloc[-1] == dataset.read()["close B"].iloc[-1] == 9.5


def test_bad_cells_are_counted_in_their_wide_column(read) -> None:
    lines = panel("ABC")
    # The lines of A, B and C alternate from line 2 on.
    for line, cell in ((2, "n/b"), (5, "??x"), (6, "inf"), (9, "-inf"), (7, "")):
        day, name, _, volume = lines[line - 1].split(",")
        lines = replaced(lines, line, f"{day},{name},{cell},{volume}")
    for line in (22, 23, 24, 33):
        day, name, _, volume = lines[line - 1].split(",")
        lines = replaced(lines, line, f"{day},{name},-999,{volume}")
    dataset = read("\n".join(lines), pivot=True)
    assert dataset.column("close A").bad == BadCounts(unparseable=2, sentinel=1)
    assert dataset.column("close B").bad == BadCounts(infinite=2, sentinel=2)
    assert dataset.column("close C").bad == BadCounts(missing=1, sentinel=1)
    assert finding(dataset, "unparseable-cells").rows == (2, 5)
    assert (dataset.folder / BAD_CELLS_FILE).read_text().splitlines()[1:] == ["2,close,n/b", "5,close,??x"]
    # Once in a wide column, but three times in the long one, in which codes are looked for.
    assert {dataset.column(f"close {name}").sentinels for name in "ABC"} == {(-999.0,)}
    assert dataset.column("volume B").bad == BadCounts()
    refused = read("\n".join(lines), pivot=True, find_sentinels=False)
    assert refused.column("close C").bad == BadCounts(missing=1)
    asked = read("\n".join(lines), pivot=True, find_sentinels=False, sentinels=(-999.0,))
    assert asked.column("close C").bad == BadCounts(missing=1, sentinel=1)


def test_settings_for_a_long_column_apply_to_its_wide_columns(read) -> None:
    lines = panel()
    day, name, _, volume = lines[11].split(",")
    lines = replaced(lines, 12, f"{day},{name},0,{volume}")
    dataset = read("\n".join(lines), pivot=True)
    found = finding(dataset, "zero-values")
    assert (found.column, found.rows, found.remedy.value) == ("close A", (12,), ("close A",))
    for named in ("close", "close A"):
        mended = read("\n".join(lines), pivot=True, zero_is_missing=(named,))
        assert mended.column("close A").bad.sentinel == 1 and mended.column("close B").bad.total == 0
    less = read("\n".join(lines), pivot=True, ignore=("volume",))
    assert [column.name for column in less.columns] == ["day", "A", "B"]
    assert finding(less, "pivoted").ignored == ("volume",)
    assert len(read("\n".join(lines), pivot=True, ignore=("volume A",)).columns) == 5


def test_wide_names_are_printable_and_unique(read) -> None:
    names = ["day", "_line", "a\u202eb", "ab", "c"]
    rows = [f'{day},"{name}",{place}.5' for day in DAYS for place, name in enumerate(names)]
    dataset = read("\n".join(["day,name,x", *rows]), pivot=True, series_column="name")
    made = [column.name for column in dataset.columns]
    assert len(set(made)) == 6 and made[0] == "day" and LINE not in made
    assert "ab" in made and all(name.isprintable() for name in made)
    originals = {column.original_name: column.name for column in dataset.columns[1:]}
    frame = dataset.read()
    assert {names.index(original): frame[name].iloc[0] for original, name in originals.items()} == {
        place: place + 0.5 for place in range(5)
    }


@pytest.mark.parametrize(("cells", "labels"), [(("10001", "9"), ["9", "10001"]), (("b", "a"), ["a", "b"])])
def test_series_are_sorted_by_name_and_numbers_by_value(read, cells, labels) -> None:
    rows = [f"{day},{cell},{place}.5" for place, day in enumerate(DAYS) for cell in cells]
    dataset = read("\n".join(["day,id,x", *rows]), pivot=True)
    assert [column.name for column in dataset.columns] == ["day", *labels]


def test_gaps_are_found_in_the_wide_table(read) -> None:
    # Each series misses a different fortnight, so together they have no gap.
    lines = [
        line for line in panel() if not (line[8:10] < "15" and ",A," in line or line[8:10] > "20" and ",B," in line)
    ]
    assert finding(read("\n".join(lines), pivot=True), "time-gaps") is None
    holes = [line for line in panel() if not ("10" <= line[8:10] < "20" and (",A," in line or ",B," in line))]
    found = finding(read("\n".join(holes), pivot=True), "time-gaps")
    assert found.count == 1 and found.rows == (20,)


@pytest.mark.fires("digits-lost")
def test_integers_too_large_for_a_float_are_reported_if_a_gap_makes_them_floats(read) -> None:
    lines = ["day,ticker,id,x", *(f"{day},{n},{2**53 + 1 + p},{p}.5" for p, day in enumerate(DAYS) for n in "AB")]
    assert finding(read("\n".join(lines), pivot=True), "digits-lost") is None
    found = finding(read("\n".join(lines[:-1]), pivot=True), "digits-lost")
    assert found.column == "id B" and found.rows[:2] == (3, 7)


@pytest.mark.fires("rows-without-series")
def test_rows_without_a_time_or_a_series_are_skipped(read) -> None:
    lines = [*panel(), "n/a,A,5,5", f"{DAYS[3]},,5,5"]
    dataset = read("\n".join(lines), pivot=True)
    assert dataset.rows == 31
    assert finding(dataset, "rows-without-series").rows == (65,)
    assert finding(dataset, "rows-without-time") or finding(dataset, "footer")
    assert all(column.bad.total == 0 for column in dataset.columns)


def test_the_series_column_found_is_stored(read) -> None:
    dataset = read("\n".join(panel()), pivot=True)
    assert (dataset.series_column, dataset.pivoted_by) == (None, "ticker")
    recipe = starter_recipe(dataset, recipe=Recipe().change("ingest", pivot=True))
    assert (recipe.ingest.series_column, recipe.ingest.target) == ("ticker", "close A")
    assert read("\n".join(panel())).pivoted_by is None


CELLS = st.one_of(st.none(), st.integers(-(10**6), 10**6).map(lambda number: number / 64))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.dictionaries(
        st.tuples(st.integers(0, 40), st.sampled_from(["A", "B c", "Ä"])), st.tuples(CELLS, CELLS), min_size=40
    ),
    shuffled=st.randoms(use_true_random=False),
    block=st.integers(64, 600),
)
def test_melted_again_it_is_the_long_table_whatever_the_order_of_rows_and_the_cuts(
    tmp_path_factory, monkeypatch, cells, shuffled, block
) -> None:
    folder = tmp_path_factory.mktemp("melt")
    rows = [
        f"{pd.Timestamp('2024-01-01') + pd.Timedelta(days=day):%Y-%m-%d},{name},"
        f"{'' if x is None else f'{x:.6f}'},{'' if y is None else f'{y:.6f}'}"
        for (day, name), (x, y) in cells.items()
    ]
    rows += ["2024-03-01,A,0.5,0.5"]
    cells[60, "A"] = (0.5, 0.5)
    asked = IngestSettings(pivot=True, time_column="day", series_column="who", find_sentinels=False)

    def read_rows(rows: list[str], name: str) -> Dataset:
        (folder / name).write_text("\n".join(["day,who,x,y", *rows]))
        return read_table(folder / name, asked, folder / f"{name}-read")

    first = read_rows(rows, "first")
    with monkeypatch.context() as patch:
        patch.setattr(split, "BLOCK", block)
        patch.setattr(reader, "IN_MEMORY", -1)
        shuffled.shuffle(rows)
        second = read_rows(rows, "second")
    assert first.columns == second.columns
    frame = first.read()
    pd.testing.assert_frame_equal(frame, second.read(), check_exact=True)
    melted = {}
    for value in ("x", "y"):
        for name in ("A", "B c", "Ä"):
            if f"{value} {name}" in frame:
                for day, cell in zip(frame["day"], frame[f"{value} {name}"].astype(float), strict=True):
                    if not np.isnan(cell):
                        melted[(day - pd.Timestamp("2024-01-01")).days, name, value] = cell
    expected = {
        (day, name, value): cell
        for (day, name), pair in cells.items()
        for value, cell in zip("xy", pair, strict=True)
        if cell is not None and f"{value} {name}" in frame
    }
    assert melted == expected
    assert len(frame) == len({day for day, _ in cells})


def test_block_size_and_spilling_to_disk_change_nothing(sample: Path, tmp_path: Path, monkeypatch) -> None:
    asked = IngestSettings(pivot=True)
    whole = read_table(sample, asked, tmp_path / "whole")
    monkeypatch.setattr(split, "BLOCK", 10_007)
    monkeypatch.setattr(reader, "IN_MEMORY", -1)
    cut = read_table(sample, asked, tmp_path / "cut")
    assert replace(cut, folder=Path()) == replace(whole, folder=Path())
    pd.testing.assert_frame_equal(cut.read(), whole.read(), check_exact=True)
    assert sorted(os.listdir(tmp_path)) == ["cut", "whole"]
