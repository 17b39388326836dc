"""Rows with more cells than columns: a doubled delimiter, or one within an unquoted value."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import combinations, pairwise

from core.ingest.values.notation import is_date_like, look_of
from core.ingest.values.timecodes import is_time_name

# Any cell fits a column of mixed cells.
ANY = "?"
_MOSTLY = 0.9
_MOST_READINGS = 200
_MOST_SURPLUS = 5
_MOST_PLACES = 300
_FRONT_OF_DATE = re.compile(
    r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|\w+\.? \d{1,2}(?:st|nd|rd|th)?|\d{1,2}\.? \w+\.?)$", re.IGNORECASE
)
_FULL_YEAR = re.compile(r"(?:1[89]|20)\d\d\b")
_THOUSANDS = re.compile(r"^[-+(]?[$€£]?\d{1,3}$")
_REST_OF_THOUSANDS = re.compile(r"^\d{3}(?:\.\d+)?\)?%?$")
_WHOLE = re.compile(r"^[-+(]?[$€£]?\d+$")
_REST_OF_NUMBER = re.compile(r"^\d+(?:\.\d+)?\)?%?$")


def column_looks(rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """Return what the cells of each column look like: `d`, `n`, `t`, "" for a blank column, `?` for a mixed one.

    `rows` are cells of rows of data; rows of another width are ignored.
    """
    columns = list(zip(*(row for row in rows if len(row) == width), strict=False))
    return tuple(map(_common_look, columns)) if columns else (ANY,) * width


def _common_look(cells: Sequence[str]) -> str:
    seen = Counter(look for look in map(look_of, cells) if look)
    if not seen:
        return ""
    look, count = seen.most_common(1)[0]
    return look if count >= _MOSTLY * seen.total() else ANY


class Fit(Enum):
    """How a row with too many cells was fitted: not at all, by one possible repair, or by several."""

    CUT = "cut"
    REPAIRED = "repaired"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, kw_only=True)
class FittedRow:
    """A row of the table's width; `left` is text that has no place in it."""

    cells: list[str]
    fit: Fit
    left: str = ""


def fit_long_row(cells: Sequence[str], looks: Sequence[str], delimiter: str) -> FittedRow:
    """Fit a row with more cells than columns.

    A blank cell may be due to a doubled delimiter, and two cells may be one that contains the delimiter. If one reading alone
    agrees with what the columns look like, the row is repaired. If several do, the cells on which they differ are blank. If none
    does, the surplus is cut off.

    Examples
    --------
    >>> fit_long_row(["2024-01-05", "", "1.5", "ok"], ("d", "n", "t"), ",").cells
    ['2024-01-05', '1.5', 'ok']
    >>> fit_long_row(["2024-01-05", "1", "234.5", "ok"], ("d", "n", "t"), ",").cells
    ['2024-01-05', '1,234.5', 'ok']
    """
    width = len(looks)
    surplus = delimiter.join(cells[width:])
    readings = dict.fromkeys(_readings(cells, looks, delimiter))
    if not readings:
        return FittedRow(cells=list(cells[:width]), fit=Fit.CUT, left=surplus if surplus.strip(f"{delimiter} ") else "")
    first = next(iter(readings))
    if len(readings) > 1:
        columns = zip(*readings, strict=True)
        agreed = [cell if len(set(column)) == 1 else "" for cell, column in zip(first, columns, strict=True)]
        return FittedRow(cells=agreed, fit=Fit.AMBIGUOUS, left=delimiter.join(cells))
    is_cut = list(first) == list(cells[:width]) and not surplus.strip(f"{delimiter} ")
    return FittedRow(cells=list(first), fit=Fit.CUT if is_cut else Fit.REPAIRED)


def _readings(cells: Sequence[str], looks: Sequence[str], delimiter: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows that the cells may be and that agree with the columns."""
    surplus = len(cells) - len(looks)
    if surplus > _MOST_SURPLUS:
        return
    misfits = _Misfits(cells, looks)
    blank = [place for place, cell in enumerate(cells) if not cell.strip()]
    for number, dropped in enumerate(combinations(blank, surplus)):
        if number == _MOST_READINGS:
            break
        ends = (-1, *dropped, len(cells))
        if not any(misfits.between(begin + 1, end, shift) for shift, (begin, end) in enumerate(pairwise(ends))):
            yield tuple(cell for place, cell in enumerate(cells) if place not in dropped)
    if surplus != 1:
        return
    for place in range(len(looks)):
        if misfits.between(0, place, 0):
            break
        if misfits.between(place + 2, len(cells), 1):
            continue
        joined = join_cells(cells[place], cells[place + 1], looks[place], delimiter)
        if joined is not None:
            yield (*cells[:place], joined, *cells[place + 2 :])


class _Misfits:
    """Counts cells that do not look like the column that is some places left of them."""

    def __init__(self, cells: Sequence[str], looks: Sequence[str]) -> None:
        self._found = [look_of(cell) for cell in cells]
        self._looks = looks
        self._before: dict[int, list[int]] = {}

    def between(self, begin: int, end: int, shift: int) -> int:
        """Return how many of the cells from `begin` to before `end` do not fit, if they are `shift` columns to the left."""
        if shift not in self._before:
            count, before = 0, [0]
            for place, found in enumerate(self._found):
                column = place - shift
                look = self._looks[column] if 0 <= column < len(self._looks) else None
                count += look is None or (look != ANY and bool(found) and found != look)
                before.append(count)
            self._before[shift] = before
        return self._before[shift][end] - self._before[shift][begin]


def join_cells(first: str, second: str, look: str, delimiter: str) -> str | None:
    """Return two cells as one with an unquoted delimiter in it, or None if they can hardly be one.

    Examples
    --------
    >>> join_cells("Dec 29", " 2017", "d", ","), join_cells("1", "234.5", "n", ","), join_cells("Foo", " Inc.", "t", ",")
    ('Dec 29, 2017', '1,234.5', 'Foo, Inc.')
    >>> join_cells("12", "5", "n", ",") is None
    True
    """
    left, right = first.strip(), second.strip()
    if not left or not right:
        return None
    if look == "d":
        joined = f"{left}{delimiter} {right}"
        is_date = _FRONT_OF_DATE.match(left) and not _FULL_YEAR.search(left) and is_date_like(joined)
        return joined if is_date and _FULL_YEAR.search(right) else None
    if look == "n":
        return f"{left}{delimiter}{right}" if _THOUSANDS.match(left) and _REST_OF_THOUSANDS.match(right) else None
    if look == "t" and look_of(left) == "t" and look_of(right) == "t":
        return f"{first}{delimiter}{second}"
    return None


def join_row(cells: list[str], joins: Sequence[int], width: int, delimiter: str) -> list[str]:
    """Return the cells of a row with each of `joins` and its right neighbour as one; rows of another width are not changed."""
    if len(cells) != width + len(joins):
        return cells
    joined, place = [], 0
    while place < len(cells):
        if place in joins:
            apart = f"{delimiter} " if look_of(cells[place]) != "n" else delimiter
            joined.append(f"{cells[place].strip()}{apart}{cells[place + 1].strip()}")
            place += 2
        else:
            joined.append(cells[place])
            place += 1
    return joined


def find_date_join(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """Return which cell of every row is the front of a date with an unquoted comma, such as Dec 29, 2017; None if none is.

    `rows` are lines of the file, of which most have this width; a header of the same width names both parts.
    """
    full = [row for row in rows if len(row) == width]
    places = _places(full, lambda left, right: join_cells(left, right, "d", ",") is not None)
    if len(places) != 1:
        return None
    front, year = full[0][places[0] : places[0] + 2]
    return None if join_cells(front, year, "d", ",") is None else places[0]


def find_number_joins(rows: Sequence[Sequence[str]], names: Sequence[str], width: int) -> tuple[int, ...] | None:
    """Return which cells of every row are the front of a number with an unquoted decimal comma or thousands separator.

    Empty if the header, which has fewer names than the rows have cells, may simply lack the name of an index. None if the names
    do not belong to the cells above which they stand, and no or several ways to join cells fit them.

    Parameters
    ----------
    rows
        Rows of data.
    names
        The cells of the header, without blanks at its end.
    width
        How many cells most rows have, more than there are names.
    """
    full = [row for row in rows if len(row) == width]
    if len(full) < _MOSTLY * len(rows) or not _is_shifted(full, names):
        return ()
    return _only_choice(_places(full, _may_be_number), width - len(names))


def _only_choice(places: Sequence[int], count: int) -> tuple[int, ...] | None:
    """Return the only way to choose that many places of which no two are adjacent, or None."""
    if len(places) > _MOST_PLACES:
        return None

    @cache
    def ways(begin: int, left: int) -> int:
        if not left or begin >= len(places):
            return int(not left)
        return ways(begin + 1, left) + ways(after(begin), left - 1)

    def after(place: int) -> int:
        adjacent = place + 1 < len(places) and places[place + 1] == places[place] + 1
        return place + 1 + adjacent

    if ways(0, count) != 1:
        return None
    chosen: list[int] = []
    place = 0
    while len(chosen) < count:
        if ways(place + 1, count - len(chosen)):
            place += 1
        else:
            chosen.append(places[place])
            place = after(place)
    return tuple(chosen)


def _may_be_number(left: str, right: str) -> bool:
    return _WHOLE.match(left.strip()) is not None and _REST_OF_NUMBER.match(right.strip()) is not None


def _places(rows: Sequence[Sequence[str]], may_join: Callable[[str, str], bool]) -> list[int]:
    """Return where two cells may be one in at least 95% of the rows."""
    return [
        place
        for place in range(len(rows[0]) - 1 if rows else 0)
        if sum(may_join(row[place], row[place + 1]) for row in rows) >= 0.95 * len(rows)
    ]


def _is_shifted(rows: Sequence[Sequence[str]], names: Sequence[str]) -> bool:
    """Return whether a name in front of the others would put the name of the dates above another column."""
    looks = column_looks(rows, len(rows[0])) if rows else ()
    dated = [place for place, look in enumerate(looks) if look == "d"]
    named = [place for place, name in enumerate(names) if is_time_name(name)]
    return bool(named) and bool(dated) and named[0] in dated and named[0] + 1 not in dated
