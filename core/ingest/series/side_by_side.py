"""Blocks side by side, each with a date column of its own, aligned by their dates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.columns import Kind
from core.findings.ingest.rows import BlocksAligned, BlocksNotAligned, SameDateColumns
from core.findings.model import Finding, first_rows
from core.ingest.values.infer import InferredColumn
from core.ingest.values.numbers import Numbers
from core.ingest.values.spill import take_rows
from core.ingest.values.timecodes import is_time_name

_SUFFIX = re.compile(r"(?<=[a-z])(?:[ _.-]?(?:[A-Z]|\d{1,2})|[ _.-][a-z])$")
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False, kw_only=True)
class AlignedTable:
    """A table whose blocks are aligned: one row per time stamp of any block.

    `lines`, shape (rows,), int64, are the first line of the file that holds each time stamp.
    """

    names: list[str]
    originals: list[str]
    columns: list[InferredColumn]
    lines: np.ndarray
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Block:
    """A date column and the columns right of it, up to the next block; `times`, shape (rows,), are datetime64[us]."""

    date: int
    values: range
    times: np.ndarray


def align_blocks(
    names: Sequence[str],
    originals: Sequence[str],
    columns: Sequence[InferredColumn],
    lines: np.ndarray,
    ignored: frozenset[str],
) -> AlignedTable | None:
    """Return the table with its blocks joined by their own dates, or None if it is not made of blocks.

    A block begins with a date column that is named like the first one, or that follows a blank column. Blocks with the same
    dates in each row only lose their date columns. If a block repeats a date, nothing is aligned, and a problem is reported.

    Parameters
    ----------
    names, originals
        Unique names of the columns, and their names in the file.
    columns
        The columns of the file.
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    ignored
        Columns that do not begin a block.
    """
    blocks = _find_blocks(names, originals, columns, ignored)
    if len(blocks) < 2:
        return None
    first, others = blocks[0], blocks[1:]
    apart = [_apart(first.times, block.times) for block in others]
    dates = tuple(names[block.date] for block in blocks)
    kept = [
        position
        for position, column in enumerate(columns)
        if position not in {block.date for block in others} and (column.kind != Kind.EMPTY or originals[position])
    ]
    table = AlignedTable(
        names=[names[position] for position in kept],
        originals=[originals[position] for position in kept],
        columns=[columns[position] for position in kept],
        lines=lines,
        findings=(SameDateColumns(columns=dates),),
    )
    if not any(rows.any() for rows in apart):
        return table
    for block in blocks:
        if (repeated := _repeated(block.times)).any():
            finding = BlocksNotAligned(
                column=names[block.date],
                columns=dates,
                days=_distance(first, others),
                rows=first_rows(lines[repeated]),
                count=int(np.count_nonzero(repeated)),
            )
            return replace(
                table, names=list(names), originals=list(originals), columns=list(columns), findings=(finding,)
            )
    places = _Places.of(blocks, len(lines))
    moved = np.logical_or.reduce(apart)
    aligned_finding = BlocksAligned(
        columns=dates,
        days=_distance(first, others),
        rows=first_rows(lines[moved]),
        count=int(np.count_nonzero(moved)),
    )
    by_position = {position: place for place, block in enumerate(blocks) for position in (block.date, *block.values)}
    aligned = [
        _place_times(columns[position], places)
        if position == first.date
        else _place(columns[position], places.rows[by_position.get(position, 0)])
        for position in kept
    ]
    return replace(table, columns=aligned, lines=lines[places.first_rows], findings=(aligned_finding,))


def _find_blocks(
    names: Sequence[str], originals: Sequence[str], columns: Sequence[InferredColumn], ignored: frozenset[str]
) -> list[_Block]:
    dates = [
        position
        for position, column in enumerate(columns)
        if column.kind == Kind.TIME and names[position] not in ignored
    ]
    if not dates or any(column.kind != Kind.EMPTY for column in columns[: dates[0]]):
        return []
    starts = [dates[0], *(place for place in dates[1:] if _begins_block(place, dates[0], originals, columns))]
    ends = [*starts[1:], len(columns)]
    blocks = [
        _Block(date=start, values=range(start + 1, end), times=columns[start].values)
        for start, end in zip(starts, ends, strict=True)
    ]
    has_values = [any(columns[place].kind.is_numeric for place in block.values) for block in blocks]
    return blocks if all(has_values) else []


def _begins_block(place: int, first: int, originals: Sequence[str], columns: Sequence[InferredColumn]) -> bool:
    if columns[place - 1].kind == Kind.EMPTY and not originals[place - 1]:
        return True
    name, first_name = originals[place], originals[first]
    here, there = (_SUFFIX.sub("", text).lower() for text in (name, first_name))
    if here == there and is_time_name(here):
        return True
    # A group: its name precedes those of its date and of its first value.
    group = name.removesuffix(f" {first_name}")
    return group != name and place + 1 < len(originals) and originals[place + 1].startswith(f"{group} ")


def _apart(first: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the rows in which a block has another time than the first one, bool (rows,)."""
    return ~np.isnat(times) & (times != first)


def _distance(first: _Block, others: Sequence[_Block]) -> float:
    """Return the largest distance in days between the dates of one row."""
    both = [~np.isnat(first.times) & ~np.isnat(block.times) for block in others]
    steps = [abs(block.times[here] - first.times[here]) for block, here in zip(others, both, strict=True)]
    return float(max((step.max() for step in steps if len(step)), default=np.timedelta64(0, "us")) / _DAY)


def _repeated(times: np.ndarray) -> np.ndarray:
    """Return the rows that repeat a time of an earlier row, bool (rows,)."""
    valid = np.flatnonzero(~np.isnat(times))
    _, first = np.unique(times[valid], return_index=True)
    repeated = np.zeros(len(times), dtype=bool)
    repeated[np.delete(valid, first)] = True
    return repeated


@dataclass(frozen=True, eq=False, kw_only=True)
class _Places:
    """Where the rows of the file go; rows without a time in any block follow the others.

    `stamps`, shape (rows,), datetime64[us]. `rows` holds for each block the row of the file, -1 if there is none; `first_rows`
    that of the first block that has one.
    """

    stamps: np.ndarray
    rows: list[np.ndarray]
    first_rows: np.ndarray

    @classmethod
    def of(cls, blocks: Sequence[_Block], length: int) -> "_Places":
        valid = [np.flatnonzero(~np.isnat(block.times)) for block in blocks]
        stamps = np.unique(np.concatenate([block.times[rows] for block, rows in zip(blocks, valid, strict=True)]))
        without = np.setdiff1d(np.arange(length), np.concatenate(valid))
        places = []
        for block, rows in zip(blocks, valid, strict=True):
            place = np.full(len(stamps) + len(without), -1, dtype=np.int64)
            place[np.searchsorted(stamps, block.times[rows])] = rows
            place[len(stamps) :] = without
            places.append(place)
        first = places[0]
        for place in places[1:]:
            first = np.where(first < 0, place, first)
        times = np.concatenate((stamps, np.full(len(without), np.datetime64("NaT", "us"))))
        return cls(stamps=times, rows=places, first_rows=first)


def _place_times(column: InferredColumn, places: _Places) -> InferredColumn:
    return replace(_place(column, places.rows[0]), data=places.stamps)


def _place(column: InferredColumn, rows: np.ndarray) -> InferredColumn:
    """Return the column with the cells of these rows of the file; -1 is a missing cell."""
    order = np.argsort(rows, kind="stable")

    def move(positions: np.ndarray) -> np.ndarray:
        found = np.searchsorted(rows[order], positions)
        inside = found < len(rows)
        places = order[found[inside]]
        return np.sort(places[rows[places] == positions[inside]])

    numbers: Numbers | None = column.numbers and replace(
        column.numbers,
        unparseable=move(column.numbers.unparseable),
        overflow=move(column.numbers.overflow),
        imprecise=move(column.numbers.imprecise),
        flagged=move(column.numbers.flagged),
    )
    return replace(
        column,
        data=take_rows(column.values, rows),
        unparseable=move(column.unparseable),
        nonconforming=move(column.nonconforming),
        numbers=numbers,
    )
