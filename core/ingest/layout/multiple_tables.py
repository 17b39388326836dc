"""Detection of further tables below the first one: a header followed by rows of data."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.findings.ingest.reading import OtherTables, TableBelow
from core.findings.model import Finding
from core.ingest.layout.dialect import Dialect
from core.ingest.layout.find_header import MAX_HEADER_ROWS
from core.ingest.layout.lines import BlockOfLines
from core.ingest.layout.quotes import split_line
from core.ingest.values.notation import is_null, look_of
from core.ingest.values.timecodes import is_time_name

_MOST_TITLES = 5


@dataclass(kw_only=True)
class _Gap:
    """Lines without a number or a date, between two tables or within one.

    `lines` is the number of lines from the first text on.
    """

    is_break: bool
    first_line: int = 0
    lines: int = 0
    titles: list[str] = field(default_factory=list)
    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Add the next line."""
        filled = [cell for cell in cells if not is_null(cell)]
        if not self.lines and not filled:
            return
        self.first_line = self.first_line or line
        self.lines += 1
        if len(filled) > 1:
            self.rows.append((line, _trim(cells)))
        elif filled and len(self.titles) < _MOST_TITLES:
            self.titles.append(filled[0].strip())


class TableFinder:
    """Finds further tables among the lines below the first one.

    A table begins with a header, that is text above the numbers and dates of a row. The header follows a blank line, or begins
    like the header of the table above. The same header again without a title of its own is no new table, but a sign of
    concatenated files.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._mark, self._quote = dialect.delimiter, dialect.quote
        self._headers = [_trim(row) for row in dialect.header]
        self._titles = {text.strip() for _, text in dialect.preamble}
        self._gap: _Gap | None = None
        self._found: list[TableBelow] = []

    def search(self, lines: BlockOfLines) -> None:
        """Search the next block of lines."""
        blank = {
            position for position, cells in lines.repaired.items() if cells is None and position not in lines.continued
        }
        if self._found:
            self._add_to_last(len(lines.ends) - len(blank))
        below = 0 if self._gap is None else self._extend(self._gap, lines, 0, blank)
        breaks = blank | set(lines.empty_rows())
        for position in sorted(breaks | set(self._similar_to_header(lines))):
            if position >= below:
                below = self._extend(_Gap(is_break=position in breaks), lines, position, blank)

    def tables(self, last_line: int) -> tuple[TableBelow, ...]:
        """Return the tables found; the last of them ends on this line."""
        ends = [*(table.first_line - 1 for table in self._found[1:]), last_line]
        return tuple(replace(table, last_line=end) for table, end in zip(self._found, ends, strict=False))

    def _add_to_last(self, lines: int) -> None:
        last = self._found[-1]
        self._found[-1] = replace(last, count=last.count + lines)

    def _similar_to_header(self, lines: BlockOfLines) -> list[int]:
        """Return the indices of lines that begin like the header."""
        first = next((row[0] for row in reversed(self._headers) if row and row[0]), None)
        if first is None:
            return []
        spellings = (first, f"{self._quote}{first}{self._quote}")
        return [position for text in spellings for position in _begin_with(lines, f"{text}{self._mark}".encode())]

    def _extend(self, gap: _Gap, lines: BlockOfLines, begin: int, blank: set[int]) -> int:
        """Add lines to the gap until one of them is a row of data.

        Return the index of the first line not yet searched.
        """
        self._gap = gap
        for position in range(begin, len(lines.ends)):
            if position in blank:
                continue
            if position in lines.continued:
                gap.lines += gap.lines > 0
                continue
            cells = split_line(lines.line(position), self._mark, self._quote)
            if any(look_of(cell) in ("n", "d") for cell in cells):
                left = len(lines.ends) - position - sum(other > position for other in blank)
                self._gap = None
                self._close(gap, cells, left)
                return position + 1
            gap.add(lines.number(position), cells)
        return len(lines.ends)

    def _close(self, gap: _Gap, cells: Sequence[str], left: int) -> None:
        """Record a table if the gap contains the header of the row `cells`.

        `left` lines of the block remain from this row on.
        """
        rows = gap.rows[-MAX_HEADER_ROWS:]
        line, header = next(((line, row) for line, row in rows if self._is_header(row, cells)), (0, ()))
        if not line or (not gap.is_break and line != gap.first_line):
            return
        if header in self._headers and self._titles.issuperset(gap.titles):
            return
        count = gap.lines + left
        if self._found:
            self._add_to_last(-count)
        self._found.append(
            TableBelow(
                first_line=gap.first_line,
                last_line=0,
                header_line=line,
                header=header,
                title=" ".join(gap.titles),
                count=count,
            )
        )
        self._headers, self._titles = [header], set(gap.titles)

    def _is_header(self, header: tuple[str, ...], cells: Sequence[str]) -> bool:
        """Return whether a row names the cells below it.

        It has text above each number, and the name of a time above each date.
        """
        if len(header) > len(cells):
            return False
        for position, cell in enumerate(cells):
            name = header[position] if position < len(header) else ""
            look = look_of(cell)
            if look == "n" and not name and position:
                return False
            same = any(name == row[position] for row in self._headers if position < len(row))
            if look == "d" and name and not same and not is_time_name(name):
                return False
        return True


def check_tables_below(tables: Sequence[TableBelow]) -> list[Finding]:
    """Return a finding if the file has tables that were not read."""
    return [OtherTables(tables=tuple(tables))] if tables else []


def _begin_with(lines: BlockOfLines, text: bytes) -> list[int]:
    """Return the indices of lines that begin with this text."""
    maybe = np.flatnonzero(np.frombuffer(lines.data, dtype=np.uint8)[lines.starts] == text[0])
    return [position for position in maybe.tolist() if lines.data.startswith(text, lines.starts[position])]


def _trim(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the cells without surrounding blanks, up to the last one with text."""
    trimmed = [cell.strip() for cell in cells]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return tuple(trimmed)
