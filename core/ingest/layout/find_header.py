"""Detection of the header rows and of the first row of data, from the types of the cells."""

import re
from collections import Counter

from core.ingest.values.notation import look_of

MAX_HEADER_ROWS = 4
_SAMPLE_COLUMNS = 300
_BEGINS_WITH_DATE = re.compile(r"(?:19|20)\d\d([-/.]?)\d\d\1\d\d|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d")
_DECIMAL = re.compile(r"[-+]?\d*[.,]\d+$")

# A line as its number and its cells.
NumberedRow = tuple[int, list[str]]


def find_header(
    rows: list[NumberedRow], width: int, header_line: int | None, header_rows: int | None
) -> tuple[int | None, int]:
    """Return the indices of the first row of data, or None, and of the first header row.

    Parameters
    ----------
    rows
        The first lines that are not blank, from `header_line` on if it is given.
    width
        The number of columns.
    header_line
        The line of the first header row, or None to detect it.
    header_rows
        The number of header rows, or None to detect it.
    """
    if header_line is None:
        first = _first_data_row(rows, width)
        top = 0 if first is None else _below_comments(rows, _header_start(rows, first, width), first)
        while first is not None and header_rows is None and first - top > 1 and _is_odd_data(rows[first - 1][1]):
            first -= 1
        if header_rows is None or first is None:
            return first, top
        if top < first:
            return first, max(0, first - header_rows)
        return (first + header_rows if first + header_rows < len(rows) else None), first
    first = header_rows
    if first is None and (detected := _first_data_row(rows, width)) is not None:
        first = max(detected, 1)
    return (first if first is not None and first < len(rows) else None), 0


def _is_odd_data(cells: list[str]) -> bool:
    """Return whether a row below a header is a row of data with a fault, not a second header row.

    A header row may hold numbers, such as codes, but begins with a name or a blank cell. A row of data begins with a date, is
    blank but for words for missing values, or has dates or decimals without a name in front.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or _BEGINS_WITH_DATE.match(filled[0]):
        return bool(filled)
    looks = [look_of(cell) for cell in filled]
    if not any(looks):
        return True
    if looks[0] == "t":
        return False
    return "d" in looks or any(_DECIMAL.match(cell) for cell in filled)


def _is_prose(cells: list[str], below: list[str]) -> bool:
    """Return whether a line is a sentence with commas.

    Spaces follow its delimiters, but not those of the next row.
    """
    return any(cell.startswith(" ") for cell in cells[1:]) and not any(cell.startswith(" ") for cell in below[1:])


def _below_comments(rows: list[NumberedRow], top: int, first: int) -> int:
    """Return the index of the first header row that is not a `#` comment.

    The last row is always part of the header.
    """
    while first - top > 1 and rows[top][1][0].lstrip().startswith("#"):
        top += 1
    return top


def _first_data_row(rows: list[NumberedRow], width: int) -> int | None:
    """Return the index of the first row with the same types of cells as the rows below it."""
    looks = [[look_of(cell) for cell in cells[:_SAMPLE_COLUMNS]] for _, cells in rows]
    complete = [look for look, (_, cells) in zip(looks, rows, strict=True) if len(cells) == width] or looks
    strong: dict[int, str] = {}
    for position, column in enumerate(zip(*complete, strict=False)):
        seen = Counter(look for look in column if look)
        if seen:
            common = max(seen, key=lambda look: (seen[look], look))
            # One header above a single row is a tie, which numbers and dates must win.
            ties = [look for look in "dn" if look in seen and seen[look] * 2 >= seen.total() - 1]
            common = ties[0] if ties else common
            if common in "dn":
                strong[position] = common
    if not strong:
        return next(
            (position + 1 for position, look in enumerate(looks) if len(look) == width and position + 1 < len(rows)),
            None,
        )
    date = next((position for position, look in strong.items() if look == "d"), None)
    for position, look in enumerate(looks):
        if len(look) < 2 <= width:
            continue
        compared = [(look[column], wanted) for column, wanted in strong.items() if column < len(look) and look[column]]
        agreed = sum(found == wanted for found, wanted in compared)
        dated = date is None or (date < len(look) and look[date] == "d")
        if compared and agreed * 2 >= len(compared) and dated:
            return position
    return None


def _header_start(rows: list[NumberedRow], first: int, width: int) -> int:
    """Return the index of the first header row: rows just above the data and about as wide."""
    top = first
    while top > 0 and first - top < MAX_HEADER_ROWS:
        number, cells = rows[top - 1]
        is_adjacent = rows[top][0] - number == 1 or top == first
        if not is_adjacent or abs(len(cells) - width) > (1 if width > 2 or top == first else 0):
            break
        if top < first and (not any(cell.strip() for cell in cells[1:]) or _is_prose(cells, rows[top][1])):
            break
        top -= 1
    if top == first and first > 0 and len(rows[first - 1][1]) * 2 >= width:
        top -= 1
    return top


def fit_header(cells: list[str], width: int, ends_blank: bool) -> tuple[str, ...]:
    """Return a header row of `width` cells.

    A row that is one cell short lacks the name of the index in front, unless `ends_blank`: every line of data ends with a
    delimiter.
    """
    if len(cells) == width - 1 and all(cells) and not ends_blank:
        return ("", *cells)
    return tuple((cells + [""] * width)[:width])
