"""Several tables in one file: the first is read, and the others are reported and can be read instead."""

from pathlib import Path

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.errors.files import HeaderLineNotFound
from core.findings.ingest.reading import OtherTables
from core.findings.model import Severity
from core.ingest import reader
from core.ingest.layout import decode, split
from core.ingest.reader import read_table
from core.recipe.model import IngestSettings
from tests.ingest.accounting import read_and_check
from tests.ingest.fuzzing import assert_same

CHANCE = np.random.default_rng(0)
FACTORS = ",Mkt-RF,SMB,HML,RF"
MONTHS = [f"{year}{month:02}" for year in range(1926, 1990) for month in range(1, 13)]
DAYS = [f"2024-01-{day:02}" for day in range(1, 31)]
PRICES = ["Date,Close", *(f"{day},{100 + place}.5" for place, day in enumerate(DAYS))]
BARS = ["Date,Open,High", *(f"2023-{day[5:]},{place}.5,{place}.75" for place, day in enumerate(DAYS))]
VOLUMES = ["Date,Volume", *(f"2023-{day[5:]},{place}000" for place, day in enumerate(DAYS))]


def rows(stamps: list[str], columns: int) -> list[str]:
    """Lines as in Kenneth French's library: padded numbers after a time stamp."""
    return [",".join([stamp, *(f"{value:8.2f}" for value in CHANCE.normal(0, 3, columns))]) for stamp in stamps]


# The layout of F-F_Research_Data_Factors.CSV: notes, months, a title, years, a copyright notice.
FRENCH = [
    "This file was created by CMPT_ME_BEME_RETS using the 202404 CRSP database.",
    "The 1-month TBill return is from Ibbotson and Associates, Inc.",
    "",
    FACTORS,
    *rows(MONTHS, 4),
    "",
    " Annual Factors: January-December ",
    FACTORS,
    *rows([f"  {year}" for year in range(1927, 1990)], 4),
    "",
    "Copyright 2024 Kenneth R. French",
]


@pytest.fixture
def take(tmp_path: Path):
    """Write lines to a file, read it and check the result against it; `in_blocks` reads many small blocks."""

    def read(lines: list[str], in_blocks: bool = False, **settings: object) -> Dataset:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        file = folder / "stacked.csv"
        file.write_text("\n".join(lines) + "\n")
        if in_blocks:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(split, "BLOCK", 211)
                patch.setattr(reader, "IN_MEMORY", -1)
                return read_and_check(file, IngestSettings(**settings), folder / "read")
        return read_and_check(file, IngestSettings(**settings), folder / "read")

    return read


def other_tables(dataset: Dataset) -> OtherTables | None:
    return next((finding for finding in dataset.findings if isinstance(finding, OtherTables)), None)


@pytest.mark.fires("other-tables")
def test_months_are_read_and_the_years_below_them_are_reported(take) -> None:
    dataset = take(FRENCH)
    assert (dataset.rows, len(dataset.columns), dataset.frequency) == (768, 5, "MS")
    assert (dataset.start[:10], dataset.end[:10]) == ("1926-01-01", "1989-12-01")
    frame = dataset.read()
    values = [line.split(",")[1:] for line in FRENCH[4:772]]
    assert frame[["Mkt-RF", "SMB", "HML", "RF"]].to_numpy().tolist() == [list(map(float, line)) for line in values]
    found = other_tables(dataset)
    assert found.severity == Severity.WARNING
    # Title, header, 63 years and the notice, but not the blank line above the notice.
    assert (found.rows, found.count) == ((774,), 66)
    (table,) = found.tables
    assert (table.first_line, table.last_line, table.title) == (774, 840, "Annual Factors: January-December")
    assert table.header == ("", "Mkt-RF", "SMB", "HML", "RF")
    assert found.remedy.value == 775
    assert dataset.skipped_rows == found.count + 2


def test_the_remedy_reads_the_other_table(take) -> None:
    lines = [*PRICES * 12, "", *BARS]
    remedy = other_tables(take(lines)).remedy
    dataset = take(lines, **{remedy.field: remedy.value})
    assert [column.name for column in dataset.columns] == ["Date", "Open", "High"]
    assert (dataset.rows, dataset.start[:10]) == (30, "2023-01-01")
    assert other_tables(dataset) is None
    assert next(finding.count for finding in dataset.findings if finding.code == "preamble") == len(PRICES) * 12


def test_a_table_beyond_the_first_block_can_be_read(take, monkeypatch) -> None:
    lines = [*PRICES * 12, "", "Bars of a year", *BARS, "", *VOLUMES]
    line = other_tables(take(lines)).remedy.value
    dataset = take(lines, header_line=line)
    monkeypatch.setattr(decode, "BLOCK", 150)
    assert_same(dataset, take(lines, header_line=line))
    assert [column.name for column in dataset.columns] == ["Date", "Open", "High"]
    assert dataset.header_line == line == 12 * len(PRICES) + 3
    with pytest.raises(HeaderLineNotFound):
        read_table(dataset.folder.parent / "stacked.csv", IngestSettings(header_line=99999), dataset.folder)


@pytest.mark.parametrize(
    ("lines", "ends", "headers"),
    [
        ([*PRICES, "", *BARS], [31], [": Date,Open,High"]),
        ([*PRICES, *VOLUMES], [31], [": Date,Volume"]),
        ([*PRICES, ",", "Bars,", *BARS, "", "", *VOLUMES], [31, 65], ["Bars: Date,Open,High", ": Date,Volume"]),
        ([*PRICES, "", "Another listing", *PRICES], [31], ["Another listing: Date,Close"]),
        ([*PRICES, "", "Statistic,Value", "Minimum,100.5", "Maximum,129.5"], [31], [": Statistic,Value"]),
        ([*PRICES, "", "Part,Two", *BARS], [31], [": Date,Open,High"]),
        ([*PRICES, "", '"Part', 'Two",', *BARS], [31], ['"Part: Date,Open,High']),
    ],
)
def test_tables_are_recognised_by_their_headers(lines: list[str], ends: list[int], headers: list[str], take) -> None:
    dataset = take(lines)
    found = other_tables(dataset)
    assert [column.name for column in dataset.columns] == ["Date", "Close"]
    assert (dataset.rows, dataset.end[:10]) == (30, "2024-01-30")
    assert len(found.rows) == len(ends) and found.rows[0] > ends[0]
    assert [f"{table.title}: {','.join(table.header)}" for table in found.tables] == headers
    assert found.count == sum(bool(line) for line in lines[found.rows[0] - 1 :])
    assert_same(dataset, take(lines, in_blocks=True))


@pytest.mark.silent("other-tables")
@pytest.mark.parametrize(
    "lines",
    [
        [*PRICES[:15], "", *PRICES[15:]],
        [*PRICES[:15], "", "", ",", *PRICES[15:]],
        [*PRICES, *(line.replace("2024", "2025") for line in PRICES)],
        [*PRICES, "", *(line.replace("2024", "2025") for line in PRICES)],
        [*PRICES, "", "Total,3435", "Copyright by nobody, all rights reserved"],
        [*PRICES[:15], "", "Note: the vendor changed, prices are adjusted", *PRICES[15:]],
        [*PRICES[:15], "a note", *PRICES[15:]],
        [*PRICES[:15], "2024-02-01,", "", "not,known", "", *PRICES[15:]],
        ["Date,Name,Close", *(f"{day},Date,{place}.5" for place, day in enumerate(DAYS))],
    ],
)
def test_a_single_table_is_not_split(lines: list[str], take) -> None:
    dataset = take(lines)
    assert other_tables(dataset) is None
    assert dataset.rows >= 30 and dataset.time_column == "Date"
    assert_same(dataset, take(lines, in_blocks=True))


def test_columns_of_a_wider_table_below_are_not_added_to_the_first(take) -> None:
    # Spreadsheets pad every line to the width of the widest table.
    lines = [f"{line},," for line in PRICES] + [",,,", *(f"{line}," for line in BARS)]
    dataset = take(lines)
    assert [column.name for column in dataset.columns] == ["Date", "Close"]
    assert other_tables(dataset).rows == (33,)
