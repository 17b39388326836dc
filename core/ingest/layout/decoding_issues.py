"""Lines whose bytes were assumed to be letters, or replaced, and the findings about them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from core.findings.ingest.reading import EncodingAssumed, NulBytes, NulBytesAtEnd, UndecodableBytes
from core.findings.model import MOST_ROWS, Finding, first_rows


@dataclass
class LineCount:
    """Lines with the same issue: how many there are, and the numbers of the first ten."""

    count: int = 0
    first: tuple[int, ...] = ()

    def add(self, lines: np.ndarray) -> None:
        """Count more lines.

        `lines` are their numbers in the file, shape (n,), integers, all greater than those counted before.
        """
        self.count += len(lines)
        if len(self.first) < MOST_ROWS:
            self.first += first_rows(lines[: MOST_ROWS - len(self.first)])


@dataclass(kw_only=True)
class DecodingIssues:
    """What went wrong when a text was decoded.

    `assumed` are lines with letters that no encoding proves, `undecodable` those with the replacement character, `nul` those
    with NUL bytes. The file itself may contain the replacement character: `were_replaced` is whether decoding inserted any.
    """

    assumed: LineCount = field(default_factory=LineCount)
    undecodable: LineCount = field(default_factory=LineCount)
    were_replaced: bool = False
    nul: LineCount = field(default_factory=LineCount)
    nul_at_end: int = 0


def check_decoding(issues: DecodingIssues, encoding: str, is_assumed: bool) -> Iterator[Finding]:
    """Yield findings on what was assumed or replaced in a text.

    Parameters
    ----------
    issues
        What was recorded while the text was decoded.
    encoding
        The encoding it was decoded from.
    is_assumed
        Whether no byte-order mark and no setting names the encoding, and the bytes do not prove it.
    """
    if is_assumed and encoding.startswith(("utf-16", "utf-32")):
        yield EncodingAssumed(encoding=encoding)
    elif is_assumed:
        yield EncodingAssumed(encoding=encoding, rows=issues.assumed.first, count=issues.assumed.count)
    if issues.were_replaced and issues.undecodable.count:
        yield UndecodableBytes(encoding=encoding, rows=issues.undecodable.first, count=issues.undecodable.count)
    if issues.nul.count:
        yield NulBytes(rows=issues.nul.first, count=issues.nul.count)
    if issues.nul_at_end:
        yield NulBytesAtEnd(number=issues.nul_at_end)
