"""Findings on cells: notations, assumed formats, unparseable cells, missing-value codes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.columns import Column, Kind
from core.findings.ingest.cells import (
    CellFinding,
    DayMonthAssumed,
    DayMonthInferred,
    DayMonthProved,
    EmptyColumn,
    MonthNames,
    Notation,
    NumberFlags,
    NumberNotation,
    Possible32nds,
    SentinelCode,
    SentinelDoubtful,
    ThousandsAssumed,
    TimeTruncated,
    TimeZoneAssumed,
    TimeZones,
    TwoDigitYears,
)
from core.findings.ingest.rows import EpochUnitChanges, IntervalStarts, NumbersAsTimes
from core.findings.model import Finding, first_rows
from core.ingest.values.infer import InferredColumn
from core.ingest.values.months import ENGLISH, month_number
from core.ingest.values.times import Times
from core.recipe.model import IngestSettings

_MOST_EACH = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class AffectedCells:
    """Cells of one column that a finding is about.

    `rows`, shape (n,), int64, are positions of rows in the file. `sentinel` is the value of the cells, if they are suspected
    to encode a missing value.
    """

    column: str
    rows: np.ndarray
    sentinel: float = np.nan


AffectedByKind = Mapping[type[CellFinding], Sequence[AffectedCells]]


def check_cells(
    kind: Callable[..., CellFinding], affected: Sequence[AffectedCells], lines: np.ndarray
) -> list[Finding]:
    """Return a finding for each of the first 20 columns, and one for all further columns.

    Parameters
    ----------
    kind
        Makes the finding from its columns, the number of cells, and lines.
    affected
        The cells, one entry per column.
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    """
    listed = affected if len(affected) == _MOST_EACH + 1 else affected[:_MOST_EACH]
    findings: list[Finding] = [
        kind(columns=(cells.column,), cells=len(cells.rows), rows=first_rows(np.sort(lines[cells.rows])))
        for cells in listed
    ]
    if rest := affected[len(listed) :]:
        findings.append(
            kind(
                columns=tuple(cells.column for cells in rest),
                cells=sum(len(cells.rows) for cells in rest),
                rows=first_rows(np.unique(np.concatenate([lines[cells.rows] for cells in rest]))),
            )
        )
    return findings


def check_notations(
    names: Sequence[str], columns: Sequence[InferredColumn], decimal: str, unsure: frozenset[str]
) -> list[Finding]:
    """Return a finding for each notation of numbers that was converted, with its columns.

    Parameters
    ----------
    unsure
        Columns whose separator may be decimal or thousands; `check_unsure_decimal` reports their thousands separators.
    """
    by_notation: dict[Notation, list[str]] = {}
    for name, column in zip(names, columns, strict=True):
        notations = sorted(column.numbers.notations) if column.numbers else []
        if column.other_digits:
            notations.append(Notation.OTHER_DIGITS)
        for notation in notations:
            if notation is not Notation.THOUSANDS or name not in unsure:
                by_notation.setdefault(notation, []).append(name)
    return [
        NumberNotation(notation=notation, columns=tuple(named), decimal=decimal)
        for notation, named in by_notation.items()
    ]


def check_marks(name: str, column: InferredColumn, lines: np.ndarray) -> list[Finding]:
    """Return findings on marks in the cells of numbers: flags behind them, and prices that may be in 32nds.

    `lines`, shape (rows of the file,), int64, are the line numbers of the rows.
    """
    numbers = column.numbers
    if numbers is None:
        return []
    findings: list[Finding] = []
    if numbers.flags:
        rows = first_rows(lines[numbers.flagged])
        findings.append(NumberFlags(column=name, flags=numbers.flags, rows=rows, count=len(numbers.flagged)))
    if numbers.thirty_seconds:
        is_number = column.kind.is_numeric
        findings.append(Possible32nds(column=name, example=numbers.thirty_seconds, is_number=is_number))
    return findings


def check_unsure_decimal(unsure: Sequence[str], decimal: str, is_proved: bool) -> list[Finding]:
    """Return a finding on numbers such as 1,234 whose separator is read as thousands.

    Parameters
    ----------
    unsure
        The columns in which the separator may be decimal or thousands.
    decimal
        The decimal separator of the file.
    is_proved
        Whether other columns prove the decimal separator.
    """
    return [ThousandsAssumed(columns=tuple(unsure), decimal=decimal, is_proved=is_proved)] if unsure else []


def check_times(name: str, column: InferredColumn, example: str, lines: np.ndarray) -> list[Finding]:
    """Return what was assumed to read a column of time stamps.

    Parameters
    ----------
    example
        The text of the first cell.
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    """
    if column.time_code is not None:
        first = column.values[~np.isnat(column.values)][0]
        read = NumbersAsTimes(column=name, time_code=column.time_code, first=first, example=example)
        if column.unit_change is None:
            return [read]
        line = int(lines[column.unit_change])
        return [
            read,
            EpochUnitChanges(
                column=name, first_unit=column.time_code, line=line, before=example, after=column.changed_example
            ),
        ]
    times = column.times
    if times is None:
        return []
    findings: list[Finding] = []
    if column.is_interval:
        findings.append(IntervalStarts(column=name, example=example))
    if times.foreign_months:
        months = tuple((month, ENGLISH[month_number(month) - 1].title()) for month in times.foreign_months)
        findings.append(MonthNames(column=name, months=months))
    findings += _check_day_order(name, times, example, lines)
    if times.zoned:
        findings.append(TimeZones(column=name, zone=times.zone, count=times.zoned))
    if times.naive is not None and len(times.naive):
        rows = first_rows(lines[times.naive])
        findings.append(TimeZoneAssumed(column=name, rows=rows, count=len(times.naive)))
    if times.short_years:
        years = column.values[~np.isnat(column.values)].astype("datetime64[Y]").astype(str)
        findings.append(TwoDigitYears(column=name, first=str(min(years)), last=str(max(years))))
    if times.truncated:
        findings.append(TimeTruncated(column=name))
    return findings


def _check_day_order(name: str, times: Times, example: str, lines: np.ndarray) -> list[Finding]:
    if times.order is None or times.proof is None:
        return []
    match times.proof:
        case "range":
            return [DayMonthProved(column=name, order=times.order, line=int(lines[times.proving]))]
        case "assumed":
            return [DayMonthAssumed(column=name, order=times.order, example=example)]
        case "sequence" | "marks":
            return [DayMonthInferred(column=name, order=times.order, by=times.proof)]
        case "setting":
            return []


def check_columns(
    affected: AffectedByKind, lines: np.ndarray, columns: Sequence[Column], settings: IngestSettings
) -> list[Finding]:
    """Return the findings on cells, empty columns and codes for missing values.

    Parameters
    ----------
    affected
        The cells to report, by the kind of finding.
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    """
    findings: list[Finding] = []
    for kind, cells in affected.items():
        if kind is not SentinelDoubtful:
            findings += check_cells(kind, cells, lines)
    findings += [
        SentinelDoubtful(
            columns=(cells.column,),
            cells=len(cells.rows),
            rows=first_rows(np.sort(lines[cells.rows])),
            sentinel=cells.sentinel,
        )
        for cells in affected.get(SentinelDoubtful, ())[:_MOST_EACH]
    ]
    if empty := tuple(column.name for column in columns if column.kind == Kind.EMPTY):
        findings.append(EmptyColumn(columns=empty))
    for sentinel in sorted({sentinel for column in columns for sentinel in column.sentinels}):
        is_set = sentinel in settings.sentinels or (sentinel == 0 and bool(settings.zero_is_missing))
        holding = tuple(column.name for column in columns if sentinel in column.sentinels)
        findings.append(SentinelCode(sentinel=sentinel, columns=holding, is_found=not is_set))
    return findings
