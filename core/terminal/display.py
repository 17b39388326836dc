"""Terminal output of the command line: a progress bar, a progress file, and text tables."""

import json
import math
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from core.errors.command_line import LogNotWritable
from core.text.escape import plain_text

BAR = 24
SECONDS_BETWEEN_DRAWS = 0.1


class Display:
    """A context manager that shows progress: a bar if `terminal` is one, and JSON lines in the file `log`.

    Each line is flushed, so another program can follow it, and has `time` (UTC) and `kind`: `step` with `done`, `total` and
    `text`; `metric` with `name`, `step` and `value`; at the end `finished` or `failed` with a `text`.
    """

    def __init__(self, log: Path | None = None, terminal: TextIO | None = None) -> None:
        self._terminal = sys.stderr if terminal is None else terminal
        try:
            self._log = None if log is None else log.open("w", encoding="utf-8", buffering=1)
        except OSError as error:
            raise LogNotWritable(path=str(log), reason=error.strerror or "unknown") from error
        self._drawn = 0.0
        self._measures: dict[str, float] = {}

    def step(self, done: int, total: int, text: str) -> None:
        """Write one line and draw the bar."""
        self._write("step", done=done, total=total, text=text)
        now = time.monotonic()
        if self._terminal.isatty() and (done >= total or now - self._drawn >= SECONDS_BETWEEN_DRAWS):
            self._drawn = now
            filled = BAR * min(done, total) // total if total else BAR
            measures = "".join(f"  {name} {value:.4g}" for name, value in self._measures.items())
            line = f"{'━' * filled}{'─' * (BAR - filled)} {done}/{total}  {text}{measures}"
            self._redraw(line[: shutil.get_terminal_size().columns - 1])

    def metric(self, name: str, step: int, value: float) -> None:
        """Write one line, with null for a non-finite value; the bar shows the newest value of each metric."""
        self._write("metric", name=name, step=step, value=value if math.isfinite(value) else None)
        self._measures[name] = value

    def __enter__(self) -> "Display":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("finished" if kind is None else "failed", text="" if error is None else str(error))
        if self._log is not None:
            self._log.close()
        if self._terminal.isatty():
            self._redraw("")

    def _write(self, kind: str, **fields: object) -> None:
        if self._log is not None:
            stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._log.write(json.dumps({"time": stamp, "kind": kind, **fields}, ensure_ascii=False) + "\n")

    def _redraw(self, line: str) -> None:
        self._terminal.write(f"\r\x1b[K{line}")
        self._terminal.flush()


def render_table(header: Sequence[str], rows: Sequence[Sequence[object]], words: int = 1) -> str:
    """Return a text table: `words` left-aligned columns, then numbers with three significant digits.

    Examples
    --------
    >>> print(render_table(["name", "mean"], [["close", 1234.5678], ["vix", None]]))
    name    mean
    close  1,235
    vix        –
    """
    cells = [list(header), *([render_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def render_cell(value: object) -> str:
    r"""Return a value as text: integers with separators, floats with three significant digits, text on one line.

    Examples
    --------
    >>> [render_cell(value) for value in (1234567, 0.012345, 1.5e-9, "a\tb", None)]
    ['1,234,567', '0.0123', '1.5e-09', 'a b', '–']
    """
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if 100 <= abs(value) < 1e9 else f"{value:.3g}"
    return plain_text(str(value), most=32)
