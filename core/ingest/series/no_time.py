"""Errors for files without a time column, with a cell that may be meant as a date."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc

from core.errors.model import PlumblineError
from core.errors.series import (
    InvalidDates,
    MixedDateFormats,
    NoDates,
    TransposedTable,
    UnreadableDates,
    WrongDayOrder,
)
from core.ingest.values.infer import InferredColumn
from core.ingest.values.notation import is_date_like
from core.ingest.values.timecodes import is_time_name
from core.text.escape import plain_text

# A year, or two short numbers, as of a day and a month.
_MEANS_DATE = re.compile(r"\b(?:19|20)\d\d|\b\d{1,2}[-./]\d{1,2}\b")


def explain_no_time(
    names: Sequence[str],
    columns: Sequence[InferredColumn],
    lines: np.ndarray,
    text_columns: Sequence[int],
    day_first: bool | None,
) -> PlumblineError:
    """Return the error that explains why no column holds times.

    Parameters
    ----------
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    text_columns
        The positions of the columns of text, at least one.
    day_first
        The order of day and month that the settings give.
    """
    for position in text_columns:
        name, column = names[position], columns[position]
        row, cell = first_text(column)
        if not _MEANS_DATE.search(cell):
            continue
        if (valid := _find_valid_date(column)) is not None:
            return _explain_dates(name, column, lines, valid, day_first)
        if is_time_name(name) or position == 0:
            return UnreadableDates(column=name, cell=cell, line=int(lines[row]))
    date_names = [name for name in names if is_date_like(name) or re.fullmatch(r"(?:19|20)\d\d", name)]
    if len(date_names) > max(2, len(names) // 2):
        return TransposedTable(example=date_names[0])
    return NoDates(column=names[text_columns[0]])


def _explain_dates(
    name: str, column: InferredColumn, lines: np.ndarray, valid: int, day_first: bool | None
) -> PlumblineError:
    """Return the error for a column in which some cells are dates, and too many are not.

    `valid` is the position of a date.
    """
    invalid = int(column.nonconforming[0])
    good, bad = _cell(column, valid), _cell(column, invalid)
    line = int(lines[invalid])
    if re.sub(r"\d", "9", good) != re.sub(r"\d", "9", bad):
        return MixedDateFormats(column=name, cell=good, line=int(lines[valid]), other_cell=bad, other_line=line)
    if day_first is not None:
        return WrongDayOrder(column=name, day_first=day_first, cell=bad, line=line)
    return InvalidDates(column=name, cell=bad, line=line)


def first_text(column: InferredColumn) -> tuple[int, str]:
    """Return the position and the text of the first non-missing cell of a text column.

    The text is cut to 40 characters.
    """
    row = int(np.argmax(pc.is_valid(column.values).to_numpy(zero_copy_only=False)))
    return row, _cell(column, row)


def _find_valid_date(column: InferredColumn) -> int | None:
    """Return the position of a date in a text column, or None."""
    if not len(column.nonconforming):
        return None
    fits = pc.is_valid(column.values).to_numpy(zero_copy_only=False).copy()
    fits[column.nonconforming] = False
    return int(np.argmax(fits)) if fits.any() and is_date_like(_cell(column, int(np.argmax(fits)))) else None


def _cell(column: InferredColumn, row: int) -> str:
    return plain_text(column.values[row].as_py() or "", most=40)
