"""Why no column of a file tells the time, with a cell that may be meant for a date, and its line."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc

from core.errors.model import DataError, RecipeError
from core.ingest.values.infer import Judged
from core.ingest.values.notation import is_date_like
from core.ingest.values.timecodes import names_time
from core.text.escape import plain_text

ROW_NUMBER = "row number"

# A year, or two short numbers as of a day and a month.
_MEANS_DATE = re.compile(r"\b(?:19|20)\d\d|\b\d{1,2}[-./]\d{1,2}\b")
_COUNT = f'If the rows stand in the order of time, at equal steps, set ingest.time_column to "{ROW_NUMBER}".'


def explain_no_time(
    names: Sequence[str], columns: Sequence[Judged], lines: np.ndarray, words: Sequence[int], day_first: bool | None
) -> DataError | RecipeError:
    """Return why none of the columns of text, at the places `words`, tells the time; `lines` are those of the rows."""
    for place in words:
        name, column = names[place], columns[place]
        at, cell = first_text(column)
        if not _MEANS_DATE.search(cell):
            continue
        if (other := _one_like_others(column)) is not None:
            return _explain_dates(name, column, lines, (other, int(column.strangers[0])), day_first)
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


def _explain_dates(
    name: str, column: Judged, lines: np.ndarray, places: tuple[int, int], day_first: bool | None
) -> DataError | RecipeError:
    """Return why a column of dates cannot be read; of the cells at `places` the first is a time by its rule, the second is none."""
    good, bad = (_cell(column, place) for place in places)
    shown, stranger = (f"{cell!r} in line {lines[place]:,}" for cell, place in zip((good, bad), places, strict=True))
    if re.sub(r"\d", "9", good) != re.sub(r"\d", "9", bad):
        return DataError(
            f"The dates in {name!r} are not written alike: {shown}, {stranger}.",
            "Write them in one way, such as 2024-01-31, or name another time column.",
        )
    if day_first is not None:
        return RecipeError(
            f"Read {'day' if day_first else 'month'} first, many dates in {name!r} are no days of the calendar: {stranger}.",
            "Leave ingest.day_first empty, or set it the other way.",
        )
    return DataError(
        f"Many dates in {name!r} are no days of the calendar: {stranger}.", "Mend them, or name another time column."
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
