"""Intervals written as two times in one cell, such as `2024-03-04 00:00 - 2024-03-04 01:00`."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from core.ingest.values.notation import is_date_like

_FIRST = 20
_SPLIT = r"^(?P<start>.*?[0-9A-Za-z])\s*(?:\s(?:-|–|—|to|until|bis)\s|/|–|—)\s*(?P<end>[0-9].*)$"
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_PATTERN = re.compile(_SPLIT)


def interval_starts(text: pa.Array) -> pa.Array | None:
    """Return the text before the separator of each interval, or None if the first cells are not intervals.

    `text` has shape (rows,), with nulls for missing cells. A cell that is no interval is left as it is.

    Examples
    --------
    >>> interval_starts(pa.array(["2024-03-04 00:00 - 2024-03-04 01:00", "2024-03-04/2024-03-05"])).to_pylist()
    ['2024-03-04 00:00', '2024-03-04']
    >>> interval_starts(pa.array(["2024-03-04", "31/12/2024"])) is None
    True
    """
    first = text.drop_null().slice(0, _FIRST).to_pylist()
    intervals = sum(_is_interval(cell) for cell in first)
    if not intervals or intervals * 2 <= len(first):
        return None
    starts = pc.struct_field(pc.extract_regex(text, _SPLIT), "start")
    return pc.coalesce(starts, text)


def _is_interval(cell: str) -> bool:
    found = _PATTERN.match(cell.strip())
    if found is None or is_date_like(cell):
        return False
    start, end = found["start"].strip(), found["end"].strip()
    return is_date_like(start) and (is_date_like(end) or _CLOCK.fullmatch(end) is not None)
