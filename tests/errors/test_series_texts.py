"""What the errors of time columns, series and the pivot say."""

import pytest

from core.errors.series import (
    InvalidDates,
    MixedDateFormats,
    NoDates,
    NotATimeColumn,
    NoValidTimes,
    PivotTooWide,
    PivotWithoutSeries,
    PivotWithoutValues,
    SeriesIsTime,
    TransposedTable,
    UnreadableDates,
    WrongDayOrder,
)
from core.findings.catalogue import all_errors

TEXTS = [
    (
        UnreadableDates(column="Datum", cell="1. března 2020", line=1002),
        "No column holds readable dates or times: 'Datum' holds '1. března 2020' in line 1,002.",
        "Write dates as 2024-01-31, or name another time column. If the rows are in time order and evenly "
        'spaced, set ingest.time_column to "row number".',
    ),
    (
        TransposedTable(example="2024-01-25"),
        "The table is transposed: its column names are dates, such as '2024-01-25'.",
        "Transpose it, so each row is a date. In a spreadsheet: Paste Special, Transpose.",
    ),
    (
        NoDates(column="name"),
        "No column holds dates or times. Column 'name' holds text, so the rows look like a list of items, "
        "not a time series.",
        "Add a column of dates such as 2024-01-31, or name the time column. If the rows are in time order "
        'and evenly spaced, set ingest.time_column to "row number".',
    ),
    (
        MixedDateFormats(column="date", cell="2024-01-26", line=3, other_cell="25/01/2024", other_line=2),
        "The dates in 'date' have different formats: '2024-01-26' in line 3, '25/01/2024' in line 2.",
        "Write all dates in one format, such as 2024-01-31, or name another time column.",
    ),
    (
        WrongDayOrder(column="date", day_first=False, cell="25/01/2024", line=2),
        "Many dates in 'date' do not exist if read month first: '25/01/2024' in line 2.",
        "Leave ingest.day_first empty, or set it the other way.",
    ),
    (
        WrongDayOrder(column="date", day_first=True, cell="01/25/2024", line=2),
        "Many dates in 'date' do not exist if read day first: '01/25/2024' in line 2.",
        "Leave ingest.day_first empty, or set it the other way.",
    ),
    (
        InvalidDates(column="date", cell="2024-02-40", line=3),
        "Many dates in 'date' do not exist: '2024-02-40' in line 3.",
        "Correct them, or name another time column.",
    ),
    (NoValidTimes(column="ts"), "No row has a valid time in 'ts'.", "Name another time column, or correct the dates."),
    (
        NotATimeColumn(column="name", kind="category", cell="alpha", line=2),
        "ingest.time_column is 'name', which holds text, not dates or times, such as 'alpha' in line 2.",
        "Name a column of dates such as 2024-01-31, or leave it empty.",
    ),
    (
        NotATimeColumn(column="x", kind="empty"),
        "ingest.time_column is 'x', which holds no values, not dates or times.",
        "Name a column of dates such as 2024-01-31, or leave it empty.",
    ),
    (
        NotATimeColumn(column="x", kind="number"),
        "ingest.time_column is 'x', which holds numbers, not dates or times.",
        "Name a column of dates such as 2024-01-31, or leave it empty.",
    ),
    (
        SeriesIsTime(column="date"),
        "ingest.series_column is 'date', which is the time column.",
        "Name another series column.",
    ),
    (
        PivotWithoutSeries(setting="One column per series"),
        "'One column per series' is on, but no column identifies series.",
        "Name the series column, or turn 'One column per series' off.",
    ),
    (
        PivotWithoutValues(setting="One column per series", time="day", series="ticker"),
        "There is no column of values besides 'day' and 'ticker'.",
        "Turn 'One column per series' off, or name another series column.",
    ),
    (
        PivotTooWide(setting="One column per series", columns=20, series=1200, limit=20000),
        "'One column per series' would make 24,000 columns, 20 for each of 1,200 series. At most 20,000 can be used.",
        "Ignore some columns, name another series column, or turn 'One column per series' off.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_the_texts_of_an_error_are_pinned(error, message, hint) -> None:
    assert (error.message, error.hint) == (message, hint)


def test_every_kind_of_the_module_is_pinned() -> None:
    kinds = {kind for kind in all_errors().values() if kind.__module__ == "core.errors.series"}
    assert {type(text[0]) for text in TEXTS} == kinds
