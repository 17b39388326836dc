"""Pivot of a table to one row per time stamp, and one column per series and value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.data.columns import Kind
from core.data.series_label import series_label
from core.errors.series import PivotTooWide, PivotWithoutSeries, PivotWithoutValues
from core.findings.ingest.rows import Pivoted, PivotLeftOut, PivotRepeated
from core.findings.model import Finding, first_rows
from core.ingest.layout.column_names import unique_names
from core.ingest.series.order import RowOrder, TimeColumn
from core.ingest.series.unstack import Grid, LongColumns, SeriesCells, summarise_long, unstack_column
from core.ingest.series.write_table import KeptRows
from core.ingest.values.infer import InferredColumn
from core.ingest.values.spill import Values
from core.progress import ShouldStop
from core.recipe.model import IngestSettings

MOST_WIDE = 20_000
_NO_ROWS = np.empty(0, dtype=np.int64)
_SETTING = IngestSettings.model_fields["pivot"].title or "pivot"


@dataclass(frozen=True, eq=False, kw_only=True)
class LongTable:
    """A table in which several series are stacked.

    `codes`, shape (rows of the file,), int64, is the number of the series of each row, -1 if it has none; `lines` are the line
    numbers of the rows.
    """

    names: Sequence[str]
    originals: Sequence[str]
    columns: list[InferredColumn]
    time: TimeColumn
    series: str
    codes: np.ndarray
    lines: np.ndarray

    def value_columns(self, ignored: Sequence[str]) -> list[int]:
        """Return the positions of the columns that hold a value per series and time stamp."""
        roles = {self.time.name, self.time.joined_with, self.series, *ignored}
        named = enumerate(zip(self.names, self.columns, strict=True))
        return [position for position, (name, column) in named if name not in roles and column.kind != Kind.EMPTY]


@dataclass(frozen=True, eq=False)
class WideRows(KeptRows):
    """Rows that come from several rows of the file each: `positions` holds the first of them.

    `used`, shape (rows of the file,), bool, is whether the values of a row are in the table.
    """

    used: np.ndarray

    def mask(self) -> np.ndarray:
        """Return whether each row of the file is in the table, shape (rows of the file,), bool."""
        return self.used

    def positions_of(self, column: InferredColumn) -> np.ndarray:
        """Return the row of the file of each value of a column, shape (stamps,), int64.

        It is -1 for a missing cell.
        """
        return column.data.rows() if isinstance(column.data, SeriesCells) else self.positions

    def take(self, values: Values) -> Values:
        """Return the values as they are: they are in the order of the time stamps already."""
        return values


@dataclass(frozen=True, eq=False, kw_only=True)
class WideTable:
    """The table with one column per series.

    `settings` name the wide columns if those of the user name the long columns.
    """

    names: list[str]
    originals: list[str]
    columns: list[InferredColumn]
    time: TimeColumn
    order: RowOrder
    rows: WideRows
    settings: IngestSettings
    findings: tuple[Finding, ...]


def can_pivot(table: LongTable, settings: IngestSettings) -> bool:
    """Return whether the table has numbers to pivot, and the result is not too wide."""
    positions = table.value_columns(settings.ignore)
    is_numeric = any(table.columns[position].kind.is_numeric for position in positions)
    return is_numeric and len(positions) * (int(table.codes.max()) + 1) <= MOST_WIDE


def pivot_table(
    table: LongTable | None, order: RowOrder, settings: IngestSettings, should_stop: ShouldStop
) -> WideTable:
    """Return the table with one row per time stamp and one column per value column and series.

    Of rows with the same time stamp and series, the last in `order` counts. Text that is constant within each series is
    dropped. The list `table.columns` is emptied. Raises `PivotWithoutSeries`, `PivotWithoutValues` or `PivotTooWide`.

    Parameters
    ----------
    table
        None if the file has no series column.
    order
        The order of the rows of the file.
    """
    if table is None:
        raise PivotWithoutSeries(setting=_SETTING)
    grid = _lay_out(table, order)
    labels = _labels(table, grid)
    positions = table.value_columns(settings.ignore)
    store = LongColumns({position: table.columns[position] for position in positions}, table.codes, grid)
    table.columns.clear()
    summaries = [summarise_long(store, position, settings.find_sentinels, should_stop) for position in positions]
    fixed = tuple(table.names[long.position] for long in summaries if long.is_fixed)
    summaries = [long for long in summaries if not long.is_fixed]
    _require_few(len(summaries), len(labels), table)

    everywhere = tuple(sorted({sentinel for long in summaries for sentinel in long.sentinels}))
    columns = [wide for long in summaries for wide in unstack_column(long, store, everywhere)]
    names, originals, wide_names = _name_columns(table, [long.position for long in summaries], labels)
    zeros = (wide for name in settings.zero_is_missing for wide in wide_names.get(name, [name]))
    return WideTable(
        names=names,
        originals=originals,
        columns=[InferredColumn(kind=Kind.TIME, data=grid.stamps), *columns],
        time=replace(table.time, values=grid.stamps),
        order=RowOrder(rows=grid.first_rows, direction=order.direction, late=order.late, repeated=_NO_ROWS),
        rows=WideRows(grid.first_rows, table.lines, grid.mask(len(table.lines))),
        settings=settings.model_copy(update={"zero_is_missing": tuple(zeros)}),
        findings=_check_pivot(table, grid, len(summaries), fixed, settings),
    )


def _lay_out(table: LongTable, order: RowOrder) -> Grid:
    codes, times = table.codes[order.rows], table.time.values[order.rows]
    is_last = np.ones(len(codes), dtype=bool)
    is_last[:-1] = (np.diff(codes) != 0) | (np.diff(times.astype(np.int64)) != 0)
    rows = order.rows[is_last]
    stamps, stamp_of_row = np.unique(times[is_last], return_inverse=True)
    first = np.full(len(stamps), len(table.lines), dtype=np.int64)
    np.minimum.at(first, stamp_of_row, rows)
    return Grid(
        rows=rows,
        stamp_of_row=stamp_of_row,
        starts=np.append(np.flatnonzero(np.diff(codes[is_last], prepend=-1)), len(rows)),
        stamps=stamps,
        first_rows=first,
        repeated=np.sort(order.rows[~is_last]),
    )


def _labels(table: LongTable, grid: Grid) -> list[str]:
    values = table.columns[table.names.index(table.series)].values
    firsts = grid.rows[grid.starts[:-1]]
    if isinstance(values, pa.Array):
        return list(values.take(pa.array(firsts)).to_pylist())
    return [series_label(value) for value in values[firsts]]


def _require_few(columns: int, series: int, table: LongTable) -> None:
    if not columns:
        raise PivotWithoutValues(setting=_SETTING, time=table.time.name, series=table.series)
    if columns * series > MOST_WIDE:
        raise PivotTooWide(setting=_SETTING, columns=columns, series=series, limit=MOST_WIDE)


def _name_columns(
    table: LongTable, positions: Sequence[int], labels: Sequence[str]
) -> tuple[list[str], list[str], dict[str, list[str]]]:
    """Return the wide names, their names in the file, and the wide names by long name."""

    def combine(names: Sequence[str]) -> list[str]:
        return [
            label if len(positions) == 1 else f"{names[position]} {label}" for position in positions for label in labels
        ]

    time = table.time.name
    names = unique_names([time, *combine(table.names)])
    file_name = table.originals[table.names.index(time)] if time in table.names else time
    cuts = range(1, len(names), len(labels))
    wide_names = {
        table.names[position]: names[first : first + len(labels)]
        for position, first in zip(positions, cuts, strict=True)
    }
    return names, [file_name, *combine(table.originals)], wide_names


def _check_pivot(
    table: LongTable, grid: Grid, columns: int, fixed: tuple[str, ...], settings: IngestSettings
) -> tuple[Finding, ...]:
    ignored = tuple(name for name in settings.ignore if name in table.names)
    findings: list[Finding] = [Pivoted(series=grid.series, columns=columns, ignored=ignored)]
    if fixed:
        findings.append(PivotLeftOut(columns=fixed))
    if len(grid.repeated):
        rows = first_rows(table.lines[grid.repeated])
        findings.append(PivotRepeated(column=table.time.name, rows=rows, count=len(grid.repeated)))
    return tuple(findings)
