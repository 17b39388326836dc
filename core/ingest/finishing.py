"""The columns in the order of their rows: bad cells counted, sentinel codes found, values as they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.findings import Finding
from core.ingest.dataset import LINE, BadCounts, Column, Kind
from core.ingest.kinds import Judged
from core.ingest.order import TimeColumn
from core.ingest.remarks import Remark, say_columns
from core.ingest.sentinels import find_sentinels, mark_sentinels, share_sentinels

Values = np.ndarray | pa.Array


@dataclass(frozen=True, eq=False)
class FinishedTable:
    """The columns described, the table to be stored, and the findings on cells."""

    columns: tuple[Column, ...]
    table: pa.Table
    findings: tuple[Finding, ...]


def finish_table(
    names: tuple[Sequence[str], Sequence[str]],
    columns: list[Judged],
    time: TimeColumn,
    rows: np.ndarray,
    lines: np.ndarray,
    sentinels: tuple[float, ...],
    series: str | None,
) -> FinishedTable:
    """Return the table of these rows, in this order; `names` are those used here and those in the file.

    `sentinels` are the user's codes. A code that the rule finds in one column is looked for in the others too. The list
    `columns` is emptied on the way, so that no value is held twice.
    """
    kept = np.zeros(len(lines), dtype=bool)
    kept[rows] = True
    take = None if len(rows) == len(lines) and bool((np.diff(rows) == 1).all()) else rows
    values: list[Values] = []
    kinds: list[Kind] = []
    notes: list[Judged] = []
    for place, name in enumerate(names[0]):
        column = columns[place]
        columns[place] = None
        values.append(_take(time.values if name == time.name else column.values, take))
        kinds.append(Kind.TIME if name == time.name else column.kind)
        notes.append(column)
    may_be_code = [
        kind in (Kind.NUMBER, Kind.INTEGER) and name != series for kind, name in zip(kinds, names[0], strict=True)
    ]
    codes = _find_codes(values, may_be_code, sentinels)
    described = []
    for place, (name, original) in enumerate(zip(*names, strict=True)):
        bad = _count_bad(values[place], notes[place].unparseable[kept[notes[place].unparseable]], codes[place])
        described.append(Column(name, original, kinds[place], bad, codes[place]))
    findings = say_columns(_remark(names[0], notes, kept), lines, described)
    arrays = {} if time.name in names[0] else {time.name: pa.array(_take(time.values, take), pa.timestamp("us"))}
    for place, name in enumerate(names[0]):
        arrays[name] = _as_arrow(values[place], kinds[place])
    arrays[LINE] = pa.array(lines[rows])
    return FinishedTable(tuple(described), pa.table(arrays), tuple(findings))


def _take(values: Values, rows: np.ndarray | None) -> Values:
    if rows is None:
        return values
    return values[rows] if isinstance(values, np.ndarray) else values.take(pa.array(rows))


def _find_codes(values: list[Values], may_be_code: list[bool], asked: tuple[float, ...]) -> list[tuple[float, ...]]:
    found = [
        {*(code for code in asked if (column == code).any()), *find_sentinels(column)} if judged else set()
        for column, judged in zip(values, may_be_code, strict=True)
    ]
    everywhere = tuple(sorted(set().union(*found)))
    if everywhere:
        for column, judged, codes in zip(values, may_be_code, found, strict=True):
            if judged:
                codes.update(share_sentinels(column, everywhere))
    return [tuple(sorted(codes)) for codes in found]


def _count_bad(values: Values, unparseable: np.ndarray, codes: tuple[float, ...]) -> BadCounts:
    if isinstance(values, pa.Array):
        return BadCounts(missing=values.null_count)
    if values.dtype.kind == "M":
        return BadCounts(missing=int(np.isnat(values).sum()) - len(unparseable), unparseable=len(unparseable))
    return BadCounts(
        missing=int(np.isnan(values).sum()) - len(unparseable),
        infinite=int(np.isinf(values).sum()),
        unparseable=len(unparseable),
        sentinel=int(mark_sentinels(values, codes).sum()) if codes else 0,
    )


def _remark(names: Sequence[str], columns: Sequence[Judged], kept: np.ndarray) -> dict[str, list[Remark]]:
    remarks: dict[str, list[Remark]] = {"unparseable": [], "overflow": [], "imprecise": [], "mixed": [], "code": []}
    for name, column in zip(names, columns, strict=True):
        noted = [("unparseable", column.unparseable), ("mixed", column.strangers)]
        if column.numbers is not None:
            noted += [("overflow", column.numbers.overflow), ("imprecise", column.numbers.imprecise)]
        for label, places in noted:
            if len(places) and len(places := places[kept[places]]):
                remarks[label].append(Remark(name, places))
        if column.is_code:
            remarks["code"].append(Remark(name, np.empty(0, dtype=np.int64)))
    return remarks


def _as_arrow(values: np.ndarray | pa.Array, kind: Kind) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if kind == Kind.TIME:
        return pa.array(values, pa.timestamp("us"))
    if kind == Kind.BOOLEAN and not np.isnan(values).any():
        return pa.array(values == 1)
    return pa.array(values, from_pandas=True)
