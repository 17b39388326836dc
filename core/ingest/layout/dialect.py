"""Detection of the layout of a file: delimiter, quotes, first line and header rows."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors.files import HeaderLineNotFound, InvalidDelimiter, MoreCellsThanNames, NoDataRows, TooManyColumns
from core.ingest.layout.decode import TextBlock
from core.ingest.layout.find_header import find_header, fit_header
from core.ingest.layout.quotes import repair_names, split_line, unescape
from core.ingest.layout.row_repair import column_looks, find_date_join, find_number_joins, join_row
from core.ingest.values.notation import look_of

DELIMITERS = ("\t", ";", "|", ",")
MAX_COLUMNS = 20_000
_SAMPLE_LINES = 200
_SAMPLE_BYTES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the lines of a file become a table.

    Line numbers count from 1, as the user sees them.

    `header` has the cells of the header rows, top to bottom, each of `width` cells; it is empty if the first line is data.
    `preamble` are lines above the header with their numbers, `more_above` is the number of further ones. The delimiter " "
    means a run of spaces or tabs. `looks` is what the cells of each column look like. `joins` are cells that continue in the
    next one in every row, which then has more than `width` cells. `misquoted` are header lines with misplaced quotes. `padded`
    is whether spaces follow the delimiter, `escaped` whether a backslash precedes quotes within quotes; `normalise` removes
    both.
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
    looks: tuple[str, ...]
    joins: tuple[int, ...] = ()
    misquoted: tuple[int, ...] = ()
    more_above: int = 0

    @property
    def lines_above(self) -> int:
        """The number of lines above the table that are not blank."""
        return len(self.preamble) + self.more_above

    def normalise(self, data: bytes) -> bytes:
        """Return lines whose cells are separated by the delimiter alone, with doubled quotes."""
        return normalise(data, self.delimiter, self.quote, self.padded, self.escaped)


def normalise(data: bytes, delimiter: str, quote: str, padded: bool, escaped: bool) -> bytes:
    r"""Return lines with cells separated by the delimiter alone, and with doubled quotes.

    Parameters
    ----------
    data
        Lines of UTF-8. Line ends are kept.
    delimiter, quote, padded, escaped
        As in `Dialect`.

    Examples
    --------
    >>> normalise(b"  a   b\n 1  2 \n", " ", '"', padded=False, escaped=False)
    b'a b\n1 2\n'
    >>> normalise(b'a, "b, c"', ",", '"', padded=True, escaped=False)
    b'a,"b, c"'
    """
    if escaped:
        data = unescape(data, delimiter, quote)
    if delimiter != " " and not padded:
        return data
    mark, sign = re.escape(delimiter.encode()), re.escape(quote.encode())
    run = rb"[ \t]+" if delimiter == " " else mark + rb"[ \t]+"
    short = delimiter.encode()
    # Quoted text is matched too, to be kept as it is.
    pieces = re.compile(sign + rb"[^\n" + sign + rb"]*" + sign + rb"|" + run)
    data = pieces.sub(lambda found: found[0] if found[0].startswith(quote.encode()) else short, data)
    return re.sub(rb"(?m)^ | $", b"", data) if delimiter == " " else data


def find_dialect(
    data: bytes | TextBlock,
    delimiter: str | None = None,
    header_line: int | None = None,
    header_rows: int | None = None,
) -> Dialect:
    """Return the layout of a text.

    Raises `DataError` if the text has no row below its header or too many columns, `RecipeError` if the delimiter or the header
    line cannot be used.

    Parameters
    ----------
    data
        The text as UTF-8, or a block of the file.
    delimiter
        A single character, or None to detect it.
    header_line
        The line of the first header row, from 1, or None to detect it.
    header_rows
        The number of header rows, 0 if there is no header, or None to detect it.
    """
    if delimiter is not None and not re.fullmatch(r"[\t !#-~]", delimiter):
        raise InvalidDelimiter(delimiter=delimiter)
    block = data if isinstance(data, TextBlock) else TextBlock(data=data, first_line=1, is_last=True)
    above, head, later = _sample(block, header_line or 1)
    if not head and header_line is not None:
        raise HeaderLineNotFound(line=header_line)
    top_lines = (above + head)[:2]
    declared = _declared_delimiter(top_lines[0][1]) if len(top_lines) > 1 else None
    if declared is not None:
        above, head = above[1:], head[0 if above else 1 :]
    sample = [line for _, line in head] + later
    delimiter = delimiter or declared or find_delimiter(sample)
    quote, padded, escaped = _find_quoting(sample, delimiter)

    def normal(lines: Sequence[str]) -> list[str]:
        return normalise("\n".join(lines).encode(), delimiter, quote, padded, escaped).decode().split("\n")

    texts = dict(zip([number for number, _ in head], normal([line for _, line in head]), strict=True))
    rows = [(number, split_line(line, delimiter, quote)) for number, line in texts.items()]
    widths = Counter(len(cells) for _, cells in rows)
    widths.update(len(split_line(line, delimiter, quote)) for line in normal(later) if line)
    width = max(widths, key=lambda count: (widths[count], count)) if widths else 0
    if width > MAX_COLUMNS:
        raise TooManyColumns(columns=width, limit=MAX_COLUMNS, is_text=True)
    joins: tuple[int, ...] = ()
    if (date := find_date_join([cells for _, cells in rows], width)) is not None:
        joins, width = (date,), width - 1
        rows = [(number, join_row(cells, joins, width, delimiter)) for number, cells in rows]
    first, top = find_header(rows, width, header_line, header_rows)
    if first is None:
        raise NoDataRows(header=tuple(rows[0][1]))
    table = [cells for _, cells in rows[first:]]
    ends_blank = all(not cells[-1].strip() for cells in table if len(cells) == width)
    if top < first and not joins and not ends_blank:
        named = [_without_blank_end([cell.strip() for cell in cells]) for _, cells in rows[top:first]]
        names = max(named, key=len)
        if len(names) < width:
            joins = _require_joins(table, names, width, rows[first][0], delimiter)
            width -= len(joins)
            table = [join_row(cells, joins, width, delimiter) for cells in table]
    repaired = {number: repair_names(texts[number], delimiter, quote, width) for number, _ in rows[top:first]}
    rows = [(number, repaired.get(number) or cells) for number, cells in rows]
    header = tuple(fit_header([cell.strip() for cell in cells], width, ends_blank) for _, cells in rows[top:first])
    preamble = [*above, *head[:top]]
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        padded=padded,
        escaped=escaped,
        width=width,
        header=header,
        header_lines=tuple(number for number, _ in rows[top:first]),
        first_data_line=rows[first][0],
        preamble=tuple((number, line[:200]) for number, line in preamble),
        looks=column_looks(table, width),
        misquoted=tuple(number for number, names in repaired.items() if names is not None),
        joins=joins,
    )


def _require_joins(data: list[list[str]], names: list[str], width: int, line: int, delimiter: str) -> tuple[int, ...]:
    """Return which cells continue in the next one; raises `MoreCellsThanNames` if the names do not fit the cells."""
    joins = find_number_joins(data, names, width)
    if joins is None:
        example = next(cells for cells in data if len(cells) == width)
        raise MoreCellsThanNames(names=len(names), cells=width, line=line, text=delimiter.join(example))
    return joins


def _without_blank_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


_Numbered = list[tuple[int, str]]


def _sample(block: TextBlock, top: int) -> tuple[_Numbered, _Numbered, list[str]]:
    """Return a sample of the lines that are not blank.

    First those above line `top`, then those from it on, numbered, then some from further down.
    """
    above: _Numbered = []
    head: _Numbered = []
    data, number = block.data, block.first_line - 1
    position = begin = 0
    while position < len(data) and len(head) < _SAMPLE_LINES and (position < begin + _SAMPLE_BYTES or len(head) < 2):
        stop = data.find(b"\n", position)
        stop = len(data) if stop < 0 else stop
        number += 1
        if number < top:
            begin = stop + 1
        if data[position:stop].strip():
            (head if number >= top else above).append((number, data[position:stop].decode()))
        position = stop + 1
    later = data[max(position, (begin + len(data)) // 2) :][: _SAMPLE_BYTES // 8].split(b"\n")[1:-1]
    return above, head, [line.decode(errors="replace") for line in later[:_SAMPLE_LINES] if line.strip()]


def _declared_delimiter(line: str) -> str | None:
    """Return the delimiter that a first line such as `sep=;`, written for Excel, declares."""
    declaration = line.strip('" ')
    if len(declaration) != 5 or not declaration.lower().startswith("sep=") or not declaration.isascii():
        return None
    return None if declaration[4].isalnum() else declaration[4]


def find_delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that splits most lines into the same number of cells, at least 2."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        counts = Counter(len(split_line(line, delimiter)) for line in lines if delimiter in line)
        if not counts:
            continue
        width = max(counts, key=lambda count: (counts[count], count))
        score = (counts[width] / len(lines), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return " " if best_score[0] < 0.5 and _are_separated_by_blanks(lines) else best


def _are_separated_by_blanks(lines: Sequence[str]) -> bool:
    """Return whether runs of blanks split nearly all lines alike.

    A date and its time of day alone are one cell.
    """
    rows = [line.split() for line in lines]
    counts = Counter(map(len, rows))
    width, count = counts.most_common(1)[0]
    clocks = sum(len(cells) == 2 and re.match(r"\d{1,2}:\d{2}", cells[1]) is not None for cells in rows)
    numbers = sum(len(cells) > 1 and look_of(cells[-1]) == "n" for cells in rows)
    return width > 1 and count >= 0.9 * len(rows) and 2 * numbers > len(rows) > 2 * clocks


def _find_quoting(lines: Sequence[str], delimiter: str) -> tuple[str, bool, bool]:
    """Return the quote, whether blanks follow delimiters, and whether quotes are escaped."""
    text = "\n".join(lines)
    bounds = rf"(?m)(?:^|{re.escape(delimiter)}) ?'[^'\n]*'(?={re.escape(delimiter)}|$)"
    single = "'" in text and '"' not in text and delimiter != "'"
    quote = "'" if single and len(re.findall(bounds, text)) >= max(2, len(lines) // 5) else '"'
    delimiters = text.count(delimiter)
    padded = delimiter not in " \t" and delimiters > 0 and text.count(f"{delimiter} ") >= 0.8 * delimiters
    # A quote before a delimiter ends its cell, even after a backslash; any other quote after a backslash is part of it.
    within = re.compile(rf"\\{re.escape(quote)}(?!{re.escape(delimiter)}|{re.escape(quote)}|$)")
    escaped = any(within.search(line, line.index(quote) + 1) for line in lines if quote in line)
    return quote, padded, escaped
