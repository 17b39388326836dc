"""Lines to rows.

Every line of a block becomes a row or is reported, and each row keeps its line number.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.findings.ingest.reading import (
    BlankLines,
    JoinedCells,
    JoinedLines,
    MalformedQuotes,
    OpenQuotes,
    RealignedRows,
    ShiftedRows,
)
from core.findings.model import MOST_ROWS, Finding
from core.ingest.layout.decode import TextBlock, line_ends
from core.ingest.layout.decoding_issues import LineCount
from core.ingest.layout.dialect import Dialect
from core.ingest.layout.quotes import has_open_quote, split_line, split_malformed
from core.ingest.layout.row_repair import Fit, fit_long_row, join_row

_MAX_JOINED_LINES = 1000
_BLANKS = np.frombuffer(b" \t\x0b\x0c", dtype=np.uint8)


@dataclass(frozen=True, eq=False, kw_only=True)
class ParsedRows:
    """Consecutive rows as text, with what a parser needs to split them.

    `lines` is the line number of each row, shape (rows,), int64. `joined` is whether a cell contains a line end, `longest` is
    the size of the longest row in bytes.
    """

    text: bytes
    lines: np.ndarray
    joined: bool
    longest: int


class LineRepair:
    """Turns blocks into rows of one width, and records what was repaired.

    Short lines are filled with missing cells. Long ones are cut, and their extra cells recorded. A quote that is never closed
    becomes an ordinary character, or it would swallow the lines below it. `ragged` are the lines with too few or too many
    cells, `extra` the cells beyond the last column, and `unplaced` rows whose cells may belong to several columns, both as
    (line, text).
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.ragged: set[int] = set()
        self.extra: list[tuple[int, str]] = []
        self.unplaced: list[tuple[int, str]] = []
        self._realigned: set[int] = set()
        self._malformed = LineCount()
        self._blank: list[int] = []
        self.last_row = 0
        self._open = LineCount()
        self._joined = LineCount()
        self._held = b""

    def take(self, block: TextBlock) -> "BlockOfLines":
        """Return the lines of a block, with blank lines dropped and open quotes repaired.

        A row that may continue in the next block is held back and returned with that block.
        """
        held, self._held = self._held, b""
        first = block.first_line - held.count(b"\n")
        data = self.dialect.normalise(block.data)
        data = held + data if held else data
        if first < self.dialect.first_data_line:
            above = self.dialect.first_data_line - first
            ends = line_ends(data)
            if len(ends) < above:
                return BlockOfLines(b"", np.empty(0, np.int64), self.dialect, first)
            data, first = data[ends[above - 1] + 1 :], self.dialect.first_data_line
        lines = BlockOfLines(data, line_ends(data) if data else np.empty(0, np.int64), self.dialect, first)
        blank = lines.drop_blank_lines()
        if self.dialect.quote and self.dialect.quote.encode() in data:
            literal, malformed, kept = lines.repair_quotes(may_continue=not block.is_last)
            if kept is not None:
                self._held = data[lines.starts[kept] :]
                lines = lines.until(kept)
            # A blank line within a cell belongs to its row.
            within = {lines.number(position) for position in lines.continued}
            blank = [line for line in blank if line < lines.number(len(lines.ends)) and line not in within]
            self._open.add(np.array(literal, dtype=np.int64))
            self._malformed.add(np.array(malformed, dtype=np.int64))
            self._joined.add(np.array(sorted(within), dtype=np.int64))
        self._blank += blank
        self.last_row = lines.last_row() or self.last_row
        return lines

    def fit(self, lines: "BlockOfLines") -> None:
        """Give every row of the block the width of the table."""
        fitted = lines.fit_ragged_lines()
        self.ragged.update(fitted.ragged)
        self._realigned.update(fitted.repaired)
        self.extra += fitted.extra
        self.unplaced += fitted.unplaced

    def check_lines(self) -> tuple[Finding, ...]:
        """Return findings on the lines that were dropped, joined or repaired in all blocks."""
        found: list[Finding] = []
        inner = LineCount()
        inner.add(np.array([line for line in self._blank if line < self.last_row], dtype=np.int64))
        if inner.count:
            found.append(BlankLines(rows=inner.first, count=inner.count))
        if self._joined.count:
            found.append(JoinedLines(rows=self._joined.first, count=self._joined.count))
        if self._open.count:
            found.append(OpenQuotes(rows=self._open.first, count=self._open.count))
        if self._malformed.count:
            found.append(MalformedQuotes(rows=self._malformed.first, count=self._malformed.count))
        if self._realigned:
            found.append(RealignedRows(rows=_first(self._realigned), count=len(self._realigned)))
        if self.unplaced:
            lines = {line for line, _ in self.unplaced}
            found.append(ShiftedRows(texts=tuple(self.unplaced[:MOST_ROWS]), rows=_first(lines), count=len(lines)))
        if self.dialect.joins:
            found.append(JoinedCells(names=self._joined_names(), row=self.dialect.first_data_line))
        return tuple(found)

    def _joined_names(self) -> tuple[str, ...]:
        """Return the names of the columns whose cells were joined."""
        places = [place - before for before, place in enumerate(self.dialect.joins)]
        names = self.dialect.header[-1] if self.dialect.header else ()
        return tuple((names[place] if place < len(names) else "") or f"column_{place + 1}" for place in places)


def _first(lines: set[int]) -> tuple[int, ...]:
    return tuple(sorted(lines)[:MOST_ROWS])


@dataclass(frozen=True, kw_only=True)
class FittedLines:
    """What became of the lines of a block that did not fit: numbers of lines, and texts without a place, as (line, text)."""

    ragged: list[int]
    repaired: list[int]
    extra: list[tuple[int, str]]
    unplaced: list[tuple[int, str]]


class BlockOfLines:
    """The lines of one block while they are repaired.

    `starts` and `ends` are the offsets of the lines in `data`, shape (lines,). `repaired` maps the index of a line to its cells,
    or to None if it is not a row. `continued` are the indices of lines that belong to the row above them.
    """

    def __init__(self, data: bytes, ends: np.ndarray, dialect: Dialect, first_line: int) -> None:
        self.data, self.dialect, self.first_line = data, dialect, first_line
        self.ends = ends
        self.starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
        self.repaired: dict[int, list[str] | None] = {}
        self.continued: set[int] = set()

    def number(self, position: int) -> int:
        """Return the number of a line in the user's file."""
        return position + self.first_line

    def line(self, position: int) -> str:
        """Return the text of a line."""
        return self.data[self.starts[position] : self.ends[position]].decode()

    def until(self, position: int) -> "BlockOfLines":
        """Return the lines before this index."""
        above = BlockOfLines(self.data[: self.starts[position]], self.ends[:position], self.dialect, self.first_line)
        above.repaired = {line: cells for line, cells in self.repaired.items() if line < position}
        above.continued = {line for line in self.continued if line < position}
        return above

    def drop_blank_lines(self) -> list[int]:
        """Drop blank lines and return their numbers."""
        signs = np.frombuffer(self.data, dtype=np.uint8)
        padded = np.isin(signs[self.starts], _BLANKS) & np.isin(signs[self.ends - 1], _BLANKS)
        maybe = padded | (self.ends == self.starts)
        blank = [
            int(position)
            for position in np.flatnonzero(maybe)
            if not self.data[self.starts[position] : self.ends[position]].strip()
        ]
        self.repaired.update(dict.fromkeys(blank))
        return [self.number(position) for position in blank]

    def empty_rows(self) -> list[int]:
        """Return the indices of lines that consist of delimiters."""
        signs, mark = np.frombuffer(self.data, dtype=np.uint8), self.dialect.delimiter
        maybe = (self.ends > self.starts) & (signs[self.starts] == ord(mark)) & (signs[self.ends - 1] == ord(mark))
        return [
            position for position in np.flatnonzero(maybe).tolist() if not self.line(position).replace(mark, "").strip()
        ]

    def last_row(self) -> int:
        """Return the number of the last line that is not blank, or 0."""
        last = len(self.ends) - 1
        while last >= 0 and self.repaired.get(last, ()) is None and not self.line(last).strip():
            last -= 1
        return self.number(last) if last >= 0 else 0

    def repair_quotes(self, may_continue: bool) -> tuple[list[int], list[int], int | None]:
        """Join rows that span several lines, and split lines with misplaced quotes.

        Return the numbers of the lines whose open quote is an ordinary character, of those with misplaced quotes, and the index
        of the line from which a row may continue in the next block. With `may_continue`, that is a row whose quote is still
        open at the end of the block, unless it spans more than a thousand lines.
        """
        mark, quote = self.dialect.delimiter, self.dialect.quote
        literal: list[int] = []
        malformed: list[int] = []
        below = 0
        for position in self._oddly_quoted():
            if position < below:
                continue
            if not has_open_quote(self.line(position), mark, quote):
                if (cells := split_malformed(self.line(position), mark, quote, self.dialect.width)) is not None:
                    malformed.append(self.number(position))
                    self.repaired[position] = cells
                continue
            below, cells = self._join(position)
            if below > len(self.ends) and may_continue and len(self.ends) - position <= _MAX_JOINED_LINES:
                return literal, malformed, position
            if cells is not None:
                self.repaired.update(dict.fromkeys(range(position + 1, below)))
                self.repaired[position] = cells
                self.continued.update(range(position + 1, below))
            else:
                literal.append(self.number(position))
                self.repaired[position] = split_line(self.line(position), mark, quote)
                below = position + 1
        return literal, malformed, None

    def _oddly_quoted(self) -> list[int]:
        """Return the indices of lines whose quotes do not come in pairs around complete cells."""
        signs = np.frombuffer(self.data, dtype=np.uint8)
        marks = np.flatnonzero(signs == ord(self.dialect.quote))
        through = np.searchsorted(marks, self.ends)
        counts = np.diff(through, prepend=0)
        odd = counts % 2 == 1
        number = np.arange(len(marks))
        if odd.any():
            number -= np.repeat(through - counts, counts)
        opening, closing = marks[number % 2 == 0], marks[number % 2 == 1]
        is_boundary = np.zeros(256, dtype=bool)
        is_boundary[[ord("\n"), ord(self.dialect.delimiter), ord(self.dialect.quote)]] = True
        before = is_boundary[signs[opening - 1]] | (opening == 0)
        after = is_boundary[signs[np.minimum(closing + 1, len(signs) - 1)]] | (closing + 1 == len(signs))
        stray = np.concatenate((opening[~before], closing[~after]))
        odd[np.searchsorted(self.ends, stray)] = True
        return np.flatnonzero(odd).tolist()

    def _join(self, opening: int) -> tuple[int, list[str] | None]:
        """Return the index of the line after the row that begins here, and its cells.

        The cells are None if the lines are not one row.

        The index is greater than the number of lines if the quote is still open at the end.
        """
        mark, quote = self.dialect.delimiter, self.dialect.quote
        below = opening

        def lines() -> Iterator[str]:
            nonlocal below
            for position in range(opening, min(opening + _MAX_JOINED_LINES + 1, len(self.ends))):
                below = position + 1
                yield f"{self.line(position)}\n"
            below = len(self.ends) + 1

        cells = next(csv.reader(lines(), delimiter=mark, quotechar=quote))
        if below > len(self.ends) or len(cells) != self.dialect.width:
            return below, None
        ends = (self.line(opening), self.line(below - 1))
        return below, None if all(len(line.split(mark)) == self.dialect.width for line in ends) else cells

    def fit_ragged_lines(self) -> FittedLines:
        """Give every line as many cells as the table has columns."""
        mark, width, quote = self.dialect.delimiter, self.dialect.width, self.dialect.quote
        signs = np.frombuffer(self.data, dtype=np.uint8)
        cuts = np.searchsorted(self.ends, np.flatnonzero(signs == ord(mark)))
        counts = np.bincount(cuts, minlength=len(self.ends)) + 1
        quoted = np.zeros(len(self.ends), dtype=bool)
        if quote and quote.encode() in self.data:
            quoted[np.searchsorted(self.ends, np.flatnonzero(signs == ord(quote)))] = True
        fitted = FittedLines(ragged=[], repaired=[], extra=[], unplaced=[])
        for position in np.flatnonzero((counts != width) | quoted).tolist():
            cells = (
                self.repaired[position] if position in self.repaired else split_line(self.line(position), mark, quote)
            )
            if cells is None:
                continue
            number, cells = self.number(position), join_row(cells, self.dialect.joins, width, mark)
            if len(cells) > width:
                row = fit_long_row(cells, self.dialect.looks, mark)
                cells = row.cells
                match row.fit:
                    case Fit.REPAIRED:
                        fitted.repaired.append(number)
                    case Fit.AMBIGUOUS:
                        fitted.unplaced.append((number, row.left))
                    case Fit.CUT if row.left:
                        fitted.extra.append((number, row.left))
                        fitted.ragged.append(number)
            elif len(cells) < width and any(cell.strip() for cell in cells):
                fitted.ragged.append(number)
            # Rewritten even if the width is right: the parser may have split it differently.
            self.repaired[position] = cells + [""] * (width - len(cells))
        return fitted

    def rows(self) -> ParsedRows:
        """Return the rows that the lines have become."""
        dropped = [position for position, cells in self.repaired.items() if cells is None]
        lines = np.arange(len(self.ends), dtype=np.int64) + self.first_line
        written = [sum(map(len, cells)) * 4 + 3 * len(cells) for cells in self.repaired.values() if cells]
        longest = max([int((self.ends - self.starts).max()) if len(self.ends) else 0, *written])
        return ParsedRows(
            text=self._text(),
            lines=np.delete(lines, dropped) if dropped else lines,
            joined=bool(self.continued),
            longest=longest,
        )

    def _text(self) -> bytes:
        if not self.repaired:
            return self.data
        view = memoryview(self.data)
        pieces: list[bytes | memoryview] = []
        begin = 0
        for position in [*sorted(self.repaired), len(self.ends)]:
            if position > begin:
                pieces.append(view[self.starts[begin] : self.ends[position - 1]])
            if position < len(self.ends) and (cells := self.repaired[position]) is not None:
                pieces.append(self._write(cells))
            begin = position + 1
        return b"\n".join(pieces)

    def _write(self, cells: list[str]) -> bytes:
        line = io.StringIO()
        writer = csv.writer(
            line,
            delimiter=self.dialect.delimiter,
            quotechar=self.dialect.quote or '"',
            lineterminator="",
            quoting=csv.QUOTE_ALL,
        )
        writer.writerow(cells)
        return line.getvalue().encode()


def mark_footer(positions: np.ndarray, last_kept: int, texts: Sequence[str]) -> np.ndarray:
    """Return which rows without a time are the footer: text below the last row with a time.

    Parameters
    ----------
    positions
        The positions of the rows without a time, shape (n,), integers.
    last_kept
        The position of the last row with a time, -1 if there is none.
    texts
        The n lines of the rows.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool.
    """
    has_text = np.array([any(map(str.isalnum, text)) for text in texts], dtype=bool)
    return (positions > last_kept) & has_text
