"""Findings on the cells of a file: how numbers and dates are written, and which values are doubtful."""

from enum import StrEnum
from typing import Literal

from core.findings.model import Finding, Remedy, Severity
from core.text.format import format_count, format_list

DayOrder = Literal["day first", "month first"]


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
    THIRTY_SECONDS = "32nds"


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


_NOTATIONS = {
    Notation.PERCENT: "5.5% is read as 0.055.",
    Notation.SOME_PERCENT: "5.5% is read as 0.055, but numbers without the sign are not divided by 100. Is that intended?",
    Notation.BASIS_POINTS: "12.5 bps is read as 0.00125.",
    Notation.CURRENCY: "The sign is dropped. Amounts are not converted between currencies.",
    Notation.CURRENCIES: "The signs are dropped and amounts are not converted, so they are not comparable.",
    Notation.PARENTHESES: "Accounting notation is assumed: (300.25) is read as -300.25.",
    Notation.TRAILING_MINUS: "300- is read as -300.",
    Notation.SUFFIXES: "12.09M is read as 12090000.",
    Notation.THIRTY_SECONDS: "110'165 is read as 110 + 16.5/32 = 110.515625.",
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


class Possible32nds(Finding, code="possible-32nds"):
    """Every cell of a column may be a price in 32nds: 110'165 is 110 and 16.5/32.

    Treasury futures are quoted so. Read the column in 32nds if its prices are quoted so.
    """

    column: str
    example: str
    is_number: bool
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{self.column} may be quoted in 32nds: {self.example}"

    @property
    def detail(self) -> str:
        if not self.is_number:
            return "The column is kept as text."
        digits = self.example.replace("'", "").replace("’", "")
        return (
            f"{self.example} is read as {digits}: the mark {self.example.strip('-0123456789')!r} separates thousands."
        )

    @property
    def remedy(self) -> Remedy:
        return Remedy(
            label=f"Read {self.column} in 32nds", section="ingest", field="thirty_seconds", value=(self.column,)
        )


class NumberFlags(Finding, code="number-flags"):
    """Flags behind numbers, such as p for provisional, were left out.

    Look the flags up at the publisher. A provisional value will be revised; b marks a break in the series.
    """

    column: str
    flags: tuple[tuple[str, int], ...]
    rows: tuple[int, ...]
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Flags behind numbers were left out: {format_count(self.count, 'cell')} in {self.column}"

    @property
    def detail(self) -> str:
        return f"Flags: {', '.join(f'{flag} ({count:,})' for flag, count in self.flags)}."


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
    """Times have a time zone: they are kept in it, or converted to UTC if there are several.

    Nothing needs to be done.
    """

    column: str
    zone: str
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        if self.zone:
            return f"Times in {self.column} are kept in their own time zone ({self.zone})"
        return f"Time zones in {self.column} were converted to UTC"

    @property
    def detail(self) -> str:
        return "" if self.zone else "The zones differ, or the clock changes while the market trades."


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
    plural = "hold cells that cannot be parsed"

    @property
    def title(self) -> str:
        return f"{self._cells} in {self._where} cannot be parsed"


class NumberOverflow(CellFinding, code="number-overflow"):
    """Numbers are too large for a 64-bit float and became infinite.

    Correct them in the file.
    """

    explanation = "A 64-bit float holds no number above 1.8e308."
    plural = "hold numbers that overflow to infinity"

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
    plural = "hold numbers with more digits than can be kept"

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
    plural = "were kept as text, because cells cannot be parsed"

    @property
    def title(self) -> str:
        return f"Kept as text, because {self._cells} cannot be parsed: {self._where}"


class LeadingZeros(CellFinding, code="leading-zeros"):
    """Whole numbers with leading zeros are codes, and were kept as text.

    Nothing needs to be done.
    """

    cells: int = 0
    plural = "hold codes with leading zeros, kept as text"

    @property
    def severity(self) -> Severity:
        return Severity.INFO

    @property
    def title(self) -> str:
        return f"Codes with leading zeros, kept as text: {self._where}"


class ZeroValues(CellFinding, code="zero-values"):
    """A column holds a few zeros far from all its other values.

    Treat 0 as missing if it means that there were no data.
    """

    explanation = (
        "A price cannot be 0, and a volume rarely is: 0 may mean missing. It counts as a number until you decide."
    )
    plural = "hold zeros that may mean missing"

    @property
    def title(self) -> str:
        return f"0 in {self._cells} of {self._where}, far from its other values"

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
    plural = "repeat their only negative value"

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
