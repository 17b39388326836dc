"""Grades of how much the beginning of a sheet looks like a table.

Many workbooks begin with a sheet of notes.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from core.errors.model import DataError
from core.ingest.layout.dialect import find_dialect
from core.ingest.layout.quotes import split_line
from core.ingest.values.notation import look_of

BEST = 2
_ROWS = 200
_MOSTLY = 0.8


def grade_sheet(text: bytes) -> int:
    r"""Return 2 for a table with columns of dates and numbers, 1 without dates, else 0.

    Examples
    --------
    >>> grade_sheet(b"day,x\n2024-01-02,1\n2024-01-03,2\n"), grade_sheet(b"firm,x\nA,1\nB,2\n"), grade_sheet(b"Notes\nof ours\n")
    (2, 1, 0)
    """
    try:
        first = find_dialect(text, ",").first_data_line
    except DataError:
        return 0
    lines = text.decode().split("\n")[first - 1 :][:_ROWS]
    rows = [split_line(line, ",") for line in lines if line.strip(", ")]
    looks = [_look_of_column(column) for column in zip_longest(*rows, fillvalue="")]
    if len(rows) < 2 or "n" not in looks or len(looks) < 2:
        return 0
    return BEST if "d" in looks else 1


def _look_of_column(cells: Sequence[str]) -> str:
    looks = Counter(look for cell in cells if (look := look_of(cell)))
    common, count = looks.most_common(1)[0] if looks else ("", 0)
    return common if count >= max(2, _MOSTLY * looks.total()) else ""
