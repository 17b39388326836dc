"""Types of all columns: other columns decide what one column leaves ambiguous."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.data.columns import Kind
from core.findings.ingest.cells import DayOrder, Notation, describe_day_order
from core.findings.model import Finding
from core.ingest.layout.split import THREADS, TextTable
from core.ingest.series.cell_findings import check_marks, check_notations, check_times, check_unsure_decimal
from core.ingest.values.infer import (
    AmbiguousColumn,
    InferredColumn,
    cells_at,
    first_cell,
    infer_column,
    number_column,
    parse_32nds,
    parse_numbers,
    parse_times,
)
from core.ingest.values.numbers import DecimalMark
from core.ingest.values.timecodes import decode_time_numbers, is_time_name
from core.progress import ShouldStop, require_going
from core.recipe.model import IngestSettings

Result = TypeVar("Result")
_LONG = 20_000


@dataclass(frozen=True, eq=False, kw_only=True)
class InferredTable:
    """The columns as values of their types, and what was assumed to read them.

    `day_order` describes the order of day and month and how it was found, if some dates are ambiguous. `bad_cells` are the
    cells that do not fit the type of their column: line, column, text.
    """

    columns: list[InferredColumn]
    decimal: DecimalMark
    bad_cells: tuple[tuple[int, str, str], ...]
    findings: tuple[Finding, ...]
    day_order: str | None


def infer_table(
    names: Sequence[str],
    table: TextTable,
    delimiter: str,
    settings: IngestSettings,
    scratch: Path | None,
    should_stop: ShouldStop,
) -> InferredTable:
    """Return every column as values of its type.

    The text of a column is released as soon as it is parsed.

    Parameters
    ----------
    names
        The unique names of the columns.
    delimiter
        The delimiter of the file: a semicolon suggests dates with the day first.
    scratch
        The folder in which values are kept until the table is written. None: in memory.
    """
    lines = table.lines

    def infer(position: int) -> InferredColumn | AmbiguousColumn:
        require_going(should_stop)
        if (deferred := table.deferred_numbers(position)) is not None:
            return number_column(deferred)
        if names[position] in settings.thirty_seconds:
            return AmbiguousColumn("number")
        column = infer_column(table.column(position))
        if isinstance(column, AmbiguousColumn):
            return column
        table.release(position)
        return column.spill_to(scratch, str(position))

    first = _map_columns(infer, len(names), len(lines))
    decimal, is_proved = _find_decimal(first, settings)
    usual: DayOrder = "day first" if decimal == "," or delimiter == ";" else "month first"

    def parse(position: int) -> _ParsedColumn:
        require_going(should_stop)
        column = first[position]
        if isinstance(column, InferredColumn):
            times = None if names[position] in settings.as_numbers else _as_coded_times(names[position], column)
            if times is None:
                return _ParsedColumn(column=column)
            numbers = column.values
            bad = [(int(lines[row]), names[position], str(int(numbers[row]))) for row in times.unparseable]
            example = str(int(numbers[np.argmax(~np.isnat(times.values))]))
            return _ParsedColumn(column=times.spill_to(scratch, str(position)), bad_cells=bad, example=example)
        cells = table.column(position)
        table.release(position)
        if names[position] in settings.thirty_seconds:
            parsed = parse_32nds(cells)
        elif column.looks_like == "time":
            parsed = parse_times(cells, settings.day_first, usual)
        else:
            parsed = parse_numbers(cells, settings.decimal or column.decimal or decimal)
        bad = [
            (int(lines[row]), names[position], cell)
            for row, cell in zip(parsed.unparseable, cells_at(cells, parsed.unparseable), strict=True)
        ]
        example = first_cell(cells) if parsed.times is not None else ""
        return _ParsedColumn(column=parsed.spill_to(scratch, str(position)), bad_cells=bad, example=example)

    parsed = _map_columns(parse, len(names), len(lines))
    columns = [each.column for each in parsed]
    findings = [
        finding
        for name, each in zip(names, parsed, strict=True)
        for finding in check_times(name, each.column, each.example, lines)
    ]
    for name, column in zip(names, columns, strict=True):
        findings += check_marks(name, column, lines)
    unsure = [
        name
        for name, before, column in zip(names, first, columns, strict=True)
        if settings.decimal is None
        and isinstance(before, AmbiguousColumn)
        and (before.looks_like, before.decimal) == ("number", None)
        and column.numbers is not None
        and Notation.THOUSANDS in column.numbers.notations
        and not column.numbers.apostrophes
    ]
    findings += check_notations(names, columns, decimal, frozenset(unsure))
    findings += check_unsure_decimal(unsure, decimal, is_proved)
    return InferredTable(
        columns=columns,
        decimal=decimal,
        bad_cells=tuple(cell for each in parsed for cell in each.bad_cells),
        findings=tuple(findings),
        day_order=_describe_first_day_order(columns, lines),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _ParsedColumn:
    """A column, its cells that do not fit its type, and the text of its first time stamp."""

    column: InferredColumn
    bad_cells: Sequence[tuple[int, str, str]] = ()
    example: str = ""


def _map_columns(work: Callable[[int], Result], columns: int, rows: int) -> list[Result]:
    """Return the result of the work for each column.

    Long columns use threads, because Arrow releases the GIL.
    """
    if rows < _LONG:
        return [work(position) for position in range(columns)]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(columns)))


def _as_coded_times(name: str, column: InferredColumn) -> InferredColumn | None:
    """Return the times that the numbers of a column encode, or None."""
    if column.kind == Kind.INTEGER or (column.kind == Kind.NUMBER and is_time_name(name)):
        values = column.values
        decoded = decode_time_numbers(values, name)
        if decoded is not None:
            unparseable = np.flatnonzero(np.isnat(decoded[0]) & ~np.isnan(values))
            return InferredColumn(
                kind=Kind.TIME,
                data=decoded[0],
                unparseable=unparseable,
                time_code=decoded[1],
                unit_change=decoded[2],
                changed_example="" if decoded[2] is None else str(int(values[decoded[2]])),
            )
    return None


def _find_decimal(
    columns: Sequence[InferredColumn | AmbiguousColumn], settings: IngestSettings
) -> tuple[DecimalMark, bool]:
    """Return the decimal separator of the file, and whether some column proves it."""
    if settings.decimal is not None:
        return settings.decimal, True
    commas = points = 0
    for column in columns:
        if isinstance(column, InferredColumn):
            points += column.kind == Kind.NUMBER
        else:
            commas += column.decimal == ","
            points += column.decimal == "."
    if commas or points:
        return ("," if commas > points else "."), True
    return ".", False


def _describe_first_day_order(columns: Sequence[InferredColumn], lines: np.ndarray) -> str | None:
    for column in columns:
        times = column.times
        if times is not None and times.order is not None and times.proof not in (None, "setting"):
            line = None if times.proving is None else int(lines[times.proving])
            return describe_day_order(times.order, times.proof, line)
    return None
