"""Detection of the header rows and of the first row of data, from the types of the cells."""

from collections import Counter

from core.ingest.values.notation import look_of

MAX_HEADER_ROWS = 4
_SAMPLE_COLUMNS = 300

# A line as its number and its cells.
NumberedRow = tuple[int, list[str]]


def find_header(
    rows: list[NumberedRow], width: int, header_line: int | None, header_rows: int | None
) -> tuple[int | None, int]:
    """Return the index of the first row of data (None: there is none) and that of the first header row.

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
        if header_rows is None or first is None:
            return first, top
        if top < first:
            return first, max(0, first - header_rows)
        return (first + header_rows if first + header_rows < len(rows) else None), first
    first = header_rows
    if first is None and (detected := _first_data_row(rows, width)) is not None:
        first = max(detected, 1)
    return (first if first is not None and first < len(rows) else None), 0


def _is_prose(cells: list[str], below: list[str]) -> bool:
    """Return whether a line is a sentence with commas: spaces follow its delimiters, but not those of the next row."""
    return any(cell.startswith(" ") for cell in cells[1:]) and not any(cell.startswith(" ") for cell in below[1:])


def _below_comments(rows: list[NumberedRow], top: int, first: int) -> int:
    """Return the index of the first header row that is not a `#` comment; the last row is always part of the header."""
    while first - top > 1 and rows[top][1][0].lstrip().startswith("#"):
        top += 1
    return top


def _first_data_row(rows: list[NumberedRow], width: int) -> int | None:
    """Return the index of the first row with the same types of cells as the rows below it."""
    looks = [[look_of(cell) for cell in cells[:_SAMPLE_COLUMNS]] for _, cells in rows]
    complete = [look for look, (_, cells) in zip(looks, rows, strict=True) if len(cells) == width] or looks
    strong: dict[int, str] = {}
    for place, column in enumerate(zip(*complete, strict=False)):
        seen = Counter(look for look in column if look)
        if seen:
            common = max(seen, key=lambda look: (seen[look], look))
            # One header above a single row is a tie, which numbers and dates must win.
            ties = [look for look in "dn" if look in seen and seen[look] * 2 >= seen.total() - 1]
            common = ties[0] if ties else common
            if common in "dn":
                strong[place] = common
    if not strong:
        return next(
            (place + 1 for place, look in enumerate(looks) if len(look) == width and place + 1 < len(rows)), None
        )
    date = next((place for place, look in strong.items() if look == "d"), None)
    for place, look in enumerate(looks):
        if len(look) < 2 <= width:
            continue
        compared = [(look[column], wanted) for column, wanted in strong.items() if column < len(look) and look[column]]
        agreed = sum(found == wanted for found, wanted in compared)
        dated = date is None or (date < len(look) and look[date] == "d")
        if compared and agreed * 2 >= len(compared) and dated:
            return place
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
