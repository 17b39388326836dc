"""Replacement of line breaks within cells by spaces.

Line n of the text is then row n of the user's table.
"""

import re
from collections.abc import Iterable

from core.findings.ingest.reading import LineBreaksInCells
from core.findings.model import MOST_ROWS, Finding

LINE_BREAK = r"\r\n|[\r\n]"
_LINE_BREAK = re.compile(LINE_BREAK)


class LineBreaks:
    """Replaces line breaks, and counts the cells with one."""

    def __init__(self) -> None:
        self._cells = 0
        self._rows: list[int] = []

    def replace_in_name(self, name: str) -> str:
        """Return the name of a column on one line; it is not counted, because no value changes."""
        return _LINE_BREAK.sub(" ", name)

    def replace(self, text: str, row: int) -> str:
        """Return the text of a cell of this row on one line."""
        self.count_rows((row,))
        return _LINE_BREAK.sub(" ", text)

    def count_rows(self, rows: Iterable[int]) -> None:
        """Count one cell in each of these rows."""
        for row in rows:
            self._cells += 1
            if len(self._rows) < MOST_ROWS and int(row) not in self._rows:
                self._rows.append(int(row))

    def check_cells(self) -> tuple[Finding, ...]:
        """Return a finding if there were any."""
        if not self._cells:
            return ()
        return (LineBreaksInCells(rows=tuple(sorted(self._rows)), count=self._cells),)
