"""What ingest reports on the rows, times and cells of a file."""

from enum import StrEnum
from typing import Literal

import numpy as np

from core.findings.model import Finding, Remedy, Severity
from core.text.format import format_count, format_list, format_time

DayOrder = Literal["day first", "month first"]

_PROBLEM_SHARE = 0.05
_ROW_NUMBER = "row number"


class Notation(StrEnum):
    """A way to write numbers that was converted; the value names it in a sentence."""

    PERCENT = "percent signs"
    SOME_PERCENT = "percent signs in some cells"
    BASIS_POINTS = "basis points"
    CURRENCY = "currency signs"
    CURRENCIES = "signs of several currencies"
    PARENTHESES = "parentheses"
    TRAILING_MINUS = "trailing minus signs"
    SUFFIXES = "suffixes such as K, M or B"
    THOUSANDS = "thousands separators"
    OTHER_DIGITS = "digits of other scripts"


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


def describe_day_order(order: DayOrder, proof: str | None, line: int | None) -> str:
    """Return the order of day and month, and how it was found.

    Parameters
    ----------
    proof
        "range", "sequence" or "marks"; anything else is an assumption.
    line
        The line of a date with a number above 12, which proves the order.
    """
    reasons = {"range": f"proved by line {line:,}" if line else "", "sequence": "inferred from evenly spaced dates"}
    reason = (reasons | {"marks": "as always with points"}).get(proof or "", "assumed")
    return f"{order}, {reason}"


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
        return Remedy(label="Use row numbers as time", section="ingest", field="time_column", value=_ROW_NUMBER)


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

    Name the series column if the file holds several series. Otherwise cleaning keeps one row per time stamp.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Repeated time stamps: {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        return (
            "All rows are kept here. Cleaning keeps one row per time stamp, the last unless set otherwise. If the file "
            "holds several series, set the series column."
        )


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


_NOTATIONS = {
    Notation.PERCENT: "5.5% is read as 0.055.",
    Notation.SOME_PERCENT: "5.5% is read as 0.055, but numbers without the sign are not divided by 100. Is that intended?",
    Notation.BASIS_POINTS: "12.5 bps is read as 0.00125.",
    Notation.CURRENCY: "The sign is dropped. Amounts are not converted between currencies.",
    Notation.CURRENCIES: "The signs are dropped and amounts are not converted, so they are not comparable.",
    Notation.PARENTHESES: "Accounting notation is assumed: (300.25) is read as -300.25.",
    Notation.TRAILING_MINUS: "300- is read as -300.",
    Notation.SUFFIXES: "12.09M is read as 12090000.",
    Notation.OTHER_DIGITS: "\u0661\u0662 or \uff11\uff12 is read as 12.",
}
_DOUBTFUL = {Notation.PARENTHESES, Notation.SOME_PERCENT, Notation.CURRENCIES}


class NumberNotation(Finding, code="number-notation"):
    """Numbers in a special notation, such as percent signs or currencies, were converted.

    Check the converted values if the finding is a warning: the notation is then ambiguous.
    """

    notation: Notation
    columns: tuple[str, ...]
    decimal: str

    @property
    def column(self) -> str | None:
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.notation in _DOUBTFUL else Severity.INFO

    @property
    def title(self) -> str:
        return f"Numbers with {self.notation} were converted"

    @property
    def detail(self) -> str:
        thousands = f"The decimal separator is {self.decimal!r}. Separators between groups of three digits are dropped."
        return f"{_NOTATIONS.get(self.notation, thousands)} Columns: {format_list(self.columns)}."


class ThousandsAssumed(Finding, code="thousands-assumed"):
    """A separator as in 1,234 could be decimal or thousands, and was read as thousands.

    Set the decimal separator if it is decimal.
    """

    columns: tuple[str, ...]
    decimal: str
    is_proved: bool

    @property
    def column(self) -> str | None:
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def severity(self) -> Severity:
        return Severity.INFO if self.is_proved else Severity.WARNING

    @property
    def _mark(self) -> str:
        return "," if self.decimal == "." else "."

    @property
    def title(self) -> str:
        where = self.column or f"{self.count:,} columns"
        return f"{self._mark!r} is read as the thousands separator in {where}"

    @property
    def detail(self) -> str:
        proof = "other columns prove" if self.is_proved else "no column proves"
        listed = format_list(self.columns)
        return f"1{self._mark}234 is read as 1234: {proof} the decimal separator. Columns: {listed}."


class MonthNames(Finding, code="month-names"):
    """Dates name months in a language other than English.

    Nothing needs to be done if the months are read correctly.
    """

    column: str
    months: tuple[tuple[str, str], ...]
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} has non-English month names"

    @property
    def detail(self) -> str:
        return f"Read as: {', '.join(f'{foreign}… = {english}' for foreign, english in self.months)}."


class DayMonthProved(Finding, code="day-month-proved"):
    """A number above 12 proves the order of day and month.

    Nothing needs to be done.
    """

    column: str
    order: DayOrder
    line: int
    severity = Severity.INFO

    @property
    def rows(self) -> tuple[int, ...]:
        return (self.line,)

    @property
    def title(self) -> str:
        return f"{self.column} is read {self.order}: line {self.line:,} proves it"

    @property
    def detail(self) -> str:
        place = "first" if self.order == "day first" else "second"
        return f"The {place} number in that line is above 12, so it can only be the day."


class DayMonthAssumed(Finding, code="day-month-assumed"):
    """No date shows whether the day or the month comes first.

    Compare a date with the file, and read the column the other way if it is wrong.
    """

    column: str
    order: DayOrder
    example: str
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Dates in {self.column} are ambiguous: {self.order} is assumed"

    @property
    def detail(self) -> str:
        return f"{self.example!r} is read {self.order}. No date has a number above 12, which would prove the order."

    @property
    def remedy(self) -> Remedy:
        label = f"Read {self.column} {_other_order(self.order)}"
        return Remedy(label=label, section="ingest", field="day_first", value=self.order == "month first")


class DayMonthInferred(Finding, code="day-month-inferred"):
    """The order of day and month was inferred from the spacing or the separators of dates.

    Compare a date with the file. Set the order of day and month if it is wrong.
    """

    column: str
    order: DayOrder
    by: Literal["sequence", "marks"]
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} is read {self.order}"

    @property
    def detail(self) -> str:
        if self.by == "marks":
            return "Dates with points between the numbers are written day first."
        other = _other_order(self.order).capitalize()
        return f"Only this order gives evenly spaced dates. {other}, they would jump back and forth."


class TimeZones(Finding, code="time-zones"):
    """Times with a time zone were converted to UTC.

    Nothing needs to be done.
    """

    column: str
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Time zones in {self.column} were converted to UTC"


class TimeZoneAssumed(Finding, code="time-zone-assumed"):
    """Some times have a time zone and others do not, so UTC was assumed.

    Write all times with their zone, or all in one zone.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Times without a time zone in {self.column}: {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        return "Other rows have a time zone. These are read as UTC."


class TwoDigitYears(Finding, code="two-digit-years"):
    """Years are written with two digits, and their century was inferred.

    Check the first and the last year.
    """

    column: str
    first: str
    last: str
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} has two-digit years"

    @property
    def detail(self) -> str:
        return f"They are read as {self.first}{f' to {self.last}' if self.last != self.first else ''}."


class TimeTruncated(Finding, code="time-truncated"):
    """Times are finer than a microsecond and were truncated.

    Nothing needs to be done unless rows differ only by nanoseconds.
    """

    column: str
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} is truncated to microseconds"

    @property
    def detail(self) -> str:
        return "Finer digits are dropped."


class CellFinding(Finding):
    """Cells of one column, or of the columns beyond those that are listed one by one."""

    columns: tuple[str, ...]
    cells: int
    rows: tuple[int, ...] = ()

    @property
    def column(self) -> str | None:
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def count(self) -> int | None:
        return self.cells or None if len(self.columns) == 1 else len(self.columns)

    @property
    def severity(self) -> Severity:
        return Severity.WARNING

    explanation = ""

    @property
    def detail(self) -> str:
        listed = f"Columns: {format_list(self.columns, 20)}." if len(self.columns) > 1 else ""
        return f"{self.explanation} {listed}".strip()

    @property
    def _where(self) -> str:
        return self.column or format_count(len(self.columns), "more column")

    @property
    def _cells(self) -> str:
        return format_count(self.cells, "cell")


class UnparseableCells(CellFinding, code="unparseable-cells"):
    """Cells of a column of numbers or times are neither.

    Look them up in the list of bad cells. They count as missing.
    """

    explanation = "They count as missing. Their text is in the list of bad cells."

    @property
    def title(self) -> str:
        return f"{self._cells} in {self._where} cannot be parsed"


class NumberOverflow(CellFinding, code="number-overflow"):
    """Numbers are too large for a 64-bit float and became infinite.

    Correct them in the file.
    """

    explanation = "A 64-bit float holds no number above 1.8e308."

    @property
    def title(self) -> str:
        return f"Numbers that overflow to infinity: {self._cells} in {self._where}"


class DigitsLost(CellFinding, code="digits-lost"):
    """Numbers have more digits than a 64-bit float keeps.

    Nothing needs to be done for measurements. Do not use such a column as an identifier.
    """

    explanation = (
        "A 64-bit float keeps about 16 significant digits. If these are identifiers, they are no longer exact."
    )

    @property
    def title(self) -> str:
        return f"Numbers with more digits than can be kept: {self._cells} in {self._where}"


class MixedColumn(CellFinding, code="mixed-column"):
    """A column of mostly numbers or times was kept as text: too many cells are neither.

    Correct the cells in the lines listed, or ignore the column.
    """

    explanation = (
        "A column is read as numbers if 95% of its cells are numbers, and as times if 80% are times. The lines are those "
        "of the other cells."
    )

    @property
    def title(self) -> str:
        return f"Kept as text, because {self._cells} cannot be parsed: {self._where}"


class LeadingZeros(CellFinding, code="leading-zeros"):
    """Whole numbers with leading zeros are codes, and were kept as text.

    Nothing needs to be done.
    """

    cells: int = 0

    @property
    def severity(self) -> Severity:
        return Severity.INFO

    @property
    def title(self) -> str:
        return f"Codes with leading zeros, kept as text: {self._where}"


class ZeroValues(CellFinding, code="zero-values"):
    """A column holds a few zeros far below all its other values.

    Treat 0 as missing if it means that there were no data.
    """

    explanation = (
        "A price cannot be 0, and a volume rarely is: 0 may mean missing. It counts as a number until you decide."
    )

    @property
    def title(self) -> str:
        return f"0 in {self._cells} of {self._where}, far below all other values"

    @property
    def remedy(self) -> Remedy:
        label = f"Treat 0 as missing in {self.column or format_count(len(self.columns), 'column')}"
        return Remedy(label=label, section="ingest", field="zero_is_missing", value=self.columns)


class SentinelDoubtful(CellFinding, code="sentinel-doubtful"):
    """A column repeats its only negative value, which may be a code for missing data.

    Treat the value as missing if it is such a code.
    """

    sentinel: float
    explanation = "Such a number is often a code for a missing value. It counts as a number until you decide."

    @property
    def title(self) -> str:
        return f"{self.sentinel:g} in {self._cells} of {self._where}, its only negative value"

    @property
    def remedy(self) -> Remedy:
        label = f"Treat {self.sentinel:g} as missing"
        return Remedy(label=label, section="ingest", field="sentinels", value=self.sentinel)


class EmptyColumn(Finding, code="empty-column"):
    """Columns have no value in any row.

    Nothing needs to be done: cleaning drops them.
    """

    columns: tuple[str, ...]
    severity = Severity.WARNING

    @property
    def column(self) -> str | None:
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def title(self) -> str:
        return f"{self.column} has no values" if self.column else f"{self.count:,} columns have no values"

    @property
    def detail(self) -> str:
        return f"Empty: {format_list(self.columns, 20)}." if self.count > 1 else ""


class SentinelCode(Finding, code="sentinel-code"):
    """A number is treated as a code for a missing value.

    Treat such codes as numbers if the value is real.
    """

    sentinel: float
    columns: tuple[str, ...]
    is_found: bool
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def title(self) -> str:
        return f"{self.sentinel:g} is treated as missing in {format_count(self.count, 'column')}"

    @property
    def detail(self) -> str:
        found = "It repeats, and is far outside the range of the other values."
        return f"{found if self.is_found else 'It is set in the settings.'} Columns: {format_list(self.columns)}."

    @property
    def remedy(self) -> Remedy | None:
        if not self.is_found:
            return None
        return Remedy(label="Treat such codes as numbers", section="ingest", field="find_sentinels", value=False)


def _other_order(order: DayOrder) -> DayOrder:
    return "day first" if order == "month first" else "month first"


def _excerpt(texts: tuple[str, ...]) -> str:
    return "; ".join(text[:60] for text in texts[:1000])[:300]


def _format_span(span: np.timedelta64) -> str:
    """Return a length of time in the largest unit that it fills."""
    seconds = float(span / np.timedelta64(1, "s"))
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    unit, size = next((each for each in units if seconds >= each[1]), units[-1])
    number = f"{seconds / size:,.0f}" if seconds >= 10 * size else f"{seconds / size:.3g}"
    return f"{number} {unit}{'' if number == '1' else 's'}"
