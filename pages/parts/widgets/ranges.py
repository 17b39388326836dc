"""The slider that chooses a range of times."""

from datetime import datetime, timedelta

import numpy as np
import streamlit as st

from core.quality.views.over_time import Extent, find_extent

Span = tuple[np.datetime64, np.datetime64]


def choose(times: np.ndarray, key: str, is_counted: bool) -> Span | None:
    """Return the chosen range of sorted times, shape (n,) datetime64[us]; None if they are all equal."""
    extent = find_extent(times)
    return None if extent is None else choose_within(extent, key, is_counted)


def choose_within(extent: Extent, key: str, is_counted: bool) -> Span:
    """Return the chosen range within an extent.

    Parameters
    ----------
    extent
        The ends of the slider and its step.
    key
        The key of the widget; another series has other ends and needs another key.
    is_counted
        Whether times only count rows.
    """
    ends = _to_datetime(extent.first), _to_datetime(extent.last)
    first, last = st.slider(
        "Range",
        *ends,
        ends,
        step=timedelta(microseconds=extent.step / np.timedelta64(1, "us")),
        format="X" if is_counted else "YYYY-MM-DD" if extent.step >= np.timedelta64(1, "D") else "YYYY-MM-DD HH:mm",
        key=key,
        help="A range of at most 4,000 rows is drawn in full detail; of a longer one, some rows are left out.",
    )
    return np.datetime64(first, "us"), np.datetime64(last, "us")


def _to_datetime(stamp: np.datetime64) -> datetime:
    item = stamp.astype("datetime64[us]").item()
    assert isinstance(item, datetime)
    return item
