"""What the findings on rows, times and series say."""

import numpy as np
import pytest

from core.findings.catalogue import all_findings
from core.findings.ingest.rows import (
    ROW_NUMBER,
    BlocksAligned,
    BlocksNotAligned,
    DateAndClockJoined,
    DuplicateTimes,
    EmptyRows,
    EpochUnitChanges,
    FarTimes,
    Footer,
    IntervalStarts,
    MissingBars,
    NewestFirst,
    NoTimeColumn,
    NumbersAsTimes,
    OneRow,
    Pivoted,
    PivotLeftOut,
    PivotRepeated,
    Preamble,
    RaggedRows,
    RowsWithoutSeries,
    RowsWithoutTime,
    SameDateColumns,
    SeriesColumn,
    ShortSessions,
    TimeCode,
    TimeColumnChosen,
    TimeCounted,
    TimeGaps,
    Unsorted,
    WideTable,
)

TEXTS = [
    (
        Preamble(texts=("Prices of the day", "in euro"), rows=(1, 2), count=2),
        "Skipped 2 lines above the table",
        "Skipped text: Prices of the day; in euro",
        None,
    ),
    (
        RaggedRows(extra=(), rows=(3,), count=1),
        "Too few or too many cells in 1 row",
        "Cells missing at the end of a row count as missing values.",
        None,
    ),
    (
        RaggedRows(extra=((7, "extra"),), rows=(3, 7), count=2),
        "Too few or too many cells in 2 rows",
        "Cells missing at the end of a row count as missing values. Cells beyond the last column were cut "
        "off: line 7: 'extra'.",
        None,
    ),
    (
        NoTimeColumn(),
        "No column holds dates or times: rows were numbered instead",
        "Rows were given artificial time stamps one second apart to preserve their order. Confirm that they "
        "are in time order and evenly spaced before training, or add a column of dates.",
        "Use row numbers as time",
    ),
    (
        TimeCounted(column="row number", is_row_number=True),
        "Row numbers are used as time",
        "Row n is given the artificial time stamp 1970-01-01 plus n seconds.",
        None,
    ),
    (
        TimeCounted(column="step", is_row_number=False),
        "step is a counter, used as time",
        "Count n is given the artificial time stamp 1970-01-01 plus n seconds.",
        None,
    ),
    (
        NumbersAsTimes(
            column="ts", time_code=TimeCode.SECONDS, first=np.datetime64("2024-01-25"), example="1706140800"
        ),
        "The numbers in ts are read as epoch seconds",
        "1706140800 is read as 2024-01-25.",
        "Keep ts as numbers",
    ),
    (
        NumbersAsTimes(column="Date", time_code=TimeCode.EXCEL, first=np.datetime64("2024-01-25T16:30")),
        "The numbers in Date are read as Excel day numbers",
        "The first is read as 2024-01-25 16:30:00.",
        "Keep Date as numbers",
    ),
    (DateAndClockJoined(column="date", clock="time"), "date and time were combined into one time stamp", "", None),
    (
        TimeColumnChosen(column="date", others=("settled", "expiry")),
        "date is used as the time column",
        "Other columns with times: settled, expiry.",
        None,
    ),
    (
        FarTimes(column="date", first=np.datetime64("9999-12-31"), rows=(9,), count=1),
        "Dates before 1800 or after 2099 in date: 1 row",
        "The first is 9999-12-31. These rows are kept. Such dates are often placeholders for a missing date; "
        "if so, remove the rows from the file, because the last rows form the test era.",
        None,
    ),
    (EmptyRows(rows=(5,), count=1), "Skipped 1 row without any value", "", None),
    (
        Footer(texts=("Total,31", "Source: exchange"), rows=(40, 41), count=2),
        "Skipped 2 lines below the table",
        "These lines have no time: Total,31; Source: exchange",
        None,
    ),
    (
        RowsWithoutTime(time_column="date", texts=("n/b,5",), length=100, rows=(6,), count=3),
        "Skipped 3 rows without a valid time in date",
        "Skipped text: n/b,5",
        None,
    ),
    (
        SeriesColumn(column="ticker", series=1200, can_pivot=True),
        "ticker identifies 1,200 series",
        "Time stamps repeat in the file, but not within a series.",
        "Pivot to one column per series",
    ),
    (RowsWithoutSeries(column="ticker", rows=(5,), count=1), "Skipped 1 row without a series in ticker", "", None),
    (NewestFirst(), "The file runs from newest to oldest: rows were reversed", "", None),
    (Unsorted(column="date", rows=(7,), count=1200), "Rows were sorted by time: 1,200 rows out of order", "", None),
    (
        DuplicateTimes(column="date", disagreeing=(("Close", 2), ("Volume", 1)), rows=(7,), count=3),
        "Repeated time stamps: 3 rows",
        "Cleaning keeps one value per column and time stamp, the last valid one unless set otherwise. Values that differ: Close "
        "(2), Volume (1). If the file holds several series, set the series column.",
        None,
    ),
    (
        DuplicateTimes(column="date", disagreeing=(), rows=(7,), count=1),
        "Repeated time stamps: 1 row",
        "Cleaning keeps one value per column and time stamp, the last valid one unless set otherwise. Such rows hold no "
        "different values.",
        None,
    ),
    (
        EpochUnitChanges(
            column="t", first_unit=TimeCode.MILLISECONDS, line=1501, before="1730289600000", after="1735689600000000"
        ),
        "The epoch unit in t changes in line 1,501",
        "The first time stamps are epoch milliseconds, such as 1730289600000; line 1,501 holds 1735689600000000. Each number "
        "is decoded by its size.",
        None,
    ),
    (
        IntervalStarts(column="MTU", example="04.03.2024 00:00 - 04.03.2024 01:00"),
        "MTU holds intervals: their start is the time stamp",
        "'04.03.2024 00:00 - 04.03.2024 01:00' is dated by its start.",
        None,
    ),
    (
        SameDateColumns(columns=("Date", "Date_2", "Date_3")),
        "3 date columns with the same dates: Date is kept",
        "Left out: Date_2, Date_3.",
        None,
    ),
    (
        BlocksAligned(columns=("DateA", "DateB"), days=682.0, rows=(2,), count=122),
        "2 blocks side by side were aligned by their own dates",
        "The dates in DateA, DateB differ in 122 rows, by up to 682 days. There is now one row per date; a block without that "
        "date has missing values.",
        None,
    ),
    (
        BlocksNotAligned(column="DateB", columns=("DateA", "DateB"), days=682.0, rows=(9,), count=1),
        "Blocks side by side have different dates, and DateB repeats dates",
        "The dates in DateA, DateB differ by up to 682 days in one row, so values of the other blocks appear at the wrong time. "
        "DateB repeats a date in 1 row.",
        None,
    ),
    (
        TimeGaps(
            column="date",
            longest=np.timedelta64(11, "D"),
            before=np.datetime64("2024-01-05"),
            after=np.datetime64("2024-01-16"),
            rows=(7,),
            count=2,
        ),
        "2 gaps in the time stamps; the longest is 11 days",
        "The longest is from 2024-01-05 to 2024-01-16. The lines are those of the first row after each gap.",
        None,
    ),
    (
        TimeGaps(
            column="date",
            longest=np.timedelta64(90, "m"),
            before=np.datetime64("2024-01-05T09:00"),
            after=np.datetime64("2024-01-05T10:30"),
            rows=(7,),
            count=1,
        ),
        "1 gap in the time stamps; the longest is 1.5 hours",
        "The longest is from 2024-01-05 09:00:00 to 2024-01-05 10:30:00. The lines are those of the first "
        "row after each gap.",
        None,
    ),
    (
        MissingBars(column="ts", first=np.datetime64("2023-05-10T12:30"), places=2, rows=(621, 1330), count=3),
        "3 bars missing within trading sessions",
        "Most trading days around have bars at these times. The first of 2 holes is at 2023-05-10 12:30:00. Lags and windows "
        "count rows, so they reach further back there. The lines are those of the first row after each hole.",
        None,
    ),
    (
        ShortSessions(column="ts", late=2, early=1, first=np.datetime64("2023-05-10T09:30"), rows=(9,), count=4),
        "Short trading sessions: 2 start late and 1 ends early",
        "They lack 4 bars. The first missing bar is at 2023-05-10 09:30:00. The lines are those of the first row after each "
        "hole. Recurring half days are not counted.",
        None,
    ),
    (
        ShortSessions(column="ts", late=0, early=2, first=np.datetime64("2023-05-10T15:30"), rows=(9, 30), count=1),
        "Short trading sessions: 2 end early",
        "They lack 1 bar. The first missing bar is at 2023-05-10 15:30:00. The lines are those of the first row after each "
        "hole. Recurring half days are not counted.",
        None,
    ),
    (OneRow(), "The table has only one row", "Nothing can be learned from a single row.", None),
    (
        WideTable(columns=61, length=10),
        "61 columns but only 10 rows",
        "With more columns than rows, any target can be fitted by chance.",
        None,
    ),
    (
        Pivoted(series=3, columns=5, ignored=("sector",)),
        "Pivoted 3 series x 5 columns to 15 columns",
        "The table has one row per time stamp. Each column is named after its source column and series. "
        "Ignored columns are left out: sector.",
        "Undo the pivot",
    ),
    (
        Pivoted(series=3, columns=1, ignored=()),
        "Pivoted 3 series x 1 column to 3 columns",
        "The table has one row per time stamp. Each column is named after its series.",
        "Undo the pivot",
    ),
    (
        PivotLeftOut(columns=("sector", "country")),
        "The pivot dropped 2 text columns constant within each series",
        "Such text describes a series, not a point in time: sector, country.",
        None,
    ),
    (
        PivotRepeated(column="date", rows=(2,), count=3),
        "The pivot dropped 3 rows with a repeated series and time stamp",
        "The last row of each series and time stamp is kept. The lines are those of the dropped rows.",
        None,
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail", "label"), TEXTS)
def test_the_texts_of_a_finding_are_pinned(finding, title, detail, label) -> None:
    assert (finding.title, finding.detail) == (title, detail)
    assert (finding.remedy and finding.remedy.label) == label


def test_every_kind_of_the_module_is_pinned() -> None:
    kinds = {kind for kind in all_findings().values() if kind.__module__ == "core.findings.ingest.rows"}
    assert {type(text[0]) for text in TEXTS} == kinds


def test_the_remedy_of_a_missing_time_column_names_the_setting_that_reading_accepts() -> None:
    assert NoTimeColumn().remedy.value == ROW_NUMBER
