"""What changed between an earlier file of the same data and the current one."""

from dataclasses import dataclass

from core.findings.model import Finding, Severity
from core.text.format import format_count, format_list, format_percent

CellValue = float | str | None

_MOST_NAMES = 20


@dataclass(frozen=True)
class RowGroup:
    """Some rows: how many, and their first time stamps, at most ten, each once."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EarliestChange:
    """The earliest changed cell of a column.

    `series` is None if there is only one; a missing value is None.
    """

    time: str
    series: str | None
    old: CellValue
    new: CellValue


class HistoryRestated(Finding, code="history-restated"):
    """Values of the earlier file differ in the current one.

    Retrain before comparing results. A model that learned from restated values saw data that were not available at the time.
    """

    column: str
    restated: int
    filled: int
    emptied: int
    largest: float | None
    earliest: EarliestChange
    rows: tuple[int, ...]
    severity = Severity.WARNING
    plural = "were restated"

    @property
    def count(self) -> int:
        return self.restated + self.filled + self.emptied

    @property
    def title(self) -> str:
        parts = (
            (self.restated, "value changed", "values changed"),
            (self.filled, "missing value filled", "missing values filled"),
            (self.emptied, "value removed", "values removed"),
        )
        changes = [f"{number:,} {one if number == 1 else many}" for number, one, many in parts if number]
        return f"{self.column} was restated: {', '.join(changes)}"

    @property
    def detail(self) -> str:
        earliest = self.earliest
        where = earliest.time if earliest.series is None else f"{earliest.time} in {earliest.series}"
        change = f"The earliest change is at {where}: {_show(earliest.old)} became {_show(earliest.new)}."
        if self.largest is None:
            return change
        size = f"{format_percent(self.largest)} of" if self.largest < 10 else f"{self.largest:,.0f} times"
        return f"{change} The largest change is {size} the old value."


class SeriesNotComparable(Finding, code="series-not-comparable"):
    """Only one of the two files holds several series, so their rows cannot be matched.

    Compare files of the same layout.
    """

    series_column: str
    is_old: bool
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        one = "earlier" if self.is_old else "current"
        return f"Rows cannot be matched: only the {one} file has several series, in {self.series_column}"


class RowsGone(Finding, code="rows-gone"):
    """Rows of the earlier file are missing from the current one.

    Check that the current file is complete.
    """

    removed: RowGroup
    series: tuple[str, ...]
    severity = Severity.WARNING

    @property
    def count(self) -> int:
        return self.removed.count

    @property
    def title(self) -> str:
        verb = "is" if self.count == 1 else "are"
        return f"{format_count(self.count, 'row')} of the earlier file {verb} missing"

    @property
    def detail(self) -> str:
        series = f" Missing series: {format_list(self.series, _MOST_NAMES)}." if self.series else ""
        return f"{_first_times(self.removed)}{series}"


class RowsNew(Finding, code="rows-new"):
    """The current file has rows that the earlier one does not have.

    Nothing needs to be done if they are all new. Rows within the earlier range were published late, or added afterwards.
    """

    after: RowGroup
    inside: RowGroup
    before: RowGroup
    series: tuple[str, ...]
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return self.after.count + self.inside.count + self.before.count

    @property
    def title(self) -> str:
        return format_count(self.count, "new row")

    @property
    def detail(self) -> str:
        groups = (
            (self.after, "after the earlier end"),
            (self.inside, "within the earlier range"),
            (self.before, "before the earlier start"),
        )
        parts = [f"{group.count:,} {where}. {_first_times(group)}" for group, where in groups if group.count]
        if self.series:
            parts.append(f"New series: {format_list(self.series, _MOST_NAMES)}.")
        return " ".join(parts)


class _Columns(Finding):
    """Columns that only one of the two files has."""

    columns: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def detail(self) -> str:
        return f"Columns: {format_list(self.columns, _MOST_NAMES)}." if self.count > 1 else ""


class ColumnsGone(_Columns, code="columns-gone"):
    """Columns of the earlier file are missing from the current one.

    Check for renamed columns, and for settings that name the old ones.
    """

    severity = Severity.WARNING

    @property
    def title(self) -> str:
        if self.count == 1:
            return f"Column {self.columns[0]} of the earlier file is missing"
        return f"{self.count:,} columns of the earlier file are missing"


class ColumnsNew(_Columns, code="columns-new"):
    """The current file has columns that the earlier one does not have.

    Nothing needs to be done.
    """

    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Column {self.columns[0]} is new" if self.count == 1 else f"{self.count:,} columns are new"


class KindsChanged(Finding, code="kinds-changed"):
    """Columns changed their type between the two files.

    Check the cells of columns that were not compared: often one cell turns numbers into text.
    """

    changes: tuple[tuple[str, str, str], ...]
    not_compared: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.changes)

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.not_compared else Severity.INFO

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'column')} changed type"

    @property
    def detail(self) -> str:
        listed = "; ".join(f"{column} from {old} to {new}" for column, old, new in self.changes[:_MOST_NAMES])
        more = "; …" if self.count > _MOST_NAMES else ""
        skipped = (
            f" Cells were not compared in {format_list(self.not_compared, _MOST_NAMES)}." if self.not_compared else ""
        )
        return f"Changed: {listed}{more}.{skipped}"


class NotCompared(Finding, code="not-compared"):
    """The earlier file could not be read, so it was not compared with the current one.

    Nothing needs to be done.
    """

    reason: str
    severity = Severity.INFO
    title = "The earlier file could not be compared with the current one"

    @property
    def detail(self) -> str:
        return self.reason


def _first_times(group: RowGroup) -> str:
    return f"First time stamp{'' if len(group.first) == 1 else 's'}: {', '.join(group.first[:3])}."


def _show(value: CellValue) -> str:
    if value is None:
        return "a missing value"
    return f"{value:.10g}" if isinstance(value, float) else repr(value[:80])
