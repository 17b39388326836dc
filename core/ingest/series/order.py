"""The time column, the series column, and the order of the rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import Kind
from core.data.dataset import TimeSource
from core.errors.columns import UnknownColumn
from core.errors.series import NotATimeColumn, SeriesIsTime
from core.findings.ingest.rows import ROW_NUMBER, TimeCode
from core.ingest.series.no_time import explain_no_time, first_text
from core.ingest.values.clocks import read_clock
from core.ingest.values.infer import InferredColumn
from core.ingest.values.timecodes import DECODERS_BY_NAME, count_rows, decode_time_numbers, is_time_name
from core.recipe.model import IngestSettings

_EXACT_TIME_NAME = re.compile(r"^(?:date|datetime|date_?time|timestamp|time|ts|ds|day|data|datum|fecha|index|period)$")
_SERIES_NAME = re.compile(
    r"(?:^|[^a-z])(?:symbol|ticker|series|asset|stock|isin|cusip|sedol|figi|permno|permco|gvkey|instrument|security|market"
    r"|code|unique_id|item|product|store|country|currency|pair|id|name)(?:$|[^a-z])"
)
_MIN_REPEATED = 0.05
_MAX_CLASHES = 0.01


@dataclass(frozen=True, eq=False, kw_only=True)
class TimeColumn:
    """The column that orders the rows.

    `values`, shape (rows of the file,), datetime64[us], are its time stamps, NaT if a row has none. `code` is how its numbers
    were read as times. `is_in_file` is False if row numbers stand in for a time column. `joined_with` is the column that held
    the time of day.
    """

    name: str
    values: np.ndarray
    source: TimeSource = "column"
    code: TimeCode | None = None
    is_in_file: bool = True
    joined_with: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class RowOrder:
    """The order of the rows by series and time. All arrays are int64 positions in the file.

    `rows`, shape (kept rows,), are the rows in their new order. `late` are rows below a row of a later time, and `repeated`
    rows that repeat a time stamp of their series.
    """

    rows: np.ndarray
    direction: Literal["sorted", "newest first", "unsorted"]
    late: np.ndarray
    repeated: np.ndarray


def find_time(
    names: Sequence[str], columns: Sequence[InferredColumn], lines: np.ndarray, settings: IngestSettings
) -> TimeColumn:
    """Return the time column that is set, else the best one, else the row numbers.

    The best one is found by names and contents. Row numbers are for files of numbers only: a file with a text column but no
    times raises an error that shows a cell that may be meant as a date.

    Parameters
    ----------
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    """
    ignored = frozenset(settings.ignore)
    if settings.time_column is not None:
        return _requested_time(names, columns, lines, settings.time_column, settings.as_numbers)
    candidates = [
        position
        for position, column in enumerate(columns)
        if column.kind == Kind.TIME and names[position] not in ignored
    ]
    if candidates:
        best = candidates[0]
        if len(candidates) > 1:
            best = max(candidates, key=lambda position: (_time_score(names[position], columns[position]), -position))
        return _join_clock(names, columns, best, ignored)
    for decode, code in DECODERS_BY_NAME:
        for position, column in enumerate(columns):
            if _is_number(column) and names[position] not in ignored.union(settings.as_numbers):
                stamps = decode(column.values, names[position])
                if stamps is not None:
                    return TimeColumn(name=names[position], values=stamps, code=code)
    text_columns = [
        position
        for position, column in enumerate(columns)
        if column.kind in (Kind.TEXT, Kind.CATEGORY) and not column.has_leading_zeros and names[position] not in ignored
    ]
    if text_columns:
        raise explain_no_time(names, columns, lines, text_columns, settings.day_first)
    return _row_numbers(names, len(columns[0].values))


def find_series(
    names: Sequence[str],
    columns: Sequence[InferredColumn],
    time: TimeColumn,
    requested: str | None,
    ignored: frozenset[str],
) -> str | None:
    """Return the series column, or None.

    Parameters
    ----------
    requested
        The series column that is set. Otherwise a column is found by which repeated time stamps become unique.
    ignored
        Columns that are not considered.
    """
    if requested is not None:
        if requested not in names:
            raise UnknownColumn(column=requested, columns=names, role="series column")
        if requested == time.name:
            raise SeriesIsTime(column=requested)
        return requested
    stamps = time.values[~np.isnat(time.values)]
    if (stamps[1:] > stamps[:-1]).all():
        return None
    repeated = 1 - _count_distinct(stamps.view(np.int64)) / max(1, len(stamps))
    del stamps
    if repeated < _MIN_REPEATED:
        return None
    ranks = pd.factorize(time.values)[0].astype(np.int64, copy=False)
    best: tuple[bool, float, int] | None = None
    found = None
    for name, column in zip(names, columns, strict=True):
        is_text = column.kind in (Kind.CATEGORY, Kind.TEXT)
        is_id = column.kind == Kind.INTEGER and _SERIES_NAME.search(name.lower()) is not None
        if name in ignored or name in (time.name, time.joined_with) or not (is_text or is_id):
            continue
        codes = series_codes(column)
        distinct = int(codes.max()) + 1
        if distinct < 2 or distinct * 2 > len(codes):
            continue
        keys = ranks * (distinct + 1)
        keys += codes
        clashes = 1 - _count_distinct(keys) / len(codes)
        rank = (_SERIES_NAME.search(name.lower()) is not None, -clashes, -distinct)
        if clashes <= _MAX_CLASHES and (best is None or rank > best):
            best, found = rank, name
    return found


def _count_distinct(numbers: np.ndarray) -> int:
    """Return how many distinct numbers there are, and sort them in place.

    A copy of a long column would be large.
    """
    numbers.sort()
    return min(1, len(numbers)) + int(np.count_nonzero(numbers[1:] != numbers[:-1]))


def series_codes(column: InferredColumn) -> np.ndarray:
    """Return the number of each row's series, shape (rows,), int64.

    Series are numbered in the order of their names; -1 is a missing name.
    """
    if isinstance(column.values, np.ndarray):
        missing = np.isnan(column.values) if column.values.dtype.kind == "f" else np.zeros(len(column.values), bool)
        _, codes = np.unique(column.values, return_inverse=True)
        return np.where(missing, -1, codes)
    encoded = column.values.dictionary_encode()
    rank = np.empty(len(encoded.dictionary), dtype=np.int64)
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(rank))
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return np.where(codes < 0, -1, rank[codes] if len(rank) else -1)


def order_rows(times: np.ndarray, codes: np.ndarray | None, kept: np.ndarray) -> RowOrder:
    """Return the order of the kept rows by series and time.

    Rows with the same time stamp keep their order. A file that runs from newest to oldest is reversed first, and with it the
    order of such rows, so the last of them is the latest.

    Parameters
    ----------
    times
        Shape (rows of the file,), datetime64[us].
    codes
        Shape (rows of the file,), int64: the number of the series of each row. None: a single series.
    kept
        Shape (kept rows,), int64: the positions of the rows to order.
    """
    stamps = times if len(kept) == len(times) else times[kept]
    if codes is None and bool((stamps[1:] >= stamps[:-1]).all()):
        return RowOrder(
            rows=kept,
            direction="sorted",
            late=np.empty(0, dtype=np.int64),
            repeated=kept[1:][stamps[1:] == stamps[:-1]],
        )
    series = np.zeros(len(kept), dtype=np.int32) if codes is None else codes[kept].astype(np.int32)
    order = np.argsort(series, kind="stable")
    same = _neighbours(np.equal, series, order)
    back, forth = (same & _neighbours(test, stamps, order) for test in (np.less, np.greater))
    direction: Literal["sorted", "newest first", "unsorted"] = "sorted"
    late = np.empty(0, dtype=np.int64)
    if back.any() and not forth.any():
        direction = "newest first"
        order = len(kept) - 1 - np.lexsort((stamps[::-1], series[::-1]))
    elif back.any():
        direction, late = "unsorted", np.sort(kept[order[1:][back]])
        order = np.lexsort((stamps, series))
    again = _neighbours(np.equal, stamps, order) & _neighbours(np.equal, series, order)
    return RowOrder(rows=kept[order], direction=direction, late=late, repeated=np.sort(kept[order[1:][again]]))


def _neighbours(test: np.ufunc, values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the test of each value and the one before it in this order, shape (n - 1,)."""
    ordered = values[order]
    return test(ordered[1:], ordered[:-1])


def _requested_time(
    names: Sequence[str], columns: Sequence[InferredColumn], lines: np.ndarray, name: str, as_numbers: Sequence[str]
) -> TimeColumn:
    if name not in names:
        if name == ROW_NUMBER:
            values = count_rows(np.arange(len(columns[0].values)))
            return TimeColumn(name=ROW_NUMBER, values=values, source="confirmed", is_in_file=False)
        raise UnknownColumn(column=name, columns=names, role="time column")
    column = columns[names.index(name)]
    if column.kind == Kind.TIME:
        return _join_clock(names, columns, names.index(name), frozenset())
    if _is_number(column):
        if name not in as_numbers:
            decoded = decode_time_numbers(column.values, "date")
            if decoded is not None:
                return TimeColumn(name=name, values=decoded[0], code=decoded[1])
            for decode, code in DECODERS_BY_NAME:
                stamps = decode(column.values, "date")
                if stamps is not None:
                    return TimeColumn(name=name, values=stamps, code=code)
        finite = column.values[np.isfinite(column.values)]
        if len(finite) and (finite == np.floor(finite)).all() and abs(finite).max() < 1e11:
            counts = np.where(np.isfinite(column.values), column.values, np.nan)
            return TimeColumn(name=name, values=count_rows(counts), source="confirmed")
    if isinstance(column.values, pa.Array) and len(column.values.drop_null()):
        row, cell = first_text(column)
        raise NotATimeColumn(column=name, kind=column.kind.value, cell=cell, line=int(lines[row]))
    raise NotATimeColumn(column=name, kind=column.kind.value)


def _row_numbers(names: Sequence[str], rows: int) -> TimeColumn:
    name = ROW_NUMBER
    while name in names:
        name += " of file"
    return TimeColumn(name=name, values=count_rows(np.arange(rows)), source="counted", is_in_file=False)


def _time_score(name: str, column: InferredColumn) -> tuple[int, bool, int]:
    lower = name.strip().lower()
    named = 2 if _EXACT_TIME_NAME.match(lower) else int(is_time_name(lower))
    return named, column.times is not None, len(np.unique(column.values))


def _join_clock(
    names: Sequence[str], columns: Sequence[InferredColumn], position: int, ignored: frozenset[str]
) -> TimeColumn:
    """Return the dates, with the time of day from another column if they repeat.

    Dates that have a time of day themselves are not joined.
    """
    name, dates = names[position], columns[position].values
    valid = dates[~np.isnat(dates)]
    if (valid != valid.astype("datetime64[D]")).any() or len(np.unique(valid)) == len(valid):
        return TimeColumn(name=name, values=dates)
    for other, column in enumerate(columns):
        if other == position or names[other] in ignored:
            continue
        clock = read_clock(names[other], column)
        if clock is not None:
            return TimeColumn(name=name, values=dates + clock, joined_with=names[other])
    return TimeColumn(name=name, values=dates)


def _is_number(column: InferredColumn) -> bool:
    return column.kind in (Kind.NUMBER, Kind.INTEGER) and bool(np.isfinite(column.values).any())
