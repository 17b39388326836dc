"""Line breaks within cells: they become spaces, so that line n of the text is row n of the user's table."""

import re
from collections.abc import Iterable

from core.findings.model import Finding, Severity, legacy_finding

LINE_BREAK = r"\r\n|[\r\n]"
_LINE_BREAK = re.compile(LINE_BREAK)


class LineBreaks:
    """Replaces them, and counts the cells that held one."""

    def __init__(self) -> None:
        self._cells = 0
        self._rows: list[int] = []

    def replace_in_name(self, name: str) -> str:
        """Return the name of a column on one line; nothing is said about it, as no value changes."""
        return _LINE_BREAK.sub(" ", name)

    def replace(self, text: str, row: int) -> str:
        """Return the text of a cell of this row on one line."""
        self.count_rows((row,))
        return _LINE_BREAK.sub(" ", text)

    def count_rows(self, rows: Iterable[int]) -> None:
        """Count a cell for each of these rows."""
        for row in rows:
            self._cells += 1
            if len(self._rows) < 10 and int(row) not in self._rows:
                self._rows.append(int(row))

    def findings(self) -> tuple[Finding, ...]:
        """Return what is said about them, if there were any."""
        if not self._cells:
            return ()
        return (
            legacy_finding(
                "line-breaks-in-cells",
                Severity.INFO,
                "Line breaks within cells became spaces",
                rows=tuple(sorted(self._rows)),
                count=self._cells,
            ),
        )
