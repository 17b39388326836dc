"""Rows with gaps to CSV text in which every row of the table has as many cells."""

from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from core.findings.model import Finding, Severity, legacy_finding
from core.ingest.containers.excel.sheet_xml import Row
from core.ingest.containers.limits import LimitedFile, Limits
from core.ingest.containers.line_breaks import LineBreaks

_FLUSH = 1 << 20


def write_grid(rows: Iterator[Row], target: Path, taken: int, limits: Limits) -> tuple[Finding, ...] | None:
    """Write rows as CSV text, row n on line n; return what there is to say, or None if there was no value.

    Rows are filled up with empty cells to the width of the widest, but for the lines above the table. Columns left of the
    table are dropped. `taken` are the bytes of the file that the rows came from.
    """
    writer = _GridWriter()
    with LimitedFile(target, limits) as out:
        for number, cells, hollow in rows:
            writer.add(number, cells, hollow)
            if writer.waiting >= _FLUSH:
                out.write(writer.take(), taken)
            if limits.are_met(out.written + writer.waiting):
                break
        out.write(writer.take(), taken)
    if not writer.widest:
        return None
    top, shift = writer.top(), writer.leftmost
    if shift or any(0 < width < writer.widest for width in writer.widths[top:]):
        _square(target, writer, top, limits, taken)
    return tuple(writer.findings())


class _GridWriter:
    """Makes lines of rows, and remembers how wide each one became."""

    def __init__(self) -> None:
        self.widths = array("H")
        self.widest = 0
        self.leftmost = 1 << 14
        self.waiting = 0
        self._own_widths: Counter[int] = Counter()
        self._lines: list[str] = []
        self._breaks = LineBreaks()
        self._hollow: list[int] = []
        self._hollow_cells = 0

    def add(self, number: int, cells: dict[int, str], hollow: list[int]) -> None:
        if hollow:
            self._hollow_cells += len(hollow)
            if len(self._hollow) < 10:
                self._hollow.append(number)
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
        self.waiting += len(line)

    def _cell(self, text: str, row: int) -> str:
        if "\n" in text or "\r" in text:
            text = self._breaks.replace(text, row)
        if '"' in text or "," in text:
            text = '"' + text.replace('"', '""') + '"'
        return text

    def take(self) -> bytes:
        """Return the lines that were not yet taken."""
        lines = "".join(self._lines).encode(errors="replace")
        self._lines.clear()
        self.waiting = 0
        return lines

    def top(self) -> int:
        """Return the place of the first row more than half as wide as most: a title above the table is narrower."""
        usual = max(self._own_widths, key=lambda width: (self._own_widths[width], width))
        least = self.leftmost + (usual - self.leftmost) / 2
        return next(place for place, width in enumerate(self.widths) if width > least)

    def findings(self) -> Iterator[Finding]:
        yield from self._breaks.findings()
        if self._hollow_cells:
            yield legacy_finding(
                "formula-without-value",
                Severity.WARNING,
                "Formulas whose value the workbook does not hold were read as empty",
                "The program that wrote it did not calculate them. Open it in Excel, save it, and choose it again.",
                rows=tuple(self._hollow),
                count=self._hollow_cells,
            )


def _square(path: Path, writer: _GridWriter, top: int, limits: Limits, taken: int) -> None:
    """Write the file anew, with rows of one width from the top of the table on, and without the columns left of it."""
    draft = path.with_name(f"{path.name}.draft")
    with path.open("rb") as lines, LimitedFile(draft, limits) as out:
        block: list[bytes] = []
        size = 0
        for place, (line, width) in enumerate(zip(lines, writer.widths, strict=True)):
            if width:
                missing = writer.widest - width if place >= top else 0
                line = line[writer.leftmost : -1] + b"," * missing + b"\n"
            block.append(line)
            size += len(line)
            if size >= _FLUSH:
                out.write(b"".join(block), taken)
                block.clear()
                size = 0
        out.write(b"".join(block), taken)
    draft.replace(path)
