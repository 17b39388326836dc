"""Sparse rows of a sheet written as CSV text with the same number of cells in each row."""

from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from core.findings.ingest.reading import FormulaWithoutValue
from core.findings.model import MOST_ROWS, Finding
from core.ingest.containers.excel.sheet_xml import Row
from core.ingest.containers.limits import LimitedFile, Limits
from core.ingest.containers.line_breaks import LineBreaks

_FLUSH = 1 << 20


def write_grid(rows: Iterator[Row], target: Path, taken: int, limits: Limits) -> tuple[Finding, ...] | None:
    """Write rows as CSV text, row n on line n; return findings, or None if there is no value.

    Rows are filled with empty cells to the width of the widest one, except lines above the table. Columns to the left of the table
    are dropped.

    Parameters
    ----------
    rows
        The rows with a value, top to bottom.
    target
        The text file to write.
    taken
        The size of the workbook in bytes, to detect a decompression bomb.
    limits
        Limits on the size of the text.
    """
    writer = _GridWriter()
    with LimitedFile(target, limits) as out:
        for number, cells, uncalculated in rows:
            writer.add(number, cells, uncalculated)
            if writer.pending >= _FLUSH:
                out.write(writer.take(), taken)
            if limits.is_enough(out.written + writer.pending):
                break
        out.write(writer.take(), taken)
    if not writer.widest:
        return None
    top, shift = writer.top(), writer.leftmost
    if shift or any(0 < width < writer.widest for width in writer.widths[top:]):
        _align_rows(target, writer, top, limits, taken)
    return writer.check_cells()


class _GridWriter:
    """Turns rows into lines, and records the width of each."""

    def __init__(self) -> None:
        self.widths = array("H")
        self.widest = 0
        self.leftmost = 1 << 14
        self.pending = 0
        self._own_widths: Counter[int] = Counter()
        self._lines: list[str] = []
        self._breaks = LineBreaks()
        self._uncalculated_rows: list[int] = []
        self._uncalculated_cells = 0

    def add(self, number: int, cells: dict[int, str], uncalculated: list[int]) -> None:
        if uncalculated:
            self._uncalculated_cells += len(uncalculated)
            if len(self._uncalculated_rows) < MOST_ROWS:
                self._uncalculated_rows.append(number)
        filled = [column for column, text in cells.items() if text]
        if not filled:
            return
        for _ in range(number - len(self.widths) - 1):
            self.widths.append(0)
            self._lines.append("\n")
        width = max(filled) + 1
        self._own_widths[width] += 1
        self.widest = max(self.widest, width)
        self.leftmost = min(self.leftmost, min(filled))
        texts = [""] * self.widest
        for column in filled:
            texts[column] = self._cell(cells[column], number)
        line = ",".join(texts) + "\n"
        self.widths.append(self.widest)
        self._lines.append(line)
        self.pending += len(line)

    def _cell(self, text: str, row: int) -> str:
        if "\n" in text or "\r" in text:
            text = self._breaks.replace(text, row)
        if '"' in text or "," in text:
            text = '"' + text.replace('"', '""') + '"'
        return text

    def take(self) -> bytes:
        """Return the lines added since the last call."""
        lines = "".join(self._lines).encode(errors="replace")
        self._lines.clear()
        self.pending = 0
        return lines

    def top(self) -> int:
        """Return the index of the first row more than half as wide as most.

        A title above the table is narrower.
        """
        usual = max(self._own_widths, key=lambda width: (self._own_widths[width], width))
        least = self.leftmost + (usual - self.leftmost) / 2
        return next(position for position, width in enumerate(self.widths) if width > least)

    def check_cells(self) -> tuple[Finding, ...]:
        """Return findings on line breaks within cells and on formulas without a value."""
        found = self._breaks.check_cells()
        if not self._uncalculated_cells:
            return found
        return (*found, FormulaWithoutValue(rows=tuple(self._uncalculated_rows), count=self._uncalculated_cells))


def _align_rows(path: Path, writer: _GridWriter, top: int, limits: Limits, taken: int) -> None:
    """Rewrite the file with rows of one width, without the columns left of the table."""
    draft = path.with_name(f"{path.name}.draft")
    with path.open("rb") as lines, LimitedFile(draft, limits) as out:
        block: list[bytes] = []
        size = 0
        for position, (line, width) in enumerate(zip(lines, writer.widths, strict=True)):
            if width:
                missing = writer.widest - width if position >= top else 0
                line = line[writer.leftmost : -1] + b"," * missing + b"\n"
            block.append(line)
            size += len(line)
            if size >= _FLUSH:
                out.write(b"".join(block), taken)
                block.clear()
                size = 0
        out.write(b"".join(block), taken)
    draft.replace(path)
