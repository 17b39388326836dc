"""All columns judged together: what one of them cannot settle, a decimal mark or the order of day and month, others do."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa

from core.findings import Finding
from core.ingest.dataset import Kind
from core.ingest.kinds import Judged, Unsettled, cells_at, is_plain_number, judge_column, settle_number, settle_time
from core.ingest.lines import TextTable
from core.ingest.numbers import DecimalMark
from core.ingest.remarks import say_notations, say_times, say_unsure_decimal
from core.ingest.timecodes import decode_time_numbers, names_time
from core.progress import ShouldStop, require_going
from core.recipe import IngestSettings

Result = TypeVar("Result")
_THREADS = 2
_LONG = 20_000


@dataclass(frozen=True, eq=False)
class JudgedTable:
    """The columns as values of their kinds, the decimal mark of the file, and what had to be assumed.

    `bad_cells` are the cells that do not fit the kind of their column: line, column, text.
    """

    columns: list[Judged]
    decimal: DecimalMark
    bad_cells: tuple[tuple[int, str, str], ...]
    findings: tuple[Finding, ...]


def judge_table(
    names: Sequence[str], table: TextTable, delimiter: str, settings: IngestSettings, should_stop: ShouldStop
) -> JudgedTable:
    """Return every column as values of its kind; the text of a column is let go as soon as it is settled."""
    raw = table.columns
    lines = table.lines

    def judge(place: int) -> tuple[Judged | Unsettled, pa.Array | None]:
        require_going(should_stop)
        cells = raw[place].combine_chunks()
        raw[place] = None
        judged = judge_column(cells)
        settled = isinstance(judged, Judged)
        return judged, None if settled else cells

    first = _each_column(judge, len(names), len(lines))
    decimal, proved = _settle_decimal([column for column, _ in first], settings)
    usual = "day first" if decimal == "," or delimiter == ";" else "month first"

    def settle(place: int) -> Judged:
        require_going(should_stop)
        column, cells = first[place]
        if isinstance(column, Judged):
            return _as_time_if_coded(names[place], column)
        if column.looks == "time":
            return settle_time(cells, column, settings.day_first, usual)
        mark = settings.decimal or column.vote or decimal
        return settle_number(cells, column, mark)

    columns = _each_column(settle, len(names), len(lines))
    findings: list[Finding] = []
    bad_cells: list[tuple[int, str, str]] = []
    for place, column in enumerate(columns):
        if column.kind == Kind.TIME and column.times is not None:
            example = first[place][0].text.drop_null()[0].as_py()
            findings += say_times(names[place], column, example, lines)
        if len(column.unparseable):
            texts = cells_at(first[place][1], column.unparseable)
            bad_cells += [
                (int(lines[row]), names[place], cell) for row, cell in zip(column.unparseable, texts, strict=True)
            ]
    findings += say_notations(names, columns, decimal)
    if settings.decimal is None:
        unsure = [
            name
            for name, (column, _), judged in zip(names, first, columns, strict=True)
            if isinstance(column, Unsettled)
            and (column.looks, column.vote) == ("number", None)
            and judged.numbers is not None
            and "thousands marks" in judged.numbers.marks
        ]
        findings += say_unsure_decimal(unsure, decimal, proved)
    return JudgedTable(columns, decimal, tuple(bad_cells), tuple(findings))


def _each_column(work: Callable[[int], Result], columns: int, rows: int) -> list[Result]:
    """Return the result of the work on each column; long columns go to threads, since Arrow computes outside of the lock."""
    if rows < _LONG:
        return [work(place) for place in range(columns)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, range(columns)))


def _as_time_if_coded(name: str, column: Judged) -> Judged:
    if column.kind == Kind.INTEGER or (column.kind == Kind.NUMBER and names_time(name)):
        decoded = decode_time_numbers(column.values, name)
        if decoded is not None:
            return Judged(Kind.TIME, decoded[0])
    return column


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
