"""The layout of a file, found from its lines: the delimiter, where the table begins, and which rows are its header."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors.model import DataError, RecipeError
from core.ingest.layout.decode import LONGEST_LINE, TextBlock
from core.ingest.layout.find_header import find_header, fit_header
from core.ingest.values.notation import look_of
from core.text.escape import plain_text

DELIMITERS = ("\t", ";", "|", ",")
MAX_COLUMNS = 20_000
_SAMPLE_LINES = 200
_SAMPLE_BYTES = 4_000_000
# Cells longer than the 131,072 letters of the default are cells all the same.
csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the lines of a file make a table. Line numbers count from 1, as the user sees them.

    `header` holds the cells of the header rows, top to bottom, each of `width` cells; it is empty where the first line is
    already data. `preamble` are lines above it with their numbers, `more_above` counts further ones. A blank as `delimiter`
    stands for a run of blanks. `padded` where blanks follow the delimiter, `escaped` where a backslash stands before a quote
    within quotes; `tidy` takes both away.
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
    more_above: int = 0

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
    data: bytes | TextBlock,
    delimiter: str | None = None,
    header_line: int | None = None,
    header_rows: int | None = None,
) -> Dialect:
    """Return the layout of the text, or of a block of the file, with the header where it is asked for or where it is found.

    Raises `DataError` when the text has no row below its header or too many columns.
    """
    if delimiter is not None and not re.fullmatch(r"[\t !#-~]", delimiter):
        raise RecipeError(f"ingest.delimiter is {delimiter!r}.", "Use one character such as , or ; or leave it empty.")
    block = data if isinstance(data, TextBlock) else TextBlock(data=data, first_line=1, is_last=True)
    above, head, rest = _sample(block, header_line or 1)
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
    first, top = find_header(rows, width, header_line, header_rows)
    if first is None:
        found = plain_text(" | ".join(rows[0][1][:8]), most=120) if rows else "nothing"
        raise DataError(f"The file has no row of data below its header ({found}).", "Choose a file with rows.")
    ends_blank = all(not cells[-1].strip() for _, cells in rows[first:] if len(cells) == width)
    header = tuple(fit_header([cell.strip() for cell in cells], width, ends_blank) for _, cells in rows[top:first])
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


def _sample(block: TextBlock, top: int) -> tuple[_Numbered, _Numbered, _Numbered]:
    """Return, of the lines that are not blank, those above line `top`, those from there on, numbered, and some further down."""
    above: _Numbered = []
    head: _Numbered = []
    data, number = block.data, block.first_line - 1
    place = begin = 0
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
