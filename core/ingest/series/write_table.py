"""The columns in the order of their rows: bad cells counted, sentinel codes found, values written as they are kept."""

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
from core.findings.model import Finding
from core.ingest.layout.split import THREADS
from core.ingest.series.cell_findings import Remark, say_columns
from core.ingest.series.order import TimeColumn
from core.ingest.values.infer import Judged
from core.ingest.values.sentinels import Ends, find_doubtful, find_ends, find_sentinels, find_zeros, share_sentinels
from core.ingest.values.spill import Values, in_one_piece, is_arrow_numbers
from core.progress import ShouldStop, require_going
from core.recipe.model import IngestSettings

_CELLS_A_PART = 8_000_000
_NOWHERE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class RowsToKeep:
    """Which rows of the file are kept, in which order, and the line of every row of the file."""

    places: np.ndarray
    lines: np.ndarray

    def mark(self) -> np.ndarray:
        """Return for each row of the file whether it is kept."""
        kept = np.zeros(len(self.lines), dtype=bool)
        kept[self.places] = True
        return kept

    def places_of(self, column: Judged) -> np.ndarray:
        """Return which row of the file each value of a column comes from."""
        return self.places

    @cached_property
    def _are_all_in_order(self) -> bool:
        return len(self.places) == len(self.lines) and bool((self.places[1:] > self.places[:-1]).all())

    def kept_lines(self) -> np.ndarray:
        """Return the line of each kept row, in their order."""
        return self.lines if self._are_all_in_order else self.lines[self.places]

    def take(self, values: Values) -> Values:
        """Return the values of the kept rows, in their order."""
        if self._are_all_in_order:
            return values
        return values[self.places] if isinstance(values, np.ndarray) else values.take(pa.array(self.places))


def finish_table(
    names: tuple[Sequence[str], Sequence[str]],
    columns: list[Judged | None],
    time: TimeColumn,
    rows: RowsToKeep,
    settings: IngestSettings,
    series: str | None,
    folder: Path,
    should_stop: ShouldStop,
) -> tuple[tuple[Column, ...], tuple[Finding, ...]]:
    """Write the table into the folder and return its columns, described, with the findings on cells.

    `names` are those used here and those in the file. A code that the rule finds in one column is looked for in the others
    too. The list `columns` is emptied on the way, so that no value is held twice.
    """
    kept = rows.mark()

    def write(part: tuple[int, range]) -> list[_Facts]:
        number, places = part
        facts, arrays = [], {}
        if number == 0:
            arrays[LINE] = pa.array(rows.kept_lines())
            if time.name not in names[0]:
                arrays[time.name] = pa.array(rows.take(time.values), pa.timestamp("us"))
        for place in places:
            require_going(should_stop)
            column, name = columns[place], names[0][place]
            columns[place] = None
            kind = Kind.TIME if name == time.name else column.kind
            values = rows.take(in_one_piece(time.values if name == time.name else column.cells))
            may_be_code = kind in (Kind.NUMBER, Kind.INTEGER) and name != series
            asked = {*settings.sentinels, *column.codes, *([0.0] if name in settings.zero_is_missing else ())}
            origin = rows.places_of(column) if may_be_code else _NOWHERE
            column = column.put_aside()
            weighed = _weigh(column, kind, values, kept, tuple(asked) if may_be_code else None, settings.find_sentinels)
            zeros = find_zeros(values, weighed.ends) if may_be_code and 0.0 not in asked else _NOWHERE
            doubtful = find_doubtful(values, weighed.ends) if may_be_code and settings.find_sentinels else _NOWHERE
            facts.append(replace(weighed, zeros=origin[zeros], doubtful=origin[doubtful]))
            arrays[name] = _as_arrow(values, kind)
        write_part(folder, number, pa.table(arrays))
        return facts

    parts = list(_parts(len(names[0]), len(rows.places)))
    with ThreadPoolExecutor(THREADS) as pool:
        facts = [fact for written in pool.map(write, parts) for fact in written]
    everywhere = tuple(sorted({code for fact in facts for code in fact.codes}))
    described = [fact.describe(name, original, everywhere) for fact, name, original in zip(facts, *names, strict=True)]
    return tuple(described), tuple(
        say_columns(_remark(names[0], facts, described, kept), rows.lines, described, settings)
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Facts:
    """What was seen of a column while it was written; `ends` only where it may hold codes for a missing value."""

    column: Judged
    kind: Kind
    bad: BadCounts
    codes: tuple[float, ...] = ()
    asked: tuple[tuple[float, int], ...] = ()
    ends: Ends | None = None
    zeros: np.ndarray = field(default_factory=lambda: _NOWHERE)
    doubtful: np.ndarray = field(default_factory=lambda: _NOWHERE)

    def describe(self, name: str, original: str, codes: tuple[float, ...]) -> Column:
        """Return the column with those of the file's codes that it holds."""
        if self.ends is None:
            return Column(name=name, original_name=original, kind=self.kind, bad=self.bad)
        held = {*self.codes, *(code for code, _ in self.asked), *share_sentinels(self.ends, codes)}
        count = self.ends.counts() | dict(self.asked)
        bad = replace(self.bad, sentinel=sum(count[code] for code in held))
        return Column(name=name, original_name=original, kind=self.kind, bad=bad, sentinels=tuple(sorted(held)))


def _parts(columns: int, rows: int) -> Iterator[tuple[int, range]]:
    """Yield the columns that share a file: so many that memory does not follow the size of the table."""
    size = max(1, _CELLS_A_PART // max(1, rows))
    for number, first in enumerate(range(0, columns, size)):
        yield number, range(first, min(first + size, columns))


def _weigh(
    column: Judged,
    kind: Kind,
    values: np.ndarray | pa.Array,
    kept: np.ndarray,
    asked: tuple[float, ...] | None,
    by_rule: bool,
) -> _Facts:
    unparseable = int(np.count_nonzero(kept[column.unparseable]))
    if not isinstance(values, np.ndarray) and not is_arrow_numbers(values):
        return _Facts(column=column, kind=kind, bad=BadCounts(missing=values.null_count))
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        missing = int(np.isnat(values).sum()) - unparseable
        return _Facts(column=column, kind=kind, bad=BadCounts(missing=missing, unparseable=unparseable))
    good, nowhere = _good_values(values)
    bad = BadCounts(missing=nowhere - unparseable, infinite=len(values) - len(good) - nowhere, unparseable=unparseable)
    if asked is None:
        return _Facts(column=column, kind=kind, bad=bad)
    counted = [(code, int(np.count_nonzero(good == code))) for code in asked]
    held = tuple((code, count) for code, count in counted if count)
    return _Facts(
        column=column,
        kind=kind,
        bad=bad,
        codes=find_sentinels(good) if by_rule else (),
        asked=held,
        ends=find_ends(good),
    )


def _good_values(values: np.ndarray | pa.Array) -> tuple[np.ndarray, int]:
    """Return the finite values, and how many cells hold no number."""
    if not isinstance(values, np.ndarray):
        # Columns that were parsed as numbers hold no infinite one.
        return (values.drop_null() if values.null_count else values).to_numpy(), values.null_count
    if values.dtype.kind != "f":
        return values, 0
    good = values[np.isfinite(values)]
    return good, int(np.isnan(values).sum()) if len(good) < len(values) else 0


def _remark(
    names: Sequence[str], facts: Sequence[_Facts], described: Sequence[Column], kept: np.ndarray
) -> dict[str, list[Remark]]:
    remarks: dict[str, list[Remark]] = {
        "unparseable": [],
        "overflow": [],
        "imprecise": [],
        "mixed": [],
        "code": [],
        "zero": [],
        "doubtful": [],
    }
    for name, fact, seen in zip(names, facts, described, strict=True):
        column = fact.column
        if len(fact.doubtful) and fact.ends.low not in seen.sentinels:
            remarks["doubtful"].append(Remark(column=name, places=fact.doubtful, code=fact.ends.low))
        if len(fact.zeros):
            remarks["zero"].append(Remark(column=name, places=fact.zeros))
        noted = [("unparseable", column.unparseable), ("mixed", column.strangers)]
        if column.numbers is not None:
            noted += [("overflow", column.numbers.overflow), ("imprecise", column.numbers.imprecise)]
        for label, places in noted:
            if len(places) and len(places := places[kept[places]]):
                remarks[label].append(Remark(column=name, places=places))
        if column.is_code:
            remarks["code"].append(Remark(column=name, places=np.empty(0, dtype=np.int64)))
    return remarks


def _as_arrow(values: np.ndarray | pa.Array, kind: Kind) -> pa.Array:
    if not isinstance(values, np.ndarray):
        return pc.fill_null(values, np.nan) if is_arrow_numbers(values) else values
    if kind == Kind.TIME:
        return pa.array(values, pa.timestamp("us"))
    if kind == Kind.BOOLEAN and not np.isnan(values).any():
        return pa.array(values == 1)
    return pa.array(values)
