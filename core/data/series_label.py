"""Names of series that are identified by a number or a time."""

import numpy as np


def series_label(value: object) -> str:
    """Return the name of a series that is identified by a number or a time.

    Examples
    --------
    >>> series_label(np.float64(10001)), series_label(np.datetime64("2024-01-31T00:00:00", "us"))
    ('10001', '2024-01-31')
    """
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[us]")).removesuffix(".000000").removesuffix("T00:00:00").replace("T", " ")
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else str(value)
