"""Several tables below each other in one file: the first is read alone, the others are named and can be read in its place."""

from pathlib import Path

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.errors.model import RecipeError
from core.findings.model import Finding, Severity
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
    """Return lines as Kenneth French's library writes them: padded numbers behind a stamp."""
    return [",".join([stamp, *(f"{value:8.2f}" for value in CHANCE.normal(0, 3, columns))]) for stamp in stamps]


# As the publisher lays out F-F_Research_Data_Factors.CSV: notes, months, a title, years, a copyright notice.
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
    """Read lines that were written to a file, held against that file; `in_blocks` cuts it into many."""

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


def below(dataset: Dataset) -> Finding | None:
    return next((finding for finding in dataset.findings if finding.code == "other-tables"), None)


def test_months_are_read_and_the_years_below_them_are_named(take) -> None:
    dataset = take(FRENCH)
    assert (dataset.rows, len(dataset.columns), dataset.frequency) == (768, 5, "MS")
    assert (dataset.start[:10], dataset.end[:10]) == ("1926-01-01", "1989-12-01")
    frame = dataset.read()
    values = [line.split(",")[1:] for line in FRENCH[4:772]]
    assert frame[["Mkt-RF", "SMB", "HML", "RF"]].to_numpy().tolist() == [list(map(float, line)) for line in values]
    told = below(dataset)
    assert told.severity == Severity.WARNING
    # Title, header, 63 years and the notice; the blank line above the notice is none of them.
    assert (told.rows, told.count) == ((774,), 66)
    assert "Lines 774 to 840" in told.detail and "Annual Factors: January-December" in told.detail
    assert "Mkt-RF, SMB, HML, RF" in told.detail
    assert told.remedy.value == 775


def test_the_remedy_reads_the_other_table_whatever_stands_above_it(take) -> None:
    lines = [*PRICES * 12, "", *BARS]
    remedy = below(take(lines)).remedy
    dataset = take(lines, **{remedy.field: remedy.value})
    assert [column.name for column in dataset.columns] == ["Date", "Open", "High"]
    assert (dataset.rows, dataset.start[:10]) == (30, "2023-01-01")
    assert below(dataset) is None
    assert next(finding.count for finding in dataset.findings if finding.code == "preamble") == len(PRICES) * 12


def test_a_table_far_below_the_first_block_is_read_as_well(take, monkeypatch) -> None:
    lines = [*PRICES * 12, "", "Bars of a year", *BARS, "", *VOLUMES]
    line = below(take(lines)).remedy.value
    dataset = take(lines, header_line=line)
    monkeypatch.setattr(decode, "BLOCK", 150)
    assert_same(dataset, take(lines, header_line=line))
    assert [column.name for column in dataset.columns] == ["Date", "Open", "High"]
    assert dataset.header_line == line == 12 * len(PRICES) + 3
    with pytest.raises(RecipeError, match="header_line is 99999"):
        read_table(dataset.folder.parent / "stacked.csv", IngestSettings(header_line=99999), dataset.folder)


@pytest.mark.parametrize(
    ("lines", "ends", "headers"),
    [
        ([*PRICES, "", *BARS], [31], ["Date, Open, High"]),
        ([*PRICES, *VOLUMES], [31], ["Date, Volume"]),
        ([*PRICES, ",", "Bars,", *BARS, "", "", *VOLUMES], [31, 65], ["Date, Open, High", "Date, Volume"]),
        ([*PRICES, "", "Another listing", *PRICES], [31], ["“Another listing”: Date, Close"]),
        ([*PRICES, "", "Statistic,Value", "Minimum,100.5", "Maximum,129.5"], [31], ["Statistic, Value"]),
        ([*PRICES, "", "Part,Two", *BARS], [31], ["Date, Open, High"]),
        ([*PRICES, "", '"Part', 'Two",', *BARS], [31], ["Date, Open, High"]),
    ],
)
def test_tables_are_told_by_their_headers(lines: list[str], ends: list[int], headers: list[str], take) -> None:
    dataset = take(lines)
    told = below(dataset)
    assert [column.name for column in dataset.columns] == ["Date", "Close"]
    assert (dataset.rows, dataset.end[:10]) == (30, "2024-01-30")
    assert len(told.rows) == len(ends) and told.rows[0] > ends[0]
    assert all(header in told.detail for header in headers)
    assert told.count == sum(bool(line) for line in lines[told.rows[0] - 1 :])
    assert_same(dataset, take(lines, in_blocks=True))


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
def test_one_table_stays_one(lines: list[str], take) -> None:
    dataset = take(lines)
    assert below(dataset) is None
    assert dataset.rows >= 30 and dataset.time_column == "Date"
    assert_same(dataset, take(lines, in_blocks=True))


def test_columns_that_only_a_wider_table_below_has_are_none_of_the_first(take) -> None:
    # A spreadsheet fills every line up to the width of the widest table.
    lines = [f"{line},," for line in PRICES] + [",,,", *(f"{line}," for line in BARS)]
    dataset = take(lines)
    assert [column.name for column in dataset.columns] == ["Date", "Close"]
    assert below(dataset).rows == (33,)
