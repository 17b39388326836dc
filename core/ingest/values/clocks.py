"""The time of day in a column of its own, beside a date column."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import Kind
from core.ingest.values.infer import InferredColumn
from core.ingest.values.times import read_times

_NAME = re.compile(r"time|zeit|hora|heure|uhr|clock")
_CLOCK = r"^\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\s?[AaPp][Mm])?\s*$"


def read_clock(name: str, column: InferredColumn) -> np.ndarray | None:
    """Return the time since midnight, shape (rows,), timedelta64[us], or None.

    09:30 is always read. Digits only, such as 0930 or 93000, are read if the column is named after time.

    Examples
    --------
    >>> read_clock("<TIME>", InferredColumn(kind=Kind.TEXT, data=pa.array(["090000", "153000"]))).astype("timedelta64[m]").tolist()
    [datetime.timedelta(seconds=32400), datetime.timedelta(seconds=55800)]
    """
    values = column.values
    if not isinstance(values, np.ndarray):
        if values.null_count:
            return None
        if pc.all(pc.match_substring_regex(values, _CLOCK)).as_py():
            stamps = read_times(pc.binary_join_element_wise("1970-01-01", pc.utf8_trim_whitespace(values), " ")).values
            return None if np.isnat(stamps).any() else (stamps - np.datetime64(0, "us")).astype("timedelta64[us]")
        if not pc.all(pc.match_substring_regex(values, "^(?:[0-9]{4}|[0-9]{6})$")).as_py():
            return None
        values = pc.cast(values, pa.int64()).to_numpy()
    elif column.kind != Kind.INTEGER or np.isnan(values).any():
        return None
    return _from_digits(values.astype(np.int64)) if _NAME.search(name.lower()) else None


def _from_digits(numbers: np.ndarray) -> np.ndarray | None:
    """Return the times of day from HHMM, or from HHMMSS if any number is above 2359."""
    clock = numbers if numbers.max() > 2359 else numbers * 100
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    if clock.min() < 0 or (hour > 23).any() or (minute > 59).any() or (second > 59).any():
        return None
    return ((hour * 60 + minute) * 60 + second).astype("timedelta64[s]").astype("timedelta64[us]")
