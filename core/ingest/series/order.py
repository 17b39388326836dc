"""Which column tells the time, which tells series apart, and the order of the rows that follows from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import Kind
from core.errors.columns import UnknownColumn
from core.errors.model import RecipeError
from core.ingest.series.no_time import ROW_NUMBER, explain_no_time, first_text
from core.ingest.values.clocks import read_clock
from core.ingest.values.infer import Judged
from core.ingest.values.timecodes import BY_NAME, count_rows, decode_time_numbers, names_time
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
    """The column that orders the rows: its name, its stamps in file order, and how numbers were read as time ("")."""

    name: str
    values: np.ndarray
    code: str = ""
    joined_with: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class RowOrder:
    """`rows` are the positions of the rows of the file in the order of series and time.

    `direction` is "sorted", "newest first" or "unsorted"; `late` are positions that stand before an earlier stamp, and
    `repeated` those whose stamp stood before within the series, both as positions in the file.
    """

    rows: np.ndarray
    direction: str
    late: np.ndarray
    repeated: np.ndarray


def find_time(
    names: Sequence[str], columns: Sequence[Judged], lines: np.ndarray, settings: IngestSettings
) -> TimeColumn:
    """Return the time column: the one asked for, else the best by name and contents, else the count of the rows.

    Counting is for files of bare numbers. Where words name the rows they are things, not moments: `DataError`, which shows
    a cell that may be meant for a date, and its line (`lines` are those of the rows).
    """
    ignored = frozenset(settings.ignore)
    if settings.time_column is not None:
        return _time_as_asked(names, columns, lines, settings)
    candidates = [
        place for place, column in enumerate(columns) if column.kind == Kind.TIME and names[place] not in ignored
    ]
    if candidates:
        best = candidates[0]
        if len(candidates) > 1:
            best = max(candidates, key=lambda place: (_time_score(names[place], columns[place]), -place))
        return _join_clock(names, columns, best, ignored)
    for decode, code in BY_NAME:
        for place, column in enumerate(columns):
            if _is_number(column) and names[place] not in ignored.union(settings.as_numbers):
                stamps = decode(column.values, names[place])
                if stamps is not None:
                    return TimeColumn(name=names[place], values=stamps, code=code)
    words = [
        place
        for place, column in enumerate(columns)
        if column.kind in (Kind.TEXT, Kind.CATEGORY) and not column.is_code and names[place] not in ignored
    ]
    if words:
        raise explain_no_time(names, columns, lines, words, settings.day_first)
    return _rows_as_time(names, len(columns[0].values))


def find_series(
    names: Sequence[str], columns: Sequence[Judged], time: TimeColumn, asked: str | None, ignored: frozenset[str]
) -> str | None:
    """Return the column that tells series apart: the one asked for, or one whose text makes repeated stamps unique."""
    if asked is not None:
        if asked not in names:
            raise UnknownColumn(column=asked, columns=names, role="series column")
        if asked == time.name:
            raise RecipeError(f"ingest.series_column is {asked!r}, which is the time column.", "Name another column.")
        return asked
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
    for place, column in enumerate(columns):
        name = names[place]
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
    """Return how many different numbers there are; they are left sorted, since a copy of a long column is large."""
    numbers.sort()
    return min(1, len(numbers)) + int(np.count_nonzero(numbers[1:] != numbers[:-1]))


def series_label(value: object) -> str:
    """Return the name of a series that is told by a number or a time.

    Examples
    --------
    >>> series_label(np.float64(10001)), series_label(np.datetime64("2024-01-31T00:00:00", "us"))
    ('10001', '2024-01-31')
    """
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[us]")).removesuffix(".000000").removesuffix("T00:00:00").replace("T", " ")
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else str(value)


def series_codes(column: Judged) -> np.ndarray:
    """Return a number for each row's series, in the order of their names; -1 where the name is missing."""
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
    """Return the order of the kept rows by series and time; a file that runs from new to old is turned round first.

    Rows of one stamp stay in their order; in a file that is turned round that order is turned too, so that the last of them
    is the last in time.
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
    direction, late = "sorted", np.empty(0, dtype=np.int64)
    if back.any() and not forth.any():
        direction = "newest first"
        order = len(kept) - 1 - np.lexsort((stamps[::-1], series[::-1]))
    elif back.any():
        direction, late = "unsorted", np.sort(kept[order[1:][back]])
        order = np.lexsort((stamps, series))
    again = _neighbours(np.equal, stamps, order) & _neighbours(np.equal, series, order)
    return RowOrder(rows=kept[order], direction=direction, late=late, repeated=np.sort(kept[order[1:][again]]))


def _neighbours(test: np.ufunc, values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return how each value, from the second on, compares with the one before it in this order."""
    ordered = values[order]
    return test(ordered[1:], ordered[:-1])


def _time_as_asked(
    names: Sequence[str], columns: Sequence[Judged], lines: np.ndarray, settings: IngestSettings
) -> TimeColumn:
    asked = settings.time_column
    if asked not in names:
        if asked == ROW_NUMBER:
            return TimeColumn(
                name=ROW_NUMBER, values=count_rows(np.arange(len(columns[0].values))), code="asked row count"
            )
        raise UnknownColumn(column=asked, columns=names, role="time column")
    column = columns[names.index(asked)]
    if column.kind == Kind.TIME:
        return _join_clock(names, columns, names.index(asked), frozenset())
    if _is_number(column):
        if asked not in settings.as_numbers:
            decoded = decode_time_numbers(column.values, "date")
            if decoded is not None:
                return TimeColumn(name=asked, values=decoded[0], code=decoded[1])
            for decode, code in BY_NAME:
                stamps = decode(column.values, "date")
                if stamps is not None:
                    return TimeColumn(name=asked, values=stamps, code=code)
        good = column.values[np.isfinite(column.values)]
        if len(good) and (good == np.floor(good)).all() and abs(good).max() < 1e11:
            return TimeColumn(
                name=asked,
                values=count_rows(np.where(np.isfinite(column.values), column.values, np.nan)),
                code="a counter",
            )
    example = ""
    if isinstance(column.values, pa.Array) and len(column.values.drop_null()):
        at, cell = first_text(column)
        example = f", such as {cell!r} in line {lines[at]:,}"
    raise RecipeError(
        f"ingest.time_column is {asked!r}, which holds {column.kind.value}, not dates or times{example}.",
        "Name a column of dates such as 2024-01-31, or leave it empty.",
    )


def _rows_as_time(names: Sequence[str], rows: int) -> TimeColumn:
    name = ROW_NUMBER
    while name in names:
        name += " of file"
    return TimeColumn(name=name, values=count_rows(np.arange(rows)), code="row count")


def _time_score(name: str, column: Judged) -> tuple[int, bool, int]:
    calm = name.strip().lower()
    named = 2 if _EXACT_TIME_NAME.match(calm) else int(names_time(calm))
    return named, column.times is not None, len(np.unique(column.values))


def _join_clock(names: Sequence[str], columns: Sequence[Judged], place: int, ignored: frozenset[str]) -> TimeColumn:
    """Return the dates with the time of day that another column holds, where the dates repeat and hold none themselves."""
    dates = columns[place].values
    good = dates[~np.isnat(dates)]
    if (good != good.astype("datetime64[D]")).any() or len(np.unique(good)) == len(good):
        return TimeColumn(name=names[place], values=dates)
    for other, column in enumerate(columns):
        if other == place or names[other] in ignored:
            continue
        clock = read_clock(names[other], column)
        if clock is not None:
            return TimeColumn(name=names[place], values=dates + clock, joined_with=names[other])
    return TimeColumn(name=names[place], values=dates)


def _is_number(column: Judged) -> bool:
    return column.kind in (Kind.NUMBER, Kind.INTEGER) and bool(np.isfinite(column.values).any())
