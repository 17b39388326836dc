"""Parquet files: every number, date and text survives the conversion to CSV text."""

import csv
import io
import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors.files import DamagedParquet, EmptyParquet, TooManyColumns, UnpackedTooLarge
from core.errors.model import DataError, Stopped
from core.findings.ingest.reading import LineBreaksInCells, NestedColumns
from core.findings.model import Finding, Severity
from core.ingest.containers.limits import Limits
from core.ingest.containers.open_any import open_as_text
from core.ingest.containers.parquet import parquet_to_text
from core.ingest.layout.dialect import MAX_COLUMNS


def written(table: pa.Table, folder: Path, **given: object) -> tuple[list[list[str]], tuple[Finding, ...]]:
    """The cells of the text written for a table, the header first."""
    pq.write_table(table, folder / "a.parquet", **given)
    found = parquet_to_text(folder / "a.parquet", folder / "a.csv")
    return list(csv.reader(io.StringIO((folder / "a.csv").read_text()))), found


def column(values: pa.Array, folder: Path) -> list[str]:
    cells, found = written(pa.table({"row": np.arange(len(values)), "x": values}), folder)
    assert found == () and cells[0] == ["row", "x"]
    return [cell for _, cell in cells[1:]]


@settings(max_examples=80, deadline=None)
@given(values=st.lists(st.none() | st.floats(), min_size=1, max_size=30))
def test_64_bit_floats_round_trip_exactly(values: list[float | None], tmp_path_factory: pytest.TempPathFactory) -> None:
    texts = column(pa.array(values, pa.float64()), tmp_path_factory.mktemp("x"))
    for value, text in zip(values, texts, strict=True):
        if value is None:
            assert text == ""
        elif math.isnan(value):
            assert text == "nan"
        else:
            assert (float(text), math.copysign(1, float(text))) == (value, math.copysign(1, value))


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=20))
def test_32_bit_floats_keep_their_value(values: list[float], tmp_path_factory: pytest.TempPathFactory) -> None:
    texts = column(pa.array(values, pa.float32()), tmp_path_factory.mktemp("x"))
    assert [float(text) for text in texts] == values


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20),
    decimals=st.lists(st.decimals(-(10**20), 10**20, places=8), min_size=1, max_size=20),
)
def test_integers_and_decimals_keep_every_digit(
    numbers: list[int | None], decimals: list[Decimal], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("x")
    assert column(pa.array(numbers, pa.int64()), folder) == ["" if n is None else str(n) for n in numbers]
    texts = column(pa.array(decimals, pa.decimal128(38, 8)), folder)
    assert [Decimal(text) for text in texts] == decimals


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.none() | st.text(st.characters(codec="utf-8")), min_size=1, max_size=20))
def test_texts_round_trip_except_for_line_breaks(
    texts: list[str | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("x")
    table = pa.table({"row": np.arange(len(texts)), "x": pa.array(texts, pa.string())})
    pq.write_table(table, folder / "a.parquet")
    found = parquet_to_text(folder / "a.parquet", folder / "a.csv")
    lines = (folder / "a.csv").read_bytes().decode().split("\n")
    assert len(lines) == len(texts) + 2
    calm = ["" if text is None else text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ") for text in texts]
    assert [next(csv.reader([line]))[1] for line in lines[1:-1]] == calm
    broken = [place + 2 for place, text in enumerate(texts) if text and set(text) & {"\r", "\n"}]
    expected = (LineBreaksInCells(rows=tuple(broken[:10]), count=len(broken)),) if broken else ()
    assert found == expected


@pytest.mark.silent("nested-columns", "line-breaks-in-cells")
@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array([date(2024, 1, 2), None]), ["2024-01-02", ""]),
        (pa.array([datetime(2024, 1, 2, 16, 30, 5)], pa.timestamp("ns")), ["2024-01-02 16:30:05"]),
        (pa.array([datetime(2024, 1, 2, 16, 30, 5, 1000)], pa.timestamp("us")), ["2024-01-02 16:30:05.001"]),
        (pa.array([1_704_207_005_000_000_001], pa.timestamp("ns")), ["2024-01-02 14:50:05.000000001"]),
        (pa.array([1_704_207_005], pa.timestamp("s", "America/New_York")), ["2024-01-02 09:50:05-0500"]),
        (pa.array([1_720_000_000_000], pa.timestamp("ms", "UTC")), ["2024-07-03 09:46:40Z"]),
        (pa.array([1_704_207_005], pa.timestamp("s", "+01:00")), ["2024-01-02 15:50:05+0100"]),
        (pa.array([1_704_207_005], pa.timestamp("s", "No/Where")), ["2024-01-02 14:50:05Z"]),
        (pa.array([34_200_500], pa.time32("ms")), ["09:30:00.500"]),
        (pa.array(["AAPL", None, "AAPL", ""]).dictionary_encode(), ["AAPL", "", "AAPL", ""]),
        (pa.array([1.5, 2.5, 1.5]).dictionary_encode(), ["1.5", "2.5", "1.5"]),
        (pa.array([b"AAPL", None]), ["AAPL", ""]),
        (pa.array([b"AAPL", b"\xff\xfe"]), ["AAPL", "\ufffd\ufffd"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([None, None]), ["", ""]),
        (pa.array(['say "a, b"', "00123", " lead", "=1+1"]), ['say "a, b"', "00123", " lead", "=1+1"]),
    ],
)
def test_a_value_of_each_type_becomes_its_text(values: pa.Array, texts: list[str], tmp_path: Path) -> None:
    assert column(values, tmp_path) == texts


def test_a_frame_of_prices_round_trips_through_pandas(prices: pd.DataFrame, tmp_path: Path) -> None:
    prices.to_parquet(tmp_path / "a.parquet")
    found = open_as_text(tmp_path / "a.parquet", tmp_path)
    assert (found.findings, found.delimiter, found.member) == ((), ",", None)
    read = pd.read_csv(found.path, parse_dates=["date"])
    pd.testing.assert_frame_equal(read, prices, check_dtype=False)


def test_the_index_of_a_frame_becomes_a_column_named_index(tmp_path: Path) -> None:
    days = pd.date_range("2024-01-01", periods=2)
    pd.DataFrame({"x": [1.5, 2.5]}, index=days).to_parquet(tmp_path / "a.parquet")
    parquet_to_text(tmp_path / "a.parquet", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "x,index\n1.5,2024-01-01 00:00:00\n2.5,2024-01-02 00:00:00\n"
    pd.DataFrame({"index": [1.5, 2.5]}, index=days).to_parquet(tmp_path / "a.parquet")
    parquet_to_text(tmp_path / "a.parquet", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().startswith("index,__index_level_0__\n")


def test_many_batches_and_row_groups_stay_in_order(tmp_path: Path) -> None:
    table = pa.table({"row": np.arange(200_000), "x": np.random.default_rng(0).normal(size=200_000)})
    cells, _ = written(table, tmp_path, row_group_size=70_000)
    assert [int(row) for row, _ in cells[1:]] == list(range(200_000))
    assert [float(text) for _, text in cells[1:]] == table["x"].to_pylist()


def test_only_cells_that_need_quotes_are_quoted(tmp_path: Path) -> None:
    written(pa.table({"x": ["AAPL", "MSFT"], "y": [1.5, 2.5]}), tmp_path)
    assert (tmp_path / "a.csv").read_text() == "x,y\nAAPL,1.5\nMSFT,2.5\n"


def test_line_breaks_in_column_names_become_spaces(tmp_path: Path) -> None:
    cells, found = written(pa.table({"a,b": [1], 'say "x"': [2], "line\nbreak": [3]}), tmp_path)
    assert cells[0] == ["a,b", 'say "x"', "line break"] and found == ()


@pytest.mark.fires("nested-columns")
def test_nested_columns_are_dropped_and_reported(tmp_path: Path) -> None:
    table = pa.table({"list": [[1.0], [2.0]], "x": [1.5, 2.5], "struct": [{"a": 1}, {"a": 2}]})
    cells, (finding,) = written(table, tmp_path)
    assert cells == [["x"], ["1.5"], ["2.5"]]
    assert isinstance(finding, NestedColumns)
    assert (finding.severity, finding.count, finding.column) == (Severity.WARNING, 2, None)
    assert [name for name, _ in finding.columns] == ["list", "struct"]


@pytest.mark.parametrize(
    "table", [pa.table({}), pa.table({"x": pa.array([], pa.float64())}), pa.table({"x": [[1.0], [2.0]]})]
)
def test_a_table_without_rows_or_flat_columns_is_rejected(table: pa.Table, tmp_path: Path) -> None:
    with pytest.raises(EmptyParquet):
        written(table, tmp_path)


def test_too_many_columns_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(TooManyColumns) as caught:
        written(pa.table({f"c{place}": [1] for place in range(MAX_COLUMNS + 1)}), tmp_path)
    assert (caught.value.columns, caught.value.limit) == (20_001, MAX_COLUMNS)


def test_a_table_that_is_too_large_as_text_is_rejected_before_a_row_is_written(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": np.zeros(3_000_000)}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 20_000
    with pytest.raises(UnpackedTooLarge):
        parquet_to_text(tmp_path / "a.parquet", tmp_path / "a.csv", Limits(unpacked=2_000_000))
    assert not (tmp_path / "a.csv").exists()
    with pytest.raises(UnpackedTooLarge):
        parquet_to_text(tmp_path / "a.parquet", tmp_path / "a.csv", Limits(unpacked=4_000_000))


def test_constant_columns_are_no_bomb(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": np.zeros(3_000_000)}), tmp_path / "a.parquet")
    parquet_to_text(tmp_path / "a.parquet", tmp_path / "a.csv", Limits(ratio=100, ratio_from=1000))
    assert (tmp_path / "a.csv").stat().st_size > 400 * (tmp_path / "a.parquet").stat().st_size


def test_a_stop_is_obeyed(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1.5]}), tmp_path / "a.parquet")
    with pytest.raises(Stopped):
        parquet_to_text(tmp_path / "a.parquet", tmp_path / "a.csv", should_stop=lambda: True)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_a_file_that_is_cut_short_is_rejected(share: float, tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": np.random.default_rng(0).normal(size=1000)}), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DamagedParquet):
        open_as_text(tmp_path / "b.parquet", tmp_path)


@settings(max_examples=80, deadline=None)
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=5))
def test_changed_bytes_never_crash_the_reader(
    changes: list[tuple[float, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    table = pa.table({"date": np.arange("2024-01-01", "2024-04-01", dtype="datetime64[D]"), "t": ["A"] * 91})
    pq.write_table(table, folder / "a.parquet")
    content = bytearray((folder / "a.parquet").read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    (folder / "b.parquet").write_bytes(content)
    try:
        open_as_text(folder / "b.parquet", folder)
    except DataError as error:
        assert error.message.endswith(".") and error.hint
