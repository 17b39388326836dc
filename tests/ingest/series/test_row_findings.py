"""Findings on rows: each is reported for data with the fault, and not for data that are close but clean."""

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.errors.series import NotATimeColumn, NoValidTimes, SeriesIsTime
from core.findings.model import Finding, Severity
from core.ingest.series.row_findings import check_dropped_rows
from core.recipe.model import Recipe
from core.recipe.remedies import apply_remedy

DAYS = [f"2024-01-{day:02}" for day in range(1, 32)]
ROWS = [f"{day},{100 + number}.5" for number, day in enumerate(DAYS)]


def table(*rows: str, header: str = "Date,Close") -> str:
    return "\n".join([header, *rows])


def found(dataset: Dataset, code: str) -> Finding:
    (only,) = [finding for finding in dataset.findings if finding.code == code]
    return only


@pytest.mark.fires("preamble", "footer")
def test_lines_above_and_below_the_table_are_reported(read) -> None:
    dataset = read("Prices\nby exchange\n" + table(*ROWS, "Total,31"))
    assert (found(dataset, "preamble").rows, found(dataset, "preamble").count) == ((1, 2), 2)
    assert found(dataset, "preamble").texts == ("Prices", "by exchange")
    assert (found(dataset, "footer").rows, found(dataset, "footer").texts) == ((35,), ("Total,31",))
    assert dataset.skipped_rows == 3


@pytest.mark.fires("ragged-rows")
def test_rows_with_too_few_or_too_many_cells_are_reported(read) -> None:
    dataset = read(table(*ROWS[:4], DAYS[4], f"{ROWS[5]},extra", *ROWS[6:]))
    ragged = found(dataset, "ragged-rows")
    assert (ragged.rows, ragged.extra) == ((6, 7), ((7, "extra"),))


@pytest.mark.fires("rows-without-time", "empty-rows")
def test_rows_without_a_time_are_reported_apart_from_empty_rows(read) -> None:
    dataset = read(table(*ROWS[:4], "n/b,5", ",", *ROWS[5:]))
    assert (found(dataset, "rows-without-time").rows, found(dataset, "empty-rows").rows) == ((6,), (7,))
    assert found(dataset, "rows-without-time").severity is Severity.WARNING


def test_many_rows_without_a_time_are_a_problem(read) -> None:
    dataset = read(table(*ROWS[:4], "n/b,5", "n/b,6", *ROWS[6:]))
    assert found(dataset, "rows-without-time").severity is Severity.PROBLEM


def test_a_file_without_any_valid_time_is_refused() -> None:
    rows = np.arange(3)
    with pytest.raises(NoValidTimes) as refusal:
        check_dropped_rows(rows, np.zeros(3, dtype=bool), ["x,1", "y,2", "z,3"], rows + 2, 3, "ts")
    assert refusal.value.column == "ts"


@pytest.mark.parametrize(("cells", "kind"), [(["", ""], "empty"), (["a", "b"], "text"), (["0.5", "1.5"], "number")])
def test_a_time_column_that_holds_no_times_is_refused(read, cells, kind) -> None:
    text = "\n".join(["Date,x", *(f"{day},{cell}" for day, cell in zip(DAYS, cells, strict=False))])
    with pytest.raises(NotATimeColumn) as refusal:
        read(text, time_column="x")
    assert (refusal.value.kind, refusal.value.line) == (kind, 2 if kind == "text" else None)


def test_one_column_cannot_be_both_time_and_series(read) -> None:
    with pytest.raises(SeriesIsTime):
        read(table(*ROWS), series_column="Date")


@pytest.mark.silent(
    "preamble", "footer", "ragged-rows", "rows-without-time", "empty-rows", "unsorted", "newest-first", "time-gaps"
)
@pytest.mark.silent("duplicate-times", "one-row", "far-times", "time-column-chosen", "no-time-column", "time-counted")
@pytest.mark.silent("wide-table", "time-code", "rows-without-series", "empty-column")
def test_missing_values_blank_lines_and_a_holiday_are_not_reported(read) -> None:
    dataset = read(table(*ROWS[:4], f"{DAYS[4]},", "", *ROWS[5:20], *ROWS[20:]) + "\n\n")
    assert dataset.rows == 31 and dataset.time_source == "column"


@pytest.mark.fires("no-time-column")
@pytest.mark.silent("time-counted")
def test_bare_numbers_are_numbered_until_the_user_confirms_their_order(read) -> None:
    text = "a,b\n" + "\n".join(f"{row * 7 % 5}.5,{row}" for row in range(40))
    dataset = read(text)
    problem = found(dataset, "no-time-column")
    assert (dataset.time_source, dataset.is_counted, problem.severity) == ("counted", True, Severity.PROBLEM)
    assert apply_remedy(Recipe(), problem.remedy).ingest.time_column == "row number"


@pytest.mark.fires("time-counted")
@pytest.mark.silent("no-time-column")
@pytest.mark.parametrize(("time_column", "is_row_number"), [("row number", True), ("step", False)])
def test_row_numbers_and_counters_that_are_set_as_time_are_confirmed(read, time_column, is_row_number) -> None:
    text = "step,b\n" + "\n".join(f"{row},{row}.5" for row in range(40))
    dataset = read(text, time_column=time_column)
    assert (dataset.time_source, dataset.is_counted) == ("confirmed", True)
    assert found(dataset, "time-counted").is_row_number is is_row_number


@pytest.mark.fires("time-code")
def test_numbers_read_as_times_are_reported(read) -> None:
    dataset = read(table(*(f"{1_704_067_200 + 86_400 * row},{row}.5" for row in range(30)), header="ts,x"))
    assert (found(dataset, "time-code").time_code, found(dataset, "time-code").column) == ("epoch seconds", "ts")
    assert dataset.time_source == "column"


@pytest.mark.fires("date-and-clock-joined")
@pytest.mark.silent("duplicate-times")
def test_a_date_and_a_clock_column_are_joined(read) -> None:
    rows = [f"{day},{hour:02}:30,{hour}.5" for day in DAYS[:5] for hour in (9, 12, 15)]
    joined = found(read(table(*rows, header="date,time,x")), "date-and-clock-joined")
    assert (joined.column, joined.clock) == ("date", "time")


@pytest.mark.silent("date-and-clock-joined")
def test_a_clock_beside_unique_dates_is_not_joined(read) -> None:
    rows = [f"{day},16:30,1.5" for day in DAYS]
    assert read(table(*rows, header="date,time,x")).start == "2024-01-01T00:00:00.000000"


@pytest.mark.fires("time-column-chosen")
def test_the_choice_among_time_columns_is_reported(read) -> None:
    rows = [f"{day},2023-05-{number + 1:02},1.5" for number, day in enumerate(DAYS)]
    chosen = found(read(table(*rows, header="date,settled,x")), "time-column-chosen")
    assert (chosen.column, chosen.others) == ("date", ("settled",))


@pytest.mark.fires("far-times")
def test_placeholder_dates_are_reported(read) -> None:
    far = found(read(table(*ROWS, "2150-12-31,1.5")), "far-times")
    assert (far.rows, far.count, str(far.first)[:10]) == ((33,), 1, "2150-12-31")


@pytest.mark.silent("far-times")
def test_dates_from_1800_to_2099_are_not_far(read) -> None:
    years = np.arange("1800", "2100", dtype="datetime64[Y]").astype("datetime64[D]")
    assert read(table(*(f"{day},1.5" for day in years))).rows == 300


@pytest.mark.fires("newest-first")
@pytest.mark.silent("unsorted")
def test_a_newest_first_file_is_reversed(read) -> None:
    assert read(table(*ROWS[::-1])).read()["Close"].is_monotonic_increasing


@pytest.mark.fires("unsorted")
@pytest.mark.silent("newest-first", "duplicate-times")
def test_rows_out_of_order_are_sorted(read) -> None:
    dataset = read(table(*ROWS[:4], ROWS[5], ROWS[4], *ROWS[6:]))
    assert (found(dataset, "unsorted").rows, found(dataset, "unsorted").count) == ((7,), 1)


@pytest.mark.fires("duplicate-times")
@pytest.mark.silent("series-column")
def test_repeated_time_stamps_are_reported(read) -> None:
    repeated = found(read(table(*ROWS, ROWS[-1])), "duplicate-times")
    assert (repeated.rows, repeated.count) == ((33,), 1)


@pytest.mark.silent("duplicate-times", "rows-without-series")
def test_time_stamps_that_repeat_across_series_are_not_duplicates(read) -> None:
    rows = [f"{day},{name},1.5" for day in DAYS for name in "AB"]
    assert read(table(*rows, header="date,ticker,x")).series_column == "ticker"


@pytest.mark.fires("time-gaps")
def test_gaps_are_reported_with_the_longest(read) -> None:
    gaps = found(read(table(*ROWS[:5], *ROWS[15:])), "time-gaps")
    assert (gaps.rows, gaps.count, gaps.longest) == ((7,), 1, np.timedelta64(11, "D"))
    assert (str(gaps.before)[:10], str(gaps.after)[:10]) == (DAYS[4], DAYS[15])


@pytest.mark.fires("one-row")
@pytest.mark.silent("wide-table")
def test_a_single_row_is_reported(read) -> None:
    assert read(table(ROWS[0])).rows == 1


@pytest.mark.fires("wide-table")
@pytest.mark.silent("one-row")
def test_more_columns_than_rows_are_reported(read) -> None:
    header = "Date," + ",".join(f"x{number}" for number in range(60))
    rows = [day + ",1.5" * 60 for day in DAYS[:10]]
    wide = found(read(table(*rows, header=header)), "wide-table")
    assert (wide.columns, wide.length) == (61, 10)
