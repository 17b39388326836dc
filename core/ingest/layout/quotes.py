"""Quoted cells: lines split at their delimiters, with well-formed, open or misplaced quotes."""

import csv
import re


def unescape(data: bytes, delimiter: str, quote: str) -> bytes:
    """Return lines with doubled quotes within quoted cells instead of escaped ones, and plain quotes in other cells."""
    mark, sign = re.escape(delimiter.encode()), re.escape(quote.encode())
    quoted = re.compile(
        rb"(?m)(?:(?<=" + mark + rb")|^)" + sign + rb"(?:[^\\\n]|\\.)*?" + sign + rb"(?=[ \t]*(?:" + mark + rb"|$))"
    )
    escape = f"\\{quote}".encode()

    def double(found: re.Match[bytes]) -> bytes:
        return found[0].replace(escape, 2 * quote.encode())

    return quoted.sub(double, data).replace(escape, quote.encode())


def split_line(line: str, delimiter: str, quote: str = '"') -> list[str]:
    """Return the cells of one line; a quote that is never closed is an ordinary character.

    Examples
    --------
    >>> split_line('a,"b,c",d', ","), split_line('"a","b,c', ","), split_line('a 5" b,"c,d', ",")
    (['a', 'b,c', 'd'], ['a', '"b', 'c'], ['a 5" b', '"c', 'd'])
    """
    if quote not in line:
        return line.split(delimiter)
    if not has_open_quote(line, delimiter, quote):
        return next(csv.reader([line], delimiter=delimiter, quotechar=quote), [])
    return _split_enclosed(line, delimiter, _paired(quote), doubled=2 * quote)


def has_open_quote(line: str, delimiter: str, quote: str) -> bool:
    """Return whether a quoted cell continues on the next line.

    Examples
    --------
    >>> has_open_quote('a,"b', ",", '"'), has_open_quote('a,5" b', ",", '"')
    (True, False)
    """
    reader = csv.reader([line, ""], delimiter=delimiter, quotechar=quote)
    next(reader)
    return reader.line_num > 1


def split_malformed(line: str, delimiter: str, quote: str, width: int) -> list[str] | None:
    r"""Return the cells of a line with text behind a closing quote, or None if its quotes are well-formed.

    No character is lost: quotes that do not enclose a cell are part of it.

    Examples
    --------
    >>> split_malformed('1,"said "up" today"', ",", '"', 2)
    ['1', 'said "up" today']
    >>> split_malformed('1,"plain,"a, b"', ",", '"', 3)
    ['1', '"plain', 'a, b']
    >>> split_malformed('1,"a, b"', ",", '"', 2) is None
    True
    """
    if not _is_malformed(line, delimiter, quote):
        return None
    sign = re.escape(quote)
    loose = _split_enclosed(line, delimiter, rf"{sign}(.*?){sign}[ \t]*")
    strict = _split_enclosed(line, delimiter, rf"{_paired(quote)}[ \t]*")
    return next((cells for cells in (loose, strict) if len(cells) == width), strict)


def repair_names(line: str, delimiter: str, quote: str, width: int) -> list[str] | None:
    r"""Return the names of a header line with misplaced quotes, without those quotes; None if its quotes are well-formed.

    Examples
    --------
    >>> repair_names('Date,"Close,"High"', ",", '"', 3), repair_names('Date,"Close"', ",", '"', 2)
    (['Date', 'Close', 'High'], None)
    """
    if quote not in line:
        return None
    cells = split_malformed(line, delimiter, quote, width)
    if cells is None and line.count(quote) % 2 == 0:
        return None
    if cells is None or len(cells) != width:
        cells = line.split(delimiter)
    return [cell.replace(2 * quote, quote).strip().strip(quote).strip() for cell in cells]


def _paired(quote: str) -> str:
    """Return the pattern of a quoted cell in which every other quote is doubled."""
    sign = re.escape(quote)
    return rf"{sign}((?:[^{sign}]|{sign}{sign})*){sign}"


def _split_enclosed(line: str, delimiter: str, quoted: str, doubled: str = "") -> list[str]:
    """Return the cells of a line; text that `quoted` matches up to a delimiter is a cell without its quotes.

    In such a cell a `doubled` quote is one.
    """
    enclosed = re.compile(rf"{quoted}(?={re.escape(delimiter)}|$)")
    cells, position = [], 0
    while position <= len(line):
        if found := enclosed.match(line, position):
            cells.append(found[1].replace(doubled, doubled[:1]) if doubled else found[1])
            end = found.end()
        else:
            end = line.find(delimiter, position)
            end = len(line) if end < 0 else end
            cells.append(line[position:end])
        position = end + 1
    return cells


def _is_malformed(line: str, delimiter: str, quote: str) -> bool:
    behind = re.compile(rf"(?<={re.escape(quote)})[ \t]+(?={re.escape(delimiter)}|$)")
    try:
        list(csv.reader([behind.sub("", line)], delimiter=delimiter, quotechar=quote, strict=True))
    except csv.Error:
        return True
    return False
