"""What was assumed or replaced in the text of a file, line by line, and what is said about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from core.findings.model import Finding, Severity, first_rows, legacy_finding
from core.text.format import format_count


@dataclass
class LineCount:
    """Lines that share a fault: how many there are, and the first ten of them."""

    count: int = 0
    first: tuple[int, ...] = ()

    def add(self, lines: np.ndarray) -> None:
        """Count these lines too; they stand below all that were counted before."""
        self.count += len(lines)
        if len(self.first) < 10:
            self.first += first_rows(lines[: 10 - len(self.first)])


@dataclass(kw_only=True)
class TextFaults:
    """Lines with letters that no encoding proves, with bytes that are no letters, and with NUL bytes."""

    odd: LineCount = field(default_factory=LineCount)
    undecodable: LineCount = field(default_factory=LineCount)
    were_replaced: bool = False
    nul: LineCount = field(default_factory=LineCount)
    nul_at_end: int = 0


def say_faults(faults: TextFaults, encoding: str, is_assumed: bool) -> Iterator[Finding]:
    """Yield what was assumed or replaced in a file that was read in this encoding."""
    if is_assumed and encoding.startswith(("utf-16", "utf-32")):
        yield legacy_finding(
            "encoding-assumed",
            Severity.INFO,
            f"Read as {encoding.upper()} without a byte-order mark",
            "NUL bytes stand where this encoding has them.",
        )
    elif is_assumed:
        yield legacy_finding(
            "encoding-assumed",
            Severity.WARNING,
            "Bytes that are not UTF-8 were read as Windows-1252",
            "The file names no encoding. If letters look wrong in these lines, name the encoding; no row was lost.",
            rows=faults.odd.first,
            count=faults.odd.count,
        )
    # A file may hold the sign itself: only where bytes were replaced is it told.
    if faults.were_replaced and faults.undecodable.count:
        yield legacy_finding(
            "undecodable-bytes",
            Severity.WARNING,
            f"Some bytes are not {encoding}",
            "They stand as the sign \ufffd; a number that holds one is listed as unparseable. No row was lost.",
            rows=faults.undecodable.first,
            count=faults.undecodable.count,
        )
    if faults.nul.count:
        yield legacy_finding(
            "nul-bytes",
            Severity.WARNING,
            "The file holds NUL bytes",
            "They stand as the sign \ufffd; a number that holds one is listed as unparseable, never shortened.",
            rows=faults.nul.first,
            count=faults.nul.count,
        )
    if faults.nul_at_end:
        yield legacy_finding(
            "nul-bytes-at-end",
            Severity.WARNING,
            f"{format_count(faults.nul_at_end, 'NUL byte')} at the end of the file left out",
            "They are no text. A program that was broken off while it wrote leaves them: the last rows may be missing.",
        )
