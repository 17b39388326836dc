"""All columns judged together: what one of them cannot settle, a decimal mark or the order of day and month, others do."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.data.columns import Kind
from core.findings.model import Finding
from core.ingest.layout.split import THREADS, TextTable
from core.ingest.series.cell_findings import say_day_order, say_notations, say_times, say_unsure_decimal
from core.ingest.values.infer import (
    Judged,
    Unsettled,
    cells_at,
    first_cell,
    is_plain_number,
    judge_column,
    judge_numbers,
    settle_number,
    settle_time,
)
from core.ingest.values.numbers import DecimalMark
from core.ingest.values.timecodes import decode_time_numbers, names_time
from core.progress import ShouldStop, require_going
from core.recipe.model import IngestSettings

Result = TypeVar("Result")
_LONG = 20_000


@dataclass(frozen=True, eq=False, kw_only=True)
class JudgedTable:
    """The columns as values of their kinds, the decimal mark of the file, and what had to be assumed.

    `day_order` tells which of day and month comes first, and how that is known, where both are numbers.
    `bad_cells` are the cells that do not fit the kind of their column: line, column, text.
    """

    columns: list[Judged]
    decimal: DecimalMark
    bad_cells: tuple[tuple[int, str, str], ...]
    findings: tuple[Finding, ...]
    day_order: str | None


def judge_table(
    names: Sequence[str],
    table: TextTable,
    delimiter: str,
    settings: IngestSettings,
    scratch: Path | None,
    should_stop: ShouldStop,
) -> JudgedTable:
    """Return every column as values of its kind; the text of a column is let go as soon as it is settled.

    The values wait in the folder `scratch`, or in memory without one.
    """
    lines = table.lines

    def judge(place: int) -> Judged | Unsettled:
        require_going(should_stop)
        if (waiting := table.waiting_numbers(place)) is not None:
            return judge_numbers(waiting)
        judged = judge_column(table.column(place))
        if isinstance(judged, Unsettled):
            return judged
        table.release(place)
        return judged.put_down(scratch, str(place))

    first = _each_column(judge, len(names), len(lines))
    decimal, proved = _settle_decimal(first, settings)
    usual = "day first" if decimal == "," or delimiter == ";" else "month first"

    def settle(place: int) -> _Settled:
        require_going(should_stop)
        column = first[place]
        if isinstance(column, Judged):
            timed = None if names[place] in settings.as_numbers else _as_coded_time(names[place], column)
            if timed is None:
                return _Settled(column=column)
            numbers = column.values
            bad = [(int(lines[row]), names[place], str(int(numbers[row]))) for row in timed.unparseable]
            example = str(int(numbers[np.argmax(~np.isnat(timed.values))]))
            return _Settled(column=timed.put_down(scratch, str(place)), bad_cells=bad, example=example)
        cells = table.column(place)
        table.release(place)
        if column.looks == "time":
            judged = settle_time(cells, settings.day_first, usual)
        else:
            judged = settle_number(cells, settings.decimal or column.vote or decimal)
        bad = [
            (int(lines[row]), names[place], cell)
            for row, cell in zip(judged.unparseable, cells_at(cells, judged.unparseable), strict=True)
        ]
        example = first_cell(cells) if judged.times is not None else ""
        return _Settled(column=judged.put_down(scratch, str(place)), bad_cells=bad, example=example)

    settled = _each_column(settle, len(names), len(lines))
    columns = [each.column for each in settled]
    findings = [
        finding
        for name, each in zip(names, settled, strict=True)
        for finding in say_times(name, each.column, each.example, lines)
    ]
    unsure = [
        name
        for name, column, judged in zip(names, first, columns, strict=True)
        if settings.decimal is None
        and isinstance(column, Unsettled)
        and (column.looks, column.vote) == ("number", None)
        and judged.numbers is not None
        and "thousands marks" in judged.numbers.marks
    ]
    findings += say_notations(names, columns, decimal, frozenset(unsure))
    findings += say_unsure_decimal(unsure, decimal, proved)
    bad_cells = tuple(cell for each in settled for cell in each.bad_cells)
    orders = (order for column in columns if column.times and (order := say_day_order(column.times, lines)))
    return JudgedTable(
        columns=columns, decimal=decimal, bad_cells=bad_cells, findings=tuple(findings), day_order=next(orders, None)
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Settled:
    """A column, those of its cells that do not fit its kind, and the first cell of one that tells times."""

    column: Judged
    bad_cells: Sequence[tuple[int, str, str]] = ()
    example: str = ""


def _each_column(work: Callable[[int], Result], columns: int, rows: int) -> list[Result]:
    """Return the result of the work on each column; long columns go to threads, since Arrow computes outside of the lock."""
    if rows < _LONG:
        return [work(place) for place in range(columns)]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(columns)))


def _as_coded_time(name: str, column: Judged) -> Judged | None:
    """Return the column as the times that its numbers stand for, or None where they are only numbers."""
    if column.kind == Kind.INTEGER or (column.kind == Kind.NUMBER and names_time(name)):
        values = column.values
        decoded = decode_time_numbers(values, name)
        if decoded is not None:
            unparseable = np.flatnonzero(np.isnat(decoded[0]) & ~np.isnan(values))
            return Judged(kind=Kind.TIME, held=decoded[0], unparseable=unparseable, time_code=decoded[1])
    return None


def _settle_decimal(columns: Sequence[Judged | Unsettled], settings: IngestSettings) -> tuple[DecimalMark, bool]:
    """Return the decimal mark of the file, and whether some column proves it."""
    if settings.decimal is not None:
        return settings.decimal, True
    commas = sum(isinstance(column, Unsettled) and column.vote == "," for column in columns)
    points = sum(isinstance(column, Unsettled) and column.vote == "." for column in columns)
    points += sum(is_plain_number(column) and column.kind == Kind.NUMBER for column in columns)
    if commas or points:
        return ("," if commas > points else "."), True
    return ".", False
