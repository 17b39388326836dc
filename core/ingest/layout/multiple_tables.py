"""Several tables below each other in one file: where the next one begins, told by a header with rows below it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.findings.model import Finding, Remedy, Severity, legacy_finding
from core.ingest.layout.dialect import Dialect, split_line
from core.ingest.layout.find_header import MAX_HEADER_ROWS
from core.ingest.layout.lines import BlockOfLines
from core.ingest.values.notation import is_null, look_of
from core.ingest.values.timecodes import is_time_name
from core.text.escape import plain_text
from core.text.format import format_count

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class TableBelow:
    """A table below the first one: its lines from title or header on, `count` of them not blank, with the line of its header."""

    first_line: int
    last_line: int
    header_line: int
    header: tuple[str, ...]
    title: str
    count: int


@dataclass(kw_only=True)
class _Gap:
    """Lines without a number or a date: what stands between two tables, or within one. `lines` counts from the first text on."""

    is_break: bool
    first_line: int = 0
    lines: int = 0
    titles: list[str] = field(default_factory=list)
    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take one more line in."""
        told = [cell for cell in cells if not is_null(cell)]
        if not self.lines and not told:
            return
        self.first_line = self.first_line or line
        self.lines += 1
        if len(told) > 1:
            self.rows.append((line, _trim(cells)))
        elif told and len(self.titles) < _SHOWN:
            self.titles.append(told[0].strip())


class TableWatch:
    """Looks at the lines of a table for the tables below it.

    A table begins with a header, cells of text over the numbers and dates of a row, below a blank line or in a line that begins
    as the header of the table above does. That header once more, without a title of its own, only tells of files glued together.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._mark, self._quote = dialect.delimiter, dialect.quote
        self._headers = [_trim(row) for row in dialect.header]
        self._titles = {text.strip() for _, text in dialect.preamble}
        self._gap: _Gap | None = None
        self._found: list[TableBelow] = []

    def look(self, lines: BlockOfLines) -> None:
        """Look at the lines of a block; they stand below all that were looked at before."""
        blank = {place for place, cells in lines.mended.items() if cells is None and place not in lines.continued}
        if self._found:
            self._count(len(lines.ends) - len(blank))
        below = self._feed(lines, 0, blank) if self._gap is not None else 0
        breaks = blank | set(lines.empty_rows())
        for place in sorted(breaks | set(self._look_alikes(lines))):
            if place >= below:
                self._gap = _Gap(is_break=place in breaks)
                below = self._feed(lines, place, blank)

    def tables(self, last_line: int) -> tuple[TableBelow, ...]:
        """Return the tables found; the last of them ends on this line."""
        ends = [*(table.first_line - 1 for table in self._found[1:]), last_line]
        return tuple(replace(table, last_line=end) for table, end in zip(self._found, ends, strict=False))

    def _count(self, lines: int) -> None:
        last = self._found[-1]
        self._found[-1] = replace(last, count=last.count + lines)

    def _look_alikes(self, lines: BlockOfLines) -> list[int]:
        """Return the lines that begin as the header does."""
        first = next((row[0] for row in reversed(self._headers) if row and row[0]), None)
        if first is None:
            return []
        spelt = (first, f"{self._quote}{first}{self._quote}")
        return [place for text in spelt for place in _begin_with(lines, f"{text}{self._mark}".encode())]

    def _feed(self, lines: BlockOfLines, begin: int, blank: set[int]) -> int:
        """Take lines into the gap until one of them is a row; return the place of the first line that was not looked at."""
        for place in range(begin, len(lines.ends)):
            if place in blank:
                continue
            if place in lines.continued:
                self._gap.lines += self._gap.lines > 0
                continue
            cells = split_line(lines.line(place), self._mark, self._quote)
            if any(look_of(cell) in ("n", "d") for cell in cells):
                left = len(lines.ends) - place - sum(other > place for other in blank)
                self._end_gap(self._gap, cells, left)
                return place + 1
            self._gap.add(lines.number(place), cells)
        return len(lines.ends)

    def _end_gap(self, gap: _Gap, cells: Sequence[str], left: int) -> None:
        """Note the table whose first row these cells are, if the gap holds a header of it; `left` lines stand from here on."""
        self._gap = None
        rows = gap.rows[-MAX_HEADER_ROWS:]
        line, header = next(((line, row) for line, row in rows if self._is_header(row, cells)), (0, ()))
        if not line or (not gap.is_break and line != gap.first_line):
            return
        if header in self._headers and self._titles.issuperset(gap.titles):
            return
        count = gap.lines + left
        if self._found:
            self._count(-count)
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
        """Return whether the row names what stands below it: text over every number, and over a date only the name of a time."""
        if len(header) > len(cells):
            return False
        for place, cell in enumerate(cells):
            name = header[place] if place < len(header) else ""
            look = look_of(cell)
            if look == "n" and not name and place:
                return False
            same = any(name == row[place] for row in self._headers if place < len(row))
            if look == "d" and name and not same and not is_time_name(name):
                return False
        return True


def say_tables_below(tables: Sequence[TableBelow]) -> list[Finding]:
    """Return which tables of the file were not read, and how to read one of them."""
    if not tables:
        return []
    told = " ".join(_tell(table) for table in tables[:_SHOWN])
    more = f" And {len(tables) - _SHOWN:,} more." if len(tables) > _SHOWN else ""
    several = len(tables) > 1
    line = tables[0].header_line
    return [
        legacy_finding(
            "other-tables",
            Severity.WARNING,
            f"{format_count(len(tables), 'more table')} below the first {'were' if several else 'was'} not read",
            f"{told}{more} To read {'one of them' if several else 'it'}, name the line of its header.",
            rows=tuple(table.first_line for table in tables[:10]),
            count=sum(table.count for table in tables),
            remedy=Remedy(label=f"Read the table at line {line:,}", section="ingest", field="header_line", value=line),
        )
    ]


def _begin_with(lines: BlockOfLines, text: bytes) -> list[int]:
    """Return the lines that begin with this text."""
    maybe = np.flatnonzero(np.frombuffer(lines.data, dtype=np.uint8)[lines.starts] == text[0])
    return [place for place in maybe.tolist() if lines.data.startswith(text, lines.starts[place])]


def _trim(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the cells without outer blanks, up to the last one that holds text."""
    told = [cell.strip() for cell in cells]
    while told and not told[-1]:
        told.pop()
    return tuple(told)


def _tell(table: TableBelow) -> str:
    names = ", ".join(plain_text(name, most=20) or "(no name)" for name in table.header[:6])
    more = ", …" if len(table.header) > 6 else ""
    title = f", “{plain_text(table.title, most=80)}”" if table.title else ""
    return f"Lines {table.first_line:,} to {table.last_line:,}{title}: {names}{more}."
