"""Findings on the rows of a file, their times and their series."""

from enum import StrEnum

import numpy as np

from core.findings.model import Finding, Remedy, Severity
from core.text.format import format_count, format_list, format_time

_PROBLEM_SHARE = 0.05


# The value of `ingest.time_column` that lets row numbers be the time.
ROW_NUMBER = "row number"


class TimeCode(StrEnum):
    """A way to write times as numbers; the value names it in a sentence."""

    SECONDS = "epoch seconds"
    MILLISECONDS = "epoch milliseconds"
    MICROSECONDS = "epoch microseconds"
    NANOSECONDS = "epoch nanoseconds"
    DAYS = "YYYYMMDD"
    MONTHS = "YYYYMM"
    YEARS = "years"
    YEAR_MONTHS = "years and months"
    EXCEL = "Excel day numbers"


class Preamble(Finding, code="preamble"):
    """Lines above the table were skipped.

    Check that they hold no data. If they do, set the header line.
    """

    texts: tuple[str, ...]
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Skipped {format_count(self.count, 'line')} above the table"

    @property
    def detail(self) -> str:
        return f"Skipped text: {'; '.join(text[:80] for text in self.texts[:5])}"


class RaggedRows(Finding, code="ragged-rows"):
    """Rows have fewer or more cells than the table has columns.

    Check these rows: a shifted cell puts values into the wrong column.
    """

    extra: tuple[tuple[int, str], ...]
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Too few or too many cells in {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        detail = "Cells missing at the end of a row count as missing values."
        if self.extra:
            listed = ", ".join(f"line {line}: {text[:40]!r}" for line, text in self.extra[:10])
            detail += f" Cells beyond the last column were cut off: {listed}."
        return detail


class NoTimeColumn(Finding, code="no-time-column"):
    """The file has no time column, so its rows were numbered instead.

    Add a column of dates, or confirm that the rows are in time order and evenly spaced. Models are not trained before.
    """

    severity = Severity.PROBLEM
    title = "No column holds dates or times: rows were numbered instead"

    @property
    def detail(self) -> str:
        return (
            "Rows were given artificial time stamps one second apart to preserve their order. Confirm that they are in "
            "time order and evenly spaced before training, or add a column of dates."
        )

    @property
    def remedy(self) -> Remedy:
        return Remedy(label="Use row numbers as time", section="ingest", field="time_column", value=ROW_NUMBER)


class TimeCounted(Finding, code="time-counted"):
    """Row numbers or a counter are used as time, as the settings ask.

    Results hold only if the rows are in time order and evenly spaced.
    """

    column: str
    is_row_number: bool
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return "Row numbers are used as time" if self.is_row_number else f"{self.column} is a counter, used as time"

    @property
    def detail(self) -> str:
        return f"{'Row' if self.is_row_number else 'Count'} n is given the artificial time stamp 1970-01-01 plus n seconds."


class NumbersAsTimes(Finding, code="time-code"):
    """The numbers of a column were read as times.

    Compare the first time stamp with the file. Keep the column as numbers if it holds no times.
    """

    column: str
    time_code: TimeCode
    first: np.datetime64
    example: str | None = None

    @property
    def severity(self) -> Severity:
        """Only the column's name tells Excel's day numbers from other numbers."""
        return Severity.WARNING if self.time_code is TimeCode.EXCEL else Severity.INFO

    @property
    def title(self) -> str:
        return f"The numbers in {self.column} are read as {self.time_code}"

    @property
    def detail(self) -> str:
        return f"{self.example or 'The first'} is read as {format_time(self.first)}."

    @property
    def remedy(self) -> Remedy:
        return Remedy(
            label=f"Keep {self.column} as numbers", section="ingest", field="as_numbers", value=(self.column,)
        )


class EpochUnitChanges(Finding, code="epoch-unit-changes"):
    """The unit of an epoch changes within the column, say from milliseconds to microseconds.

    Compare the time stamps around the line with the file. Each number was decoded by its size.
    """

    column: str
    first_unit: TimeCode
    line: int
    before: str
    after: str
    severity = Severity.WARNING

    @property
    def rows(self) -> tuple[int, ...]:
        """The first line in another unit."""
        return (self.line,)

    @property
    def title(self) -> str:
        return f"The epoch unit in {self.column} changes in line {self.line:,}"

    @property
    def detail(self) -> str:
        return (
            f"The first time stamps are {self.first_unit}, such as {self.before}; line {self.line:,} holds {self.after}. Each "
            "number is decoded by its size."
        )


class IntervalStarts(Finding, code="interval-starts"):
    """Cells hold intervals with a start and an end; the start was read.

    Nothing needs to be done if a value is known by the start of its interval. Otherwise set a publication delay.
    """

    column: str
    example: str
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} holds intervals: their start is the time stamp"

    @property
    def detail(self) -> str:
        return f"{self.example!r} is dated by its start."


class SameDateColumns(Finding, code="same-date-columns"):
    """Blocks side by side have the same dates in every row, so one date column is enough.

    Nothing needs to be done.
    """

    columns: tuple[str, ...]
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'date column')} with the same dates: {self.columns[0]} is kept"

    @property
    def detail(self) -> str:
        return f"Left out: {format_list(self.columns[1:])}."


class BlocksAligned(Finding, code="blocks-aligned"):
    """Blocks side by side have date columns of their own, and were joined by their dates.

    Check a few dates with the file. Joined by rows, values would appear at the wrong time.
    """

    columns: tuple[str, ...]
    days: float
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{format_count(len(self.columns), 'block')} side by side were aligned by their own dates"

    @property
    def detail(self) -> str:
        return (
            f"The dates in {format_list(self.columns)} differ in {format_count(self.count, 'row')}, by up to "
            f"{self.days:,.0f} days. There is now one row per date; a block without that date has missing values."
        )


class BlocksNotAligned(Finding, code="blocks-not-aligned"):
    """Blocks side by side have different dates, and cannot be joined: a block repeats a date.

    Remove the repeated dates, or split the file into one file per block.
    """

    column: str
    columns: tuple[str, ...]
    days: float
    rows: tuple[int, ...]
    count: int
    severity = Severity.PROBLEM

    @property
    def title(self) -> str:
        return f"Blocks side by side have different dates, and {self.column} repeats dates"

    @property
    def detail(self) -> str:
        return (
            f"The dates in {format_list(self.columns)} differ by up to {self.days:,.0f} days in one row, so values of the other "
            f"blocks appear at the wrong time. {self.column} repeats a date in {format_count(self.count, 'row')}."
        )


class DateAndClockJoined(Finding, code="date-and-clock-joined"):
    """A date column and a time-of-day column were combined into one time stamp.

    Nothing needs to be done.
    """

    column: str
    clock: str
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} and {self.clock} were combined into one time stamp"


class TimeColumnChosen(Finding, code="time-column-chosen"):
    """Several columns hold times, and one was chosen as the time column.

    Set the time column if another one is meant.
    """

    column: str
    others: tuple[str, ...]
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} is used as the time column"

    @property
    def detail(self) -> str:
        return f"Other columns with times: {format_list(self.others)}."


class FarTimes(Finding, code="far-times"):
    """Rows are dated before 1800 or after 2099.

    Remove them from the file if the dates are placeholders: the last rows form the test era.
    """

    column: str
    first: np.datetime64
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Dates before 1800 or after 2099 in {self.column}: {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        return (
            f"The first is {format_time(self.first)}. These rows are kept. Such dates are often placeholders for a missing "
            "date; if so, remove the rows from the file, because the last rows form the test era."
        )


class EmptyRows(Finding, code="empty-rows"):
    """Rows without any value were skipped.

    Nothing needs to be done.
    """

    rows: tuple[int, ...]
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Skipped {format_count(self.count, 'row')} without any value"


class Footer(Finding, code="footer"):
    """Lines below the table were skipped, because they have no time.

    Check that they hold no data.
    """

    texts: tuple[str, ...]
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Skipped {format_count(self.count, 'line')} below the table"

    @property
    def detail(self) -> str:
        return f"These lines have no time: {_excerpt(self.texts)}"


class RowsWithoutTime(Finding, code="rows-without-time"):
    """Rows within the table were skipped, because their time cannot be read.

    Correct the dates in the file. More than 5% of such rows are a problem.
    """

    time_column: str
    texts: tuple[str, ...]
    length: int
    rows: tuple[int, ...]
    count: int

    @property
    def severity(self) -> Severity:
        return Severity.PROBLEM if self.count > _PROBLEM_SHARE * self.length else Severity.WARNING

    @property
    def title(self) -> str:
        return f"Skipped {format_count(self.count, 'row')} without a valid time in {self.time_column}"

    @property
    def detail(self) -> str:
        return f"Skipped text: {_excerpt(self.texts)}"


class SeriesColumn(Finding, code="series-column"):
    """The file holds several series, identified by one of its columns.

    Set the series column if another one is meant, or pivot the table to one column per series.
    """

    column: str
    series: int
    can_pivot: bool
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} identifies {self.series:,} series"

    @property
    def detail(self) -> str:
        return "Time stamps repeat in the file, but not within a series."

    @property
    def remedy(self) -> Remedy | None:
        if not self.can_pivot:
            return None
        return Remedy(label="Pivot to one column per series", section="ingest", field="pivot", value=True)


class RowsWithoutSeries(Finding, code="rows-without-series"):
    """Rows were skipped, because the series column is empty in them.

    Fill in the series in the file if these rows matter.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Skipped {format_count(self.count, 'row')} without a series in {self.column}"


class NewestFirst(Finding, code="newest-first"):
    """The file runs from the newest row to the oldest, so its rows were reversed.

    Nothing needs to be done.
    """

    severity = Severity.INFO
    title = "The file runs from newest to oldest: rows were reversed"


class Unsorted(Finding, code="unsorted"):
    """The rows were not in time order, so they were sorted.

    Check that the dates are read correctly: a wrong order of day and month shuffles rows.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Rows were sorted by time: {format_count(self.count, 'row')} out of order"


class DuplicateTimes(Finding, code="duplicate-times"):
    """A series has several rows with one time stamp.

    Name the series column if the file holds several series. Otherwise cleaning keeps one value per time stamp.
    """

    column: str
    disagreeing: tuple[tuple[str, int], ...]
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Repeated time stamps: {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        kept = "Cleaning keeps one value per column and time stamp, the last valid one unless set otherwise."
        if not self.disagreeing:
            return f"{kept} Such rows hold no different values."
        listed = format_list([f"{name} ({count:,})" for name, count in self.disagreeing])
        return f"{kept} Values that differ: {listed}. If the file holds several series, set the series column."


class TimeGaps(Finding, code="time-gaps"):
    """Time stamps are missing: some steps are much longer than the usual one.

    Complete the file, or let cleaning split the series at long gaps.
    """

    column: str
    longest: np.timedelta64
    before: np.datetime64
    after: np.datetime64
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'gap')} in the time stamps; the longest is {_format_span(self.longest)}"

    @property
    def detail(self) -> str:
        return (
            f"The longest is from {format_time(self.before)} to {format_time(self.after)}. "
            "The lines are those of the first row after each gap."
        )


class MissingBars(Finding, code="missing-bars"):
    """Bars are missing within trading sessions, compared with the sessions of the days around.

    Complete the file if trades took place. Lags and windows count rows, so they reach further back there.
    """

    column: str
    first: np.datetime64
    places: int
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'bar')} missing within trading sessions"

    @property
    def detail(self) -> str:
        return (
            f"Most trading days around have bars at these times. The first of {format_count(self.places, 'hole')} is at "
            f"{format_time(self.first)}. Lags and windows count rows, so they reach further back there. The lines are those "
            "of the first row after each hole."
        )


class ShortSessions(Finding, code="short-sessions"):
    """Trading sessions start late or end early. Recurring half days are not counted.

    Complete the file if the market was open.
    """

    column: str
    late: int
    early: int
    first: np.datetime64
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        late = f"{self.late:,} start{'s' if self.late == 1 else ''} late" if self.late else ""
        early = f"{self.early:,} end{'s' if self.early == 1 else ''} early" if self.early else ""
        return f"Short trading sessions: {' and '.join(part for part in (late, early) if part)}"

    @property
    def detail(self) -> str:
        return (
            f"They lack {format_count(self.count, 'bar')}. The first missing bar is at {format_time(self.first)}. The lines are "
            "those of the first row after each hole. Recurring half days are not counted."
        )


class OneRow(Finding, code="one-row"):
    """The table has a single row.

    Upload a longer history.
    """

    severity = Severity.WARNING
    title = "The table has only one row"

    @property
    def detail(self) -> str:
        return "Nothing can be learned from a single row."


class WideTable(Finding, code="wide-table"):
    """The table has more columns than rows.

    Use a longer history, or ignore columns: with so many, any target can be fitted by chance.
    """

    columns: int
    length: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{self.columns:,} columns but only {format_count(self.length, 'row')}"

    @property
    def detail(self) -> str:
        return "With more columns than rows, any target can be fitted by chance."


class Pivoted(Finding, code="pivoted"):
    """The table was pivoted from rows per series to columns per series, as the settings ask.

    Nothing needs to be done.
    """

    series: int
    columns: int
    ignored: tuple[str, ...]
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return self.series * self.columns

    @property
    def title(self) -> str:
        made = format_count(self.count, "column")
        return f"Pivoted {self.series:,} series x {format_count(self.columns, 'column')} to {made}"

    @property
    def detail(self) -> str:
        source = "its series" if self.columns == 1 else "its source column and series"
        left_out = f" Ignored columns are left out: {format_list(self.ignored, 20)}." if self.ignored else ""
        return f"The table has one row per time stamp. Each column is named after {source}.{left_out}"

    @property
    def remedy(self) -> Remedy:
        return Remedy(label="Undo the pivot", section="ingest", field="pivot", value=False)


class PivotLeftOut(Finding, code="pivot-left-out"):
    """Text columns that are constant within each series were dropped by the pivot.

    Nothing needs to be done: such text describes a series, not a point in time.
    """

    columns: tuple[str, ...]
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def title(self) -> str:
        return f"The pivot dropped {format_count(self.count, 'text column')} constant within each series"

    @property
    def detail(self) -> str:
        return f"Such text describes a series, not a point in time: {format_list(self.columns, 20)}."


class PivotRepeated(Finding, code="pivot-repeated"):
    """A series has several rows with one time stamp, and the pivot kept the last.

    Remove the repeated rows from the file if another one is right.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"The pivot dropped {format_count(self.count, 'row')} with a repeated series and time stamp"

    @property
    def detail(self) -> str:
        return "The last row of each series and time stamp is kept. The lines are those of the dropped rows."


def _excerpt(texts: tuple[str, ...]) -> str:
    return "; ".join(text[:60] for text in texts[:1000])[:300]


def _format_span(span: np.timedelta64) -> str:
    """Return a length of time in the largest unit that it fills."""
    seconds = float(span / np.timedelta64(1, "s"))
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    unit, size = next((each for each in units if seconds >= each[1]), units[-1])
    number = f"{seconds / size:,.0f}" if seconds >= 10 * size else f"{seconds / size:.3g}"
    return f"{number} {unit}{'' if number == '1' else 's'}"
