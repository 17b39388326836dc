"""Writing of the table, with counts of bad cells and a search for missing-value codes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import LINE, BadCounts, Column, Kind
from core.data.store import write_part
from core.findings.ingest.cells import (
    CellFinding,
    DigitsLost,
    LeadingZeros,
    MixedColumn,
    NumberOverflow,
    SentinelDoubtful,
    UnparseableCells,
    ZeroValues,
)
from core.findings.model import Finding
from core.ingest.layout.split import THREADS
from core.ingest.series.cell_findings import AffectedCells, check_columns
from core.ingest.series.order import TimeColumn
from core.ingest.values.infer import InferredColumn
from core.ingest.values.sentinels import (
    Extremes,
    find_doubtful_sentinel,
    find_doubtful_zeros,
    find_extremes,
    find_sentinels,
    shared_sentinels,
)
from core.ingest.values.spill import Values, combine_chunks, is_arrow_numbers
from core.progress import ShouldStop, require_going
from core.recipe.model import IngestSettings

_CELLS_A_PART = 8_000_000
_NO_ROWS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class KeptRows:
    """The rows of the file that are kept, in their new order.

    `positions`, shape (kept rows,), int64, are their positions in the file. `lines`, shape (rows of the file,), int64, are
    the line numbers of all rows.
    """

    positions: np.ndarray
    lines: np.ndarray

    def mask(self) -> np.ndarray:
        """Return whether each row of the file is kept, shape (rows of the file,), bool."""
        kept = np.zeros(len(self.lines), dtype=bool)
        kept[self.positions] = True
        return kept

    def positions_of(self, column: InferredColumn) -> np.ndarray:
        """Return the row of the file of each value of a column, shape (kept rows,), int64."""
        return self.positions

    @cached_property
    def _is_whole_file(self) -> bool:
        return len(self.positions) == len(self.lines) and bool((self.positions[1:] > self.positions[:-1]).all())

    def kept_lines(self) -> np.ndarray:
        """Return the line numbers of the kept rows in their order, shape (kept rows,), int64."""
        return self.lines if self._is_whole_file else self.lines[self.positions]

    def take(self, values: Values) -> Values:
        """Return the values of the kept rows, in their order."""
        if self._is_whole_file:
            return values
        return values[self.positions] if isinstance(values, np.ndarray) else values.take(pa.array(self.positions))


def write_table(
    names: tuple[Sequence[str], Sequence[str]],
    columns: list[InferredColumn],
    time: TimeColumn,
    rows: KeptRows,
    settings: IngestSettings,
    series: str | None,
    folder: Path,
    should_stop: ShouldStop,
    repeated: np.ndarray,
) -> tuple[tuple[Column, ...], tuple[Finding, ...], list[tuple[str, int]]]:
    """Write the table into the folder, and return its columns, the findings on cells, and columns with repeated rows that differ.

    A code for missing values that is found in one column is looked for in all others.

    Parameters
    ----------
    names
        The names of the columns here, and those in the file.
    columns
        The columns; their values are released on the way, so none is held twice.
    series
        The name of the series column, which holds no codes for missing values.
    repeated
        Positions of kept rows that repeat the time stamp of the row before them, shape (n,), int64.
    """
    kept = rows.mask()

    def write(part: tuple[int, range]) -> list[_Summary]:
        number, positions = part
        summaries, arrays = [], {}
        if number == 0:
            arrays[LINE] = pa.array(rows.kept_lines())
            if time.name not in names[0]:
                arrays[time.name] = pa.array(rows.take(time.values), pa.timestamp("us"))
        for position in positions:
            require_going(should_stop)
            column, name = columns[position], names[0][position]
            columns[position] = column.without_values()
            kind = Kind.TIME if name == time.name else column.kind
            values = rows.take(combine_chunks(time.values if name == time.name else column.stored))
            is_number = kind in (Kind.NUMBER, Kind.INTEGER) and name != series
            requested = {*settings.sentinels, *column.sentinels}
            if name in settings.zero_is_missing:
                requested.add(0.0)
            origin = rows.positions_of(column) if is_number else _NO_ROWS
            column = columns[position]
            summary = _summarise(
                column, kind, values, kept, tuple(requested) if is_number else None, settings.find_sentinels
            )
            zeros = doubtful = _NO_ROWS
            if is_number and 0.0 not in requested:
                zeros = find_doubtful_zeros(values, summary.extremes)
            if is_number and settings.find_sentinels:
                doubtful = find_doubtful_sentinel(values, summary.extremes)
            differing = _count_differing(values, repeated) if is_number else 0
            summaries.append(replace(summary, zeros=origin[zeros], doubtful=origin[doubtful], differing=differing))
            arrays[name] = _as_arrow(values, kind)
        write_part(folder, number, pa.table(arrays))
        return summaries

    parts = list(_parts(len(names[0]), len(rows.positions)))
    with ThreadPoolExecutor(THREADS) as pool:
        summaries = [summary for written in pool.map(write, parts) for summary in written]
    everywhere = tuple(sorted({sentinel for summary in summaries for sentinel in summary.sentinels}))
    described = [
        summary.describe(name, original, everywhere) for summary, name, original in zip(summaries, *names, strict=True)
    ]
    affected = _find_affected(names[0], summaries, described, kept)
    differing = [(column.name, summary.differing) for column, summary in zip(described, summaries, strict=True)]
    findings = tuple(check_columns(affected, rows.lines, described, settings))
    return tuple(described), findings, [(name, count) for name, count in differing if count]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Summary:
    """What was seen of a column while it was written.

    `sentinels` are the codes for missing values found by rule, `requested` those that the settings name, with their counts.
    `extremes` is None unless the column can hold such codes. `zeros` and `doubtful` are rows of the file whose 0, or only
    negative value, may mean missing. `differing` rows repeat a time stamp with another value.
    """

    column: InferredColumn
    kind: Kind
    bad: BadCounts
    sentinels: tuple[float, ...] = ()
    requested: tuple[tuple[float, int], ...] = ()
    extremes: Extremes | None = None
    zeros: np.ndarray = field(default_factory=lambda: _NO_ROWS)
    doubtful: np.ndarray = field(default_factory=lambda: _NO_ROWS)
    differing: int = 0

    def describe(self, name: str, original: str, everywhere: tuple[float, ...]) -> Column:
        """Return the column with its codes for missing values.

        `everywhere` are those found in any column.
        """
        if self.extremes is None:
            return Column(name=name, original_name=original, kind=self.kind, bad=self.bad)
        held = {
            *self.sentinels,
            *(sentinel for sentinel, _ in self.requested),
            *shared_sentinels(self.extremes, everywhere),
        }
        count = self.extremes.counts() | dict(self.requested)
        bad = replace(self.bad, sentinel=sum(count[sentinel] for sentinel in held))
        return Column(name=name, original_name=original, kind=self.kind, bad=bad, sentinels=tuple(sorted(held)))


def _parts(columns: int, rows: int) -> Iterator[tuple[int, range]]:
    """Yield the number and the columns of each part of limited size."""
    size = max(1, _CELLS_A_PART // max(1, rows))
    for number, first in enumerate(range(0, columns, size)):
        yield number, range(first, min(first + size, columns))


def _summarise(
    column: InferredColumn,
    kind: Kind,
    values: Values,
    kept: np.ndarray,
    requested: tuple[float, ...] | None,
    by_rule: bool,
) -> _Summary:
    """Return the counts of a column.

    `requested` is None unless the column can hold codes for missing values.
    """
    unparseable = int(np.count_nonzero(kept[column.unparseable]))
    if not isinstance(values, np.ndarray) and not is_arrow_numbers(values):
        return _Summary(column=column, kind=kind, bad=BadCounts(missing=values.null_count))
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        missing = int(np.isnat(values).sum()) - unparseable
        return _Summary(column=column, kind=kind, bad=BadCounts(missing=missing, unparseable=unparseable))
    finite, nans = _finite_values(values)
    bad = BadCounts(missing=nans - unparseable, infinite=len(values) - len(finite) - nans, unparseable=unparseable)
    if requested is None:
        return _Summary(column=column, kind=kind, bad=bad)
    counted = [(sentinel, int(np.count_nonzero(finite == sentinel))) for sentinel in requested]
    return _Summary(
        column=column,
        kind=kind,
        bad=bad,
        sentinels=find_sentinels(finite) if by_rule else (),
        requested=tuple((sentinel, count) for sentinel, count in counted if count),
        extremes=find_extremes(finite),
    )


def _count_differing(values: Values, repeated: np.ndarray) -> int:
    """Return in how many rows a value differs from that of the row before, where both have one."""
    if not len(repeated):
        return 0
    numbers = np.asarray(values, dtype=np.float64)
    before, after = numbers[repeated - 1], numbers[repeated]
    return int(np.count_nonzero(np.isfinite(before) & np.isfinite(after) & (before != after)))


def _finite_values(values: Values) -> tuple[np.ndarray, int]:
    """Return the finite values, shape (n,), and how many cells are NaN or null."""
    if not isinstance(values, np.ndarray):
        # Columns parsed as numbers by Arrow have no infinite values.
        return (values.drop_null() if values.null_count else values).to_numpy(), values.null_count
    if values.dtype.kind != "f":
        return values, 0
    finite = values[np.isfinite(values)]
    return finite, int(np.isnan(values).sum()) if len(finite) < len(values) else 0


def _find_affected(
    names: Sequence[str], summaries: Sequence[_Summary], described: Sequence[Column], kept: np.ndarray
) -> dict[type[CellFinding], list[AffectedCells]]:
    """Return the cells to report, by the kind of finding."""
    affected: dict[type[CellFinding], list[AffectedCells]] = {
        UnparseableCells: [],
        NumberOverflow: [],
        DigitsLost: [],
        MixedColumn: [],
        LeadingZeros: [],
        ZeroValues: [],
        SentinelDoubtful: [],
    }
    for name, summary, seen in zip(names, summaries, described, strict=True):
        column, extremes = summary.column, summary.extremes
        if extremes is not None and len(summary.doubtful) and extremes.low not in seen.sentinels:
            affected[SentinelDoubtful].append(AffectedCells(column=name, rows=summary.doubtful, sentinel=extremes.low))
        if len(summary.zeros):
            affected[ZeroValues].append(AffectedCells(column=name, rows=summary.zeros))
        found: list[tuple[type[CellFinding], np.ndarray]] = [
            (UnparseableCells, column.unparseable),
            (MixedColumn, column.nonconforming),
        ]
        if column.numbers is not None:
            found += [(NumberOverflow, column.numbers.overflow), (DigitsLost, column.numbers.imprecise)]
        for kind, rows in found:
            if len(rows) and len(rows := rows[kept[rows]]):
                affected[kind].append(AffectedCells(column=name, rows=rows))
        if column.has_leading_zeros:
            affected[LeadingZeros].append(AffectedCells(column=name, rows=_NO_ROWS))
    return affected


def _as_arrow(values: Values, kind: Kind) -> pa.Array:
    if not isinstance(values, np.ndarray):
        return pc.fill_null(values, np.nan) if is_arrow_numbers(values) else values
    if kind == Kind.TIME:
        return pa.array(values, pa.timestamp("us"))
    if kind == Kind.BOOLEAN and not np.isnan(values).any():
        return pa.array(values == 1)
    return pa.array(values)
