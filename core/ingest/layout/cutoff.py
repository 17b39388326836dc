"""Detection of a text that ends in the middle of its last line."""

import re

from core.findings.ingest.reading import CutOff
from core.findings.model import Finding

_MIN_LINES = 5
_DECIMALS = re.compile(r"[.,](\d+)$")


def check_cutoff(ending: str, last_line: int, delimiter: str) -> list[Finding]:
    r"""Return a finding if the last line of a file seems to be incomplete.

    Such a line has no line end, and either fewer decimals than all others, or fewer cells but the beginning of a complete line.

    Parameters
    ----------
    ending
        The last lines of the file. The first of them may be incomplete and is ignored.
    last_line
        The number of the last line, from 1.
    delimiter
        The character that separates cells.

    Examples
    --------
    >>> rows = "".join(f"2024-01-0{day},10.25\n" for day in range(1, 8))
    >>> [len(check_cutoff(rows + last, 8, ",")) for last in ("2024-01-08,10.2", "2024-01", "2024-01-08,10.75", "")]
    [1, 1, 0, 0]
    """
    *lines, last = ending.split("\n")
    lines = [line for line in lines[1:] if line.strip()]
    if not last.strip() or len(lines) < _MIN_LINES:
        return []
    decimals = {_decimals(line, delimiter) for line in lines}
    fewest_delimiters = min(line.count(delimiter) for line in lines)
    is_shorter_number = (
        len(decimals) == 1 and _decimals(last, delimiter) < min(decimals) and last.count(delimiter) == fewest_delimiters
    )
    is_partial_line = last.count(delimiter) < fewest_delimiters and _shape(lines[-1]).startswith(_shape(last))
    if not is_shorter_number and not is_partial_line:
        return []
    return [CutOff(text=last[-40:], line=last_line)]


def _decimals(line: str, delimiter: str) -> int:
    """Return how many decimals the last cell of a line has."""
    found = _DECIMALS.search(line.rpartition(delimiter)[2].rstrip())
    return len(found[1]) if found else 0


def _shape(line: str) -> str:
    """Return the line with each digit replaced by 9 and each letter by a."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", line))
