"""Why no column of a file tells the time, with a cell that may be meant for a date, and its line."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc

from core.errors import DataError
from core.escaping import plain_text
from core.ingest.cells import is_date_like
from core.ingest.kinds import Judged
from core.ingest.timecodes import names_time

ROW_NUMBER = "row number"

# A year, or two short numbers as of a day and a month.
_MEANS_DATE = re.compile(r"\b(?:19|20)\d\d|\b\d{1,2}[-./]\d{1,2}\b")
_COUNT = f'If the rows stand in the order of time, at equal steps, set ingest.time_column to "{ROW_NUMBER}".'


def explain_no_time(
    names: Sequence[str], columns: Sequence[Judged], lines: np.ndarray, words: Sequence[int]
) -> DataError:
    """Return why none of the columns of text, at the places `words`, tells the time; `lines` are those of the rows."""
    for place in words:
        name, column = names[place], columns[place]
        at, cell = first_text(column)
        if not _MEANS_DATE.search(cell):
            continue
        if (other := _one_like_others(column)) is not None:
            shown = [f"{_cell(column, each)!r} in line {lines[each]:,}" for each in (other, int(column.strangers[0]))]
            return DataError(
                f"The dates in {name!r} are not written alike: {shown[0]}, {shown[1]}.",
                "Write them in one way, such as 2024-01-31, or name another time column.",
            )
        if names_time(name) or place == 0:
            return DataError(
                f"No column holds dates or times that can be read: {name!r} holds {cell!r} in line {lines[at]:,}.",
                f"Write dates as 2024-01-31, or name another time column. {_COUNT}",
            )
    sideways = [name for name in names if is_date_like(name) or re.fullmatch(r"(?:19|20)\d\d", name)]
    if len(sideways) > max(2, len(names) // 2):
        return DataError(
            f"The dates stand in the names of the columns, such as {sideways[0]!r}: this table lies on its side.",
            "Turn it, so that each date is a row and each name in its first column is a column. In a spreadsheet: Transpose.",
        )
    return DataError(
        f"No column holds dates or times; {names[words[0]]!r} holds text, so the rows look like a list of things, not a series.",
        f"Add a column of dates such as 2024-01-31, or name the time column. {_COUNT}",
    )


def first_text(column: Judged) -> tuple[int, str]:
    """Return the position and the text, cut short, of the first cell of a column of text that is not missing."""
    at = int(np.argmax(pc.is_valid(column.values).to_numpy(zero_copy_only=False)))
    return at, _cell(column, at)


def _one_like_others(column: Judged) -> int | None:
    """Return the position of a cell that is a time by the rule of its column, where other cells are none."""
    if not len(column.strangers):
        return None
    alike = pc.is_valid(column.values).to_numpy(zero_copy_only=False).copy()
    alike[column.strangers] = False
    return int(np.argmax(alike)) if alike.any() and is_date_like(_cell(column, int(np.argmax(alike)))) else None


def _cell(column: Judged, at: int) -> str:
    return plain_text(column.values[at].as_py() or "", most=40)
