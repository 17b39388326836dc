"""The layout of a file, found from its lines: the delimiter, where the table begins, and which rows are its header."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DataError, RecipeError
from core.escaping import plain_text
from core.ingest.cells import look_of
from core.ingest.content import LONGEST_LINE

DELIMITERS = ("\t", ";", "|", ",")
MAX_HEADER_ROWS = 4
MAX_COLUMNS = 20_000
_SAMPLE_LINES = 200
_SAMPLE_BYTES = 4_000_000
_SAMPLE_COLUMNS = 300
# Cells longer than the 131,072 letters of the default are cells all the same.
csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True)
class Dialect:
    """How the lines of a file make a table. Line numbers count from 1, as the user sees them.

    `header` holds the cells of the header rows, top to bottom, each of `width` cells; it is empty where the first line is
    already data. A blank as `delimiter` stands for a run of blanks. `padded` where blanks follow the delimiter, `escaped`
    where a backslash stands before a quote within quotes; `tidy` takes both away.
    """

    delimiter: str
    quote: str
    padded: bool
    escaped: bool
    width: int
    header: tuple[tuple[str, ...], ...]
    header_lines: tuple[int, ...]
    first_data_line: int
    preamble: tuple[tuple[int, str], ...]

    def tidy(self, data: bytes) -> bytes:
        """Return lines with cells that only a delimiter parts and quotes that are doubled; line ends stay where they are."""
        return tidy(data, self.delimiter, self.quote, self.padded, self.escaped)


def tidy(data: bytes, delimiter: str, quote: str, padded: bool, escaped: bool) -> bytes:
    r"""Return lines with cells that only a delimiter parts, and quotes that are doubled in place of escaped.

    Examples
    --------
    >>> tidy(b"  a   b\n 1  2 \n", " ", '"', padded=False, escaped=False)
    b'a b\n1 2\n'
    >>> tidy(b'a, "b, c"', ",", '"', padded=True, escaped=False)
    b'a,"b, c"'
    """
    if escaped:
        data = data.replace(f"\\{quote}".encode(), 2 * quote.encode())
    if delimiter != " " and not padded:
        return data
    mark, cell = re.escape(delimiter.encode()), re.escape(quote.encode())
    run = rb"[ \t]+" if delimiter == " " else mark + rb"[ \t]+"
    short = delimiter.encode()
    # What stands in quotes stays as it is.
    pieces = re.compile(cell + rb"[^\n" + cell + rb"]*" + cell + rb"|" + run)
    data = pieces.sub(lambda found: found[0] if found[0].startswith(quote.encode()) else short, data)
    return re.sub(rb"(?m)^ | $", b"", data) if delimiter == " " else data


def split_line(line: str, delimiter: str, quote: str = '"') -> list[str]:
    """Return the cells of one line; a quote that is never closed counts as a letter.

    Examples
    --------
    >>> split_line('a,"b,c",d', ","), split_line('"a","b,c', ","), split_line('a 5" b,"c,d', ",")
    (['a', 'b,c', 'd'], ['a', '"b', 'c'], ['a 5" b', '"c', 'd'])
    """
    if quote not in line:
        return line.split(delimiter)
    if not is_open(line, delimiter, quote):
        return next(csv.reader([line], delimiter=delimiter, quotechar=quote), [])
    mark, sign = re.escape(delimiter), re.escape(quote)
    cell = re.compile(rf"{sign}((?:[^{sign}]|{sign}{sign})*){sign}(?={mark}|$)|[^{mark}]*")
    cells, place = [], 0
    while place <= len(line):
        found = cell.match(line, place)
        cells.append(found[0] if found[1] is None else found[1].replace(2 * quote, quote))
        place = found.end() + 1
    return cells


def is_open(line: str, delimiter: str, quote: str) -> bool:
    """Return whether a cell in quotes goes on below this line.

    Examples
    --------
    >>> is_open('a,"b', ",", '"'), is_open('a,5" b', ",", '"')
    (True, False)
    """
    reader = csv.reader([line, ""], delimiter=delimiter, quotechar=quote)
    next(reader)
    return reader.line_num > 1


def find_dialect(
    data: bytes, delimiter: str | None = None, header_line: int | None = None, header_rows: int | None = None
) -> Dialect:
    """Return the layout of the text, with the header where it is asked for or where it is found.

    Raises `DataError` when the text has no row below its header or too many columns.
    """
    if delimiter is not None and not re.fullmatch(r"[\t !#-~]", delimiter):
        raise RecipeError(f"ingest.delimiter is {delimiter!r}.", "Use one character such as , or ; or leave it empty.")
    above, head, rest = _sample(data, header_line or 1)
    if not head and header_line is not None:
        raise RecipeError(
            f"ingest.header_line is {header_line}, and no line of text stands there or below it near the top.",
            "Name the line of the first header row, or leave it empty.",
        )
    first = (above + head)[:2]
    hint = _told_delimiter(first[0][1]) if len(first) > 1 else None
    if hint is not None:
        above, head = above[1:], head[0 if above else 1 :]
    sample = [line for _, line in head + rest]
    delimiter = delimiter or hint or _find_delimiter(sample)
    quote, padded, escaped = _find_quoting(sample, delimiter)
    known = tidy("\n".join(line for _, line in head).encode(), delimiter, quote, padded, escaped).decode().split("\n")
    rest = tidy("\n".join(line for _, line in rest).encode(), delimiter, quote, padded, escaped).decode().split("\n")
    rows = [(number, split_line(line, delimiter, quote)) for (number, _), line in zip(head, known, strict=True)]
    widths = Counter(len(cells) for _, cells in rows)
    widths.update(len(split_line(line, delimiter, quote)) for line in rest if line)
    width = max(widths, key=lambda count: (widths[count], count)) if widths else 0
    if width > MAX_COLUMNS:
        raise DataError(
            f"The file has {width:,} columns; at most {MAX_COLUMNS:,} can be read.", "Is the delimiter right?"
        )
    first, top = _header_as_asked(rows, width, header_line, header_rows)
    if first is None:
        found = plain_text(" | ".join(rows[0][1][:8]), most=120) if rows else "nothing"
        raise DataError(f"The file has no row of data below its header ({found}).", "Choose a file with rows.")
    ends_blank = all(not cells[-1].strip() for _, cells in rows[first:] if len(cells) == width)
    header = tuple(_fit([cell.strip() for cell in cells], width, ends_blank) for _, cells in rows[top:first])
    by_number = dict(head)
    passed = [*above, *((number, by_number[number]) for number, _ in rows[:top])]
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        padded=padded,
        escaped=escaped,
        width=width,
        header=header,
        header_lines=tuple(number for number, _ in rows[top:first]),
        first_data_line=rows[first][0],
        preamble=tuple((number, line[:200]) for number, line in passed),
    )


_Numbered = list[tuple[int, str]]


def _sample(data: bytes, top: int) -> tuple[_Numbered, _Numbered, _Numbered]:
    """Return, of the lines that are not blank, those above line `top`, those from there on, numbered, and some further down."""
    above: _Numbered = []
    head: _Numbered = []
    place = number = 0
    begin = 0
    while place < len(data) and len(head) < _SAMPLE_LINES and (place < begin + _SAMPLE_BYTES or len(head) < 2):
        stop = data.find(b"\n", place)
        stop = len(data) if stop < 0 else stop
        number += 1
        if number < top:
            begin = stop + 1
        if data[place:stop].strip():
            (head if number >= top else above).append((number, data[place:stop].decode()))
        place = stop + 1
    later = data[max(place, (begin + len(data)) // 2) :][: _SAMPLE_BYTES // 8].split(b"\n")[1:-1]
    return above, head, [(0, line.decode(errors="replace")) for line in later[:_SAMPLE_LINES] if line.strip()]


def _told_delimiter(line: str) -> str | None:
    """Return the mark that a first line such as `sep=;`, written for Excel, names."""
    calm = line.strip('" ')
    is_hint = len(calm) == 5 and calm.lower().startswith("sep=") and calm.isascii()
    return calm[4] if is_hint and not calm[4].isalnum() else None


def _find_delimiter(lines: Sequence[str]) -> str:
    """Return the mark that cuts most lines into one and the same number of cells, more than one."""
    best, best_score = ",", (0.0, 0)
    for mark in DELIMITERS:
        counts = Counter(len(split_line(line, mark)) for line in lines if mark in line)
        if not counts:
            continue
        width = max(counts, key=lambda count: (counts[count], count))
        score = (counts[width] / len(lines), width)
        if width > 1 and score > best_score:
            best, best_score = mark, score
    return " " if best_score[0] < 0.5 and _are_parted_by_blanks(lines) else best


def _are_parted_by_blanks(lines: Sequence[str]) -> bool:
    """Return whether runs of blanks cut nearly all lines into the same cells; a date and its clock alone are one cell."""
    cut = [line.split() for line in lines]
    counts = Counter(map(len, cut))
    width, count = counts.most_common(1)[0]
    clocks = sum(len(cells) == 2 and re.match(r"\d{1,2}:\d{2}", cells[1]) is not None for cells in cut)
    numbers = sum(len(cells) > 1 and look_of(cells[-1]) == "n" for cells in cut)
    return width > 1 and count >= 0.9 * len(cut) and 2 * numbers > len(cut) > 2 * clocks


def _find_quoting(lines: Sequence[str], delimiter: str) -> tuple[str, bool, bool]:
    """Return the quote, whether blanks follow delimiters, and whether a backslash escapes quotes."""
    text = "\n".join(lines)
    bounds = rf"(?m)(?:^|{re.escape(delimiter)}) ?'[^'\n]*'(?={re.escape(delimiter)}|$)"
    single = "'" in text and '"' not in text and delimiter != "'"
    quote = "'" if single and len(re.findall(bounds, text)) >= max(2, len(lines) // 5) else '"'
    marks = text.count(delimiter)
    padded = delimiter not in " \t" and marks > 0 and text.count(f"{delimiter} ") >= 0.8 * marks
    # A quote that ends a cell stands before a delimiter; one that does not, behind a backslash, is part of the cell.
    within = re.compile(rf"\\{re.escape(quote)}(?!{re.escape(delimiter)}|{re.escape(quote)}|$)")
    escaped = any(within.search(line, line.index(quote) + 1) for line in lines if quote in line)
    return quote, padded, escaped


def _header_as_asked(
    rows: list[tuple[int, list[str]]], width: int, header_line: int | None, header_rows: int | None
) -> tuple[int | None, int]:
    """Return the places of the first row of data and of the first header row, found where they are not asked for."""
    if header_line is None:
        first = _first_data_row(rows, width)
        top = 0 if first is None else _header_start(rows, first, width)
        if header_rows is None or first is None:
            return first, top
        if top < first:
            return first, max(0, first - header_rows)
        return (first + header_rows if first + header_rows < len(rows) else None), first
    first = header_rows
    if first is None and (below := _first_data_row(rows, width)) is not None:
        first = max(below, 1)
    return (first if first is not None and first < len(rows) else None), 0


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
        if top < first and not any(cell.strip() for cell in cells[1:]):
            break
        top -= 1
    if top == first and first > 0 and len(rows[first - 1][1]) * 2 >= width:
        top -= 1
    return top


def _fit(cells: list[str], width: int, ends_blank: bool) -> tuple[str, ...]:
    """Return a header row as wide as the data.

    One cell short, it lacks the name of the row index in front, unless every line of data ends with a delimiter.
    """
    if len(cells) == width - 1 and all(cells) and not ends_blank:
        return ("", *cells)
    return tuple((cells + [""] * width)[:width])
