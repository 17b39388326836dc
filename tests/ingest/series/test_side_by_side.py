"""Blocks side by side with date columns of their own: no value is joined to the date of another block."""

import numpy as np
import pandas as pd
import pytest

from core.data.columns import LINE
from core.findings.model import Severity

DAYS = pd.bdate_range("2024-01-01", periods=40)
WEEKS = pd.date_range("2024-01-05", periods=12, freq="W-FRI")


def blocks(
    first: pd.DatetimeIndex, second: pd.DatetimeIndex, names: tuple[str, str], gap: bool, delimiter: str = ","
) -> str:
    rows = []
    for place in range(max(len(first), len(second))):
        cells = []
        for dates, base in ((first, 100), (second, 2000)):
            inside = place < len(dates)
            cells += [f"{dates[place]:%Y-%m-%d}" if inside else "", f"{base + place}.5" if inside else ""]
            cells += [""] if gap and base == 100 else []
        rows.append(delimiter.join(cells))
    header = [names[0], "Bond", *([""] if gap else []), names[1], "Index"]
    return "\n".join([delimiter.join(header), *rows])


def expected(first: pd.DatetimeIndex, second: pd.DatetimeIndex) -> pd.DataFrame:
    bond = pd.Series(100.5 + np.arange(len(first)), first)
    index = pd.Series(2000.5 + np.arange(len(second)), second)
    return pd.concat({"Bond": bond, "Index": index}, axis=1).sort_index()


@pytest.mark.fires("blocks-aligned")
@pytest.mark.parametrize("second", [WEEKS, DAYS + pd.Timedelta(days=14), DAYS.delete(7), DAYS[5:]])
@pytest.mark.parametrize("names", [("DateA", "DateB"), ("Date", "Date")])
@pytest.mark.parametrize("gap", [True, False])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_blocks_are_joined_by_their_own_dates(read, second, names: tuple[str, str], gap: bool, delimiter: str) -> None:
    dataset = read(blocks(DAYS, second, names, gap, delimiter=delimiter))
    right = expected(DAYS, second)
    assert [column.name for column in dataset.columns] == [names[0], "Bond", "Index"]
    frame = dataset.read([names[0], "Bond", "Index"])
    assert frame[names[0]].tolist() == right.index.tolist()
    pd.testing.assert_frame_equal(frame[["Bond", "Index"]], right.reset_index(drop=True))
    assert not [column for column in dataset.columns if column.bad.unparseable]


def test_lines_are_those_of_the_file(read) -> None:
    dataset = read(blocks(DAYS[:20], DAYS[10:30], ("Date", "Date"), True))
    assert dataset.read([LINE])[LINE].tolist() == [*range(2, 22), *range(12, 22)]


def test_newest_first_blocks_are_aligned(read) -> None:
    dataset = read(blocks(DAYS[::-1], WEEKS[::-1], ("Date", "Date"), True))
    assert dataset.rows == len(DAYS.union(WEEKS))
    assert dataset.start.startswith("2024-01-01")


@pytest.mark.fires("same-date-columns")
@pytest.mark.silent("blocks-aligned")
def test_the_same_dates_leave_one_date_column(read) -> None:
    dataset = read(blocks(DAYS, DAYS, ("Date", "Date"), False))
    assert [column.name for column in dataset.columns] == ["Date", "Bond", "Index"]
    assert [finding.severity for finding in dataset.findings] == [Severity.INFO]


@pytest.mark.fires("blocks-not-aligned")
def test_a_block_that_repeats_a_date_is_a_problem(read) -> None:
    dataset = read(blocks(DAYS, DAYS[:5].append(DAYS[:5]).append(DAYS[5:20]), ("Date", "Date"), True))
    (finding,) = [finding for finding in dataset.findings if finding.code == "blocks-not-aligned"]
    assert (finding.severity, finding.column, finding.count) == (Severity.PROBLEM, "Date_2", 5)
    assert finding.rows == (7, 8, 9, 10, 11)


@pytest.mark.silent("blocks-aligned", "same-date-columns", "blocks-not-aligned")
@pytest.mark.parametrize("name", ["close time", "release_date", "Settlement Date", "updated"])
def test_a_second_date_of_the_same_row_is_no_block(read, name: str) -> None:
    rows = [f"{day:%Y-%m-%d},{place}.5,{day + pd.Timedelta(days=3):%Y-%m-%d},7.5" for place, day in enumerate(DAYS)]
    dataset = read("\n".join([f"open time,Close,{name},Volume", *rows]))
    assert dataset.rows == len(DAYS)
    assert name in [column.name for column in dataset.columns]


@pytest.mark.parametrize("groups", [("SPX Index", "VIX Index"), ("Gold", "Oil")])
def test_a_group_name_above_the_dates_belongs_to_its_values(read, groups: tuple[str, str]) -> None:
    rows = [f"{day:%Y-%m-%d},{place}.5,,{day:%Y-%m-%d},{place}.25" for place, day in enumerate(DAYS)]
    dataset = read("\n".join([f"{groups[0]},,,{groups[1]},", "Date,PX_LAST,,Date,PX_LAST", *rows]))
    assert [column.name for column in dataset.columns] == ["Date", *(f"{group} PX_LAST" for group in groups)]
