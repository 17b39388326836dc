"""Lines to columns of text: every line becomes a row or is named in a finding, and each row keeps its line number."""

import csv
import io
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from core.errors import DataError
from core.findings import Finding, Severity
from core.ingest.content import first_rows
from core.ingest.dialect import Dialect, split_line

_MAX_JOINED_LINES = 1000
_BLOCK = 1 << 24


@dataclass(frozen=True, eq=False)
class TextTable:
    """The cells as text, a column an Arrow array, with the line of each row and what had to be mended.

    `ragged` are the lines with too few or too many cells, `extra` the cells beyond the last column: (line, text).
    """

    columns: list[pa.ChunkedArray]
    lines: np.ndarray
    ragged: np.ndarray
    extra: tuple[tuple[int, str], ...]
    findings: tuple[Finding, ...]


def split_table(data: bytes, dialect: Dialect) -> TextTable:
    """Return the cells of all lines from the first data line on.

    Short lines are filled with missing cells, long ones are cut and their extra cells listed, a quote that is never closed
    is taken as a letter, so that it cannot swallow the lines below it.
    """
    marks = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(marks == ord("\n"))
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    first = dialect.first_data_line - 1
    body = _Body(data, dialect, starts[first:], ends[first:], first)
    body.drop_blank_lines()
    if b'"' in data:
        body.mend_open_quotes(marks)
    try:
        columns = body.parse()
    except pa.ArrowInvalid:
        body.mend_ragged_lines(marks)
        columns = body.parse()
    lines = body.row_lines()
    if columns and len(columns[0]) != len(lines):
        raise DataError(
            f"{len(lines):,} lines made {len(columns[0]):,} rows: the quotes of this file contradict each other.",
            "Write the file anew with every text cell in double quotes.",
        )
    return TextTable(
        columns, lines, np.array(sorted(body.ragged), dtype=np.int64), tuple(body.extra), tuple(body.findings)
    )


def drop_trailing_column(table: TextTable, dialect: Dialect) -> tuple[TextTable, Dialect]:
    """Return table and layout without a last column that has neither name nor value: lines end with a delimiter."""
    last = table.columns[-1]
    named = any(row[-1] for row in dialect.header)
    if dialect.width == 1 or named or not pc.all(pc.equal(pc.utf8_trim_whitespace(last), "")).as_py():
        return table, dialect
    header = tuple(row[:-1] for row in dialect.header)
    return replace(table, columns=table.columns[:-1]), replace(dialect, width=dialect.width - 1, header=header)


class _Body:
    """The lines of the table while they are mended; `mended` holds the cells (or None: no row) of some of them."""

    def __init__(self, data: bytes, dialect: Dialect, starts: np.ndarray, ends: np.ndarray, first: int) -> None:
        self.data, self.dialect, self.starts, self.ends, self.first = data, dialect, starts, ends, first
        self.mended: dict[int, list[str] | None] = {}
        self.joined = False
        self.ragged: set[int] = set()
        self.extra: list[tuple[int, str]] = []
        self.findings: list[Finding] = []

    def line(self, place: int) -> str:
        return self.data[self.starts[place] : self.ends[place]].decode()

    def number(self, place: int) -> int:
        return place + self.first + 1

    def drop_blank_lines(self) -> None:
        sizes = self.ends - self.starts
        short = np.flatnonzero(sizes <= 4)
        blank = [int(place) for place in short if not self.data[self.starts[place] : self.ends[place]].strip()]
        self.mended.update(dict.fromkeys(blank))
        last = len(sizes) - 1
        while last >= 0 and last in self.mended:
            last -= 1
        inner = np.array([self.number(place) for place in blank if place < last], dtype=np.int64)
        if len(inner):
            self.findings.append(
                Finding(
                    "blank-lines",
                    Severity.INFO,
                    "Blank lines between the rows were passed over",
                    rows=first_rows(inner),
                    count=len(inner),
                )
            )

    def mend_open_quotes(self, marks: np.ndarray) -> None:
        quotes = np.flatnonzero(marks == ord('"'))
        quotes = quotes[quotes >= self.starts[0]]
        counts = np.bincount(np.searchsorted(self.ends, quotes), minlength=len(self.ends))
        odd = [int(place) for place in np.flatnonzero(counts % 2)]
        literal: list[int] = []
        place = 0
        while place < len(odd):
            opening = odd[place]
            closing = odd[place + 1] if place + 1 < len(odd) else None
            cells = self._join(opening, closing) if closing is not None else None
            if cells is None:
                literal.append(self.number(opening))
                self.mended[opening] = self.line(opening).split(self.dialect.delimiter)
                place += 1
            else:
                self.mended.update(dict.fromkeys(range(opening + 1, closing + 1)))
                self.mended[opening] = cells
                self.joined = True
                place += 2
        if literal:
            self.findings.append(
                Finding(
                    "open-quotes",
                    Severity.WARNING,
                    "A quote is opened and never closed",
                    "It is read as a letter, so that the lines below it stay rows of their own.",
                    rows=first_rows(np.array(literal)),
                    count=len(literal),
                )
            )

    def _join(self, opening: int, closing: int) -> list[str] | None:
        """Return the cells of a record that goes over several lines, or None if these lines are not one record."""
        if closing - opening > _MAX_JOINED_LINES:
            return None
        mark = self.dialect.delimiter
        pieces = [self.line(place) for place in range(opening, closing + 1)]
        if all(len(piece.split(mark)) == self.dialect.width for piece in (pieces[0], pieces[-1])):
            return None
        records = list(csv.reader(io.StringIO("\n".join(pieces)), delimiter=mark))
        whole = len(records) == 1 and len(records[0]) == self.dialect.width
        return records[0] if whole else None

    def mend_ragged_lines(self, marks: np.ndarray) -> None:
        mark, width = self.dialect.delimiter, self.dialect.width
        cuts = np.flatnonzero(marks == ord(mark))
        cuts = cuts[cuts >= self.starts[0]]
        counts = np.bincount(np.searchsorted(self.ends, cuts), minlength=len(self.ends)) + 1
        quoted = np.zeros(len(self.ends), dtype=bool)
        if b'"' in self.data:
            quotes = np.flatnonzero(marks == ord('"'))
            quoted[np.searchsorted(self.ends, quotes[quotes >= self.starts[0]])] = True
        for place in np.flatnonzero((counts != width) | quoted).tolist():
            cells = self.mended[place] if place in self.mended else split_line(self.line(place), mark)
            if cells is None or len(cells) == width:
                continue
            if not any(cell.strip() for cell in cells):
                self.mended[place] = None
                continue
            if any(cell.strip() for cell in cells[width:]):
                self.extra.append((self.number(place), mark.join(cells[width:])))
                self.ragged.add(self.number(place))
            elif len(cells) < width:
                self.ragged.add(self.number(place))
            self.mended[place] = (cells + [""] * width)[:width]

    def _write(self, cells: list[str]) -> bytes:
        line = io.StringIO()
        csv.writer(line, delimiter=self.dialect.delimiter, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
        return line.getvalue().encode()

    def _whole(self) -> bytes | memoryview:
        if not len(self.starts):
            return b""
        view = memoryview(self.data)
        if not self.mended:
            return view[self.starts[0] : self.ends[-1]]
        pieces: list[bytes | memoryview] = []
        begin = 0
        for place in [*sorted(self.mended), len(self.ends)]:
            if place > begin:
                pieces.append(view[self.starts[begin] : self.ends[place - 1]])
            if place < len(self.ends) and (cells := self.mended[place]) is not None:
                pieces.append(self._write(cells))
            begin = place + 1
        return b"\n".join(pieces)

    def row_lines(self) -> np.ndarray:
        lines = np.arange(len(self.ends), dtype=np.int64) + self.first + 1
        gone = [place for place, text in self.mended.items() if text is None]
        return np.delete(lines, gone) if gone else lines

    def parse(self) -> list[pa.ChunkedArray]:
        names = [str(place) for place in range(self.dialect.width)]
        longest = int((self.ends - self.starts).max()) if len(self.ends) else 0
        whole = self._whole()
        longest = max(
            [longest, *(sum(map(len, cells)) * 4 + 3 * len(cells) for cells in self.mended.values() if cells)]
        )
        table = pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(whole)),
            read_options=pacsv.ReadOptions(column_names=names, block_size=min(max(_BLOCK, longest + 2), 2**31 - 1)),
            parse_options=pacsv.ParseOptions(
                delimiter=self.dialect.delimiter,
                quote_char='"' if self.mended or b'"' in self.data else False,
                newlines_in_values=self.joined,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
            ),
        )
        return table.columns
