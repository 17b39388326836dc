"""One column a series: rows of (time, series, values) become one row a time stamp."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.data.columns import Kind
from core.errors.model import DataError, RecipeError
from core.findings.model import Finding, Remedy, Severity, first_rows, legacy_finding
from core.ingest.layout.column_names import unique_names
from core.ingest.series.order import RowOrder, TimeColumn, series_label
from core.ingest.series.unstack import CellsOfSeries, Grid, LongColumns, look_at, spread
from core.ingest.series.write_table import RowsToKeep
from core.ingest.values.infer import Judged
from core.ingest.values.spill import Values
from core.progress import ShouldStop
from core.recipe.model import IngestSettings
from core.text.format import format_count

MOST_WIDE = 20_000
_NOWHERE = np.empty(0, dtype=np.int64)
_TITLE = IngestSettings.model_fields["pivot"].title


@dataclass(frozen=True, eq=False, kw_only=True)
class LongTable:
    """A table of several series as it was judged: `codes` number the series of each row of the file, -1 for none."""

    names: Sequence[str]
    originals: Sequence[str]
    columns: list[Judged | None]
    time: TimeColumn
    series: str
    codes: np.ndarray
    lines: np.ndarray

    def value_places(self, ignored: Sequence[str]) -> list[int]:
        """Return the places of the columns that hold something for each series and moment."""
        roles = {self.time.name, self.time.joined_with, self.series, *ignored}
        named = enumerate(zip(self.names, self.columns, strict=True))
        return [place for place, (name, column) in named if name not in roles and column.kind != Kind.EMPTY]


@dataclass(frozen=True, eq=False)
class WideRows(RowsToKeep):
    """Rows that come from several rows of the file each: `places` holds the first of them.

    `taken` marks all rows of the file whose values are in the table.
    """

    taken: np.ndarray

    def mark(self) -> np.ndarray:
        """Return for each row of the file whether its values are in the table."""
        return self.taken

    def places_of(self, column: Judged) -> np.ndarray:
        """Return which row of the file each value of a column comes from; -1 where it has none."""
        return column.held.places() if isinstance(column.held, CellsOfSeries) else self.places

    def take(self, values: Values) -> Values:
        """Return the values as they are: they stand in the order of the time stamps already."""
        return values


@dataclass(frozen=True, eq=False, kw_only=True)
class WideTable:
    """The table with one column a series, in the parts that finishing and the findings on rows want.

    `settings` name the wide columns where the user's name those that they were made of.
    """

    names: list[str]
    originals: list[str]
    columns: list[Judged | None]
    time: TimeColumn
    order: RowOrder
    rows: WideRows
    settings: IngestSettings
    findings: tuple[Finding, ...]


def propose_pivot(table: LongTable, settings: IngestSettings) -> Remedy | None:
    """Return the remedy that makes a table wide, or None where that makes too many columns or none of numbers."""
    places = table.value_places(settings.ignore)
    numeric = any(table.columns[place].kind.is_numeric for place in places)
    if not numeric or len(places) * (int(table.codes.max()) + 1) > MOST_WIDE:
        return None
    return Remedy(label=_TITLE, section="ingest", field="pivot", value=True)


def pivot_table(
    table: LongTable | None, order: RowOrder, settings: IngestSettings, should_stop: ShouldStop
) -> WideTable:
    """Return the table with one row a time stamp and one column for each pair of a value column and a series.

    Of rows of one time stamp and series the last counts, in the order of rows that `order` gives. Text that never changes
    within a series tells of the series, not of a moment, and is left out. The list `table.columns` is emptied. Raises
    `RecipeError` where no column tells series apart, `DataError` where too many columns would come, or none.
    """
    if table is None:
        raise RecipeError(
            f"'{_TITLE}' is asked for, but no column tells series apart.",
            f"Name the series column, or turn '{_TITLE}' off.",
        )
    grid = _lay_out(table, order)
    labels = _labels(table, grid)
    places = table.value_places(settings.ignore)
    store = LongColumns({place: table.columns[place] for place in places}, table.codes, grid)
    table.columns[:] = [None] * len(table.columns)
    looks = [look_at(store, place, settings.find_sentinels, should_stop) for place in places]
    fixed = [table.names[look.place] for look in looks if look.is_fixed]
    looks = [look for look in looks if not look.is_fixed]
    _require_few(len(looks), len(labels), table)

    everywhere = tuple(sorted({code for look in looks for code in look.codes}))
    columns = [wide for look in looks for wide in spread(look, store, everywhere)]
    names, originals, made_of = _name(table, [look.place for look in looks], labels)
    zeros = (wide for name in settings.zero_is_missing for wide in made_of.get(name, [name]))
    return WideTable(
        names=names,
        originals=originals,
        columns=[Judged(kind=Kind.TIME, held=grid.stamps), *columns],
        time=replace(table.time, values=grid.stamps),
        order=RowOrder(rows=grid.first, direction=order.direction, late=order.late, repeated=_NOWHERE),
        rows=WideRows(grid.first, table.lines, grid.mark(len(table.lines))),
        settings=settings.model_copy(update={"zero_is_missing": tuple(zeros)}),
        findings=_say_pivoted(table, grid, len(looks), fixed, settings),
    )


def _lay_out(table: LongTable, order: RowOrder) -> Grid:
    codes, times = table.codes[order.rows], table.time.values[order.rows]
    is_last = np.ones(len(codes), dtype=bool)
    is_last[:-1] = (np.diff(codes) != 0) | (np.diff(times.astype(np.int64)) != 0)
    rows = order.rows[is_last]
    stamps, at = np.unique(times[is_last], return_inverse=True)
    first = np.full(len(stamps), len(table.lines), dtype=np.int64)
    np.minimum.at(first, at, rows)
    starts = np.append(np.flatnonzero(np.diff(codes[is_last], prepend=-1)), len(rows))
    return Grid(rows=rows, at=at, starts=starts, stamps=stamps, first=first, repeated=np.sort(order.rows[~is_last]))


def _labels(table: LongTable, grid: Grid) -> list[str]:
    values = table.columns[table.names.index(table.series)].values
    firsts = grid.rows[grid.starts[:-1]]
    if isinstance(values, pa.Array):
        return values.take(pa.array(firsts)).to_pylist()
    return [series_label(value) for value in values[firsts]]


def _require_few(columns: int, series: int, table: LongTable) -> None:
    if not columns:
        raise DataError(
            f"No column of values stands beside {table.time.name!r} and {table.series!r}.",
            f"Turn '{_TITLE}' off, or name another series column.",
        )
    if columns * series > MOST_WIDE:
        raise DataError(
            f"'{_TITLE}' would make {columns * series:,} columns, {columns:,} for each of {series:,} series; "
            f"at most {MOST_WIDE:,} can be used.",
            f"Ignore some columns, name another series column, or turn '{_TITLE}' off.",
        )


def _name(
    table: LongTable, places: Sequence[int], labels: Sequence[str]
) -> tuple[list[str], list[str], dict[str, list[str]]]:
    """Return the names of the wide columns, the names in the file that they come from, and which come from which."""

    def combine(heads: Sequence[str]) -> list[str]:
        return [label if len(places) == 1 else f"{heads[place]} {label}" for place in places for label in labels]

    time = table.time.name
    names = unique_names([time, *combine(table.names)])
    file_name = table.originals[table.names.index(time)] if time in table.names else time
    cut = range(1, len(names), len(labels))
    made_of = {table.names[place]: names[first : first + len(labels)] for place, first in zip(places, cut, strict=True)}
    return names, [file_name, *combine(table.originals)], made_of


def _say_pivoted(
    table: LongTable, grid: Grid, columns: int, fixed: Sequence[str], settings: IngestSettings
) -> tuple[Finding, ...]:
    made = columns * grid.series
    each = "its series" if columns == 1 else "its column and series"
    left = [name for name in settings.ignore if name in table.names]
    detail = f"One row a time stamp, and each column is named after {each}. "
    detail += f"Ignored columns are not in the table: {_listed(left)}." if left else ""
    back = Remedy(label="One row a series and time stamp", section="ingest", field="pivot", value=False)
    title = f"{grid.series:,} series x {format_count(columns, 'column')} became {format_count(made, 'column')}"
    findings = [legacy_finding("pivoted", Severity.INFO, title, detail.strip(), count=made, remedy=back)]
    if fixed:
        title = f"Columns of text that never changes within a series were left out: {len(fixed):,}"
        detail = f"They tell of the series, not of a moment: {_listed(fixed)}."
        findings.append(legacy_finding("pivot-left-out", Severity.INFO, title, detail, count=len(fixed)))
    if len(grid.repeated):
        title = f"Of rows of one series and time stamp the last is taken: {format_count(len(grid.repeated), 'row')} left out"
        where = first_rows(table.lines[grid.repeated])
        detail = "The lines are those of the rows that are not in the table."
        found = legacy_finding(
            "pivot-repeated", Severity.WARNING, title, detail, table.time.name, where, len(grid.repeated)
        )
        findings.append(found)
    return tuple(findings)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:20])}{f' and {len(names) - 20:,} more' if len(names) > 20 else ''}"
