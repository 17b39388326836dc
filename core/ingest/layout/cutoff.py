"""Whether a text breaks off in the middle of its last line, as one does that was not saved or loaded to its end."""

import re

from core.findings.model import Finding, Severity, legacy_finding
from core.text.escape import plain_text

_FEWEST = 5
_DECIMALS = re.compile(r"[.,](\d+)$")


def say_cutoff(ending: str, last_line: int, delimiter: str) -> list[Finding]:
    r"""Return a remark where the last of these lines, the last of the file, is a piece of one; `last_line` is its number.

    It has no line end, and ends in fewer decimals than all others, or in the middle of what the line above it holds.

    Examples
    --------
    >>> rows = "".join(f"2024-01-0{day},10.25\n" for day in range(1, 8))
    >>> [len(say_cutoff(rows + last, 8, ",")) for last in ("2024-01-08,10.2", "2024-01", "2024-01-08,10.75", "")]
    [1, 1, 0, 0]
    """
    *lines, last = ending.split("\n")
    lines = [line for line in lines[1:] if line.strip()]
    if not last.strip() or len(lines) < _FEWEST:
        return []
    decimals = {_decimals(line, delimiter) for line in lines}
    marks = {line.count(delimiter) for line in lines}
    shorter = len(decimals) == 1 and _decimals(last, delimiter) < min(decimals) and last.count(delimiter) == min(marks)
    broken = last.count(delimiter) < min(marks) and _shape(lines[-1]).startswith(_shape(last))
    if not shorter and not broken:
        return []
    shown = plain_text(last[-40:])
    return [
        legacy_finding(
            "cut-off",
            Severity.WARNING,
            "The file seems to be cut off in the middle of its last line",
            f"It ends with {shown!r}, without a line end, and the lines above are longer. Rows may be missing: get the file anew.",
            rows=(last_line,),
            count=1,
        )
    ]


def _decimals(line: str, delimiter: str) -> int:
    """Return how many decimals the last cell of a line has."""
    found = _DECIMALS.search(line.rpartition(delimiter)[2].rstrip())
    return len(found[1]) if found else 0


def _shape(line: str) -> str:
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", line))
