"""Where the header of a table begins and where its rows do, told by the looks of the cells."""

from collections import Counter

from core.ingest.values.notation import look_of

MAX_HEADER_ROWS = 4
_SAMPLE_COLUMNS = 300


def find_header(
    rows: list[tuple[int, list[str]]], width: int, header_line: int | None, header_rows: int | None
) -> tuple[int | None, int]:
    """Return the places of the first row of data and of the first header row, found where they are not asked for."""
    if header_line is None:
        first = _first_data_row(rows, width)
        top = 0 if first is None else _below_remarks(rows, _header_start(rows, first, width), first)
        if header_rows is None or first is None:
            return first, top
        if top < first:
            return first, max(0, first - header_rows)
        return (first + header_rows if first + header_rows < len(rows) else None), first
    first = header_rows
    if first is None and (below := _first_data_row(rows, width)) is not None:
        first = max(below, 1)
    return (first if first is not None and first < len(rows) else None), 0


def _is_prose(cells: list[str], below: list[str]) -> bool:
    """Return whether a line is a sentence with commas, not a row: blanks follow its delimiters, and not those of the row below."""
    return any(cell.startswith(" ") for cell in cells[1:]) and not any(cell.startswith(" ") for cell in below[1:])


def _below_remarks(rows: list[tuple[int, list[str]]], top: int, first: int) -> int:
    """Return the place of the first header row below lines that begin with `#`, as remarks do; the last row stays the header."""
    while first - top > 1 and rows[top][1][0].lstrip().startswith("#"):
        top += 1
    return top


def _first_data_row(rows: list[tuple[int, list[str]]], width: int) -> int | None:
    """Return the place of the first row that looks like the rows below it."""
    looks = [[look_of(cell) for cell in cells[:_SAMPLE_COLUMNS]] for _, cells in rows]
    whole = [look for look, (_, cells) in zip(looks, rows, strict=True) if len(cells) == width] or looks
    strong: dict[int, str] = {}
    for place, column in enumerate(zip(*whole, strict=False)):
        seen = Counter(look for look in column if look)
        if seen:
            common, count = max(seen.items(), key=lambda item: (item[1], item[0]))
            # One header above a single row makes a tie, which the numbers and dates below it must win.
            ties = [look for look in "dn" if look in seen and seen[look] * 2 >= seen.total() - 1]
            common, count = (ties[0], seen[ties[0]]) if ties else (common, count)
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
        told = [(look[column], wanted) for column, wanted in strong.items() if column < len(look) and look[column]]
        agreed = sum(found == wanted for found, wanted in told)
        dated = date is None or (date < len(look) and look[date] == "d")
        if told and agreed * 2 >= len(told) and dated:
            return place
    return None


def _header_start(rows: list[tuple[int, list[str]]], first: int, width: int) -> int:
    """Return the place of the first header row: those right above the data that are about as wide as it."""
    top = first
    while top > 0 and first - top < MAX_HEADER_ROWS:
        number, cells = rows[top - 1]
        touching = rows[top][0] - number == 1 or top == first
        if not touching or abs(len(cells) - width) > (1 if width > 2 or top == first else 0):
            break
        if top < first and (not any(cell.strip() for cell in cells[1:]) or _is_prose(cells, rows[top][1])):
            break
        top -= 1
    if top == first and first > 0 and len(rows[first - 1][1]) * 2 >= width:
        top -= 1
    return top


def fit_header(cells: list[str], width: int, ends_blank: bool) -> tuple[str, ...]:
    """Return a header row as wide as the data.

    One cell short, it lacks the name of the row index in front, unless every line of data ends with a delimiter.
    """
    if len(cells) == width - 1 and all(cells) and not ends_blank:
        return ("", *cells)
    return tuple((cells + [""] * width)[:width])
