"""Training, validation and test era: the data split by time before anything is fitted."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors.data import EraTooShort, InvalidSplitDate, SplitDatesOutOfOrder

if TYPE_CHECKING:
    from core.recipe.model import SplitSettings

MIN_STAMPS = 2


class Era(IntEnum):
    """A period with one purpose: fit on train, select on validation, hold out test."""

    TRAIN = 0
    VALIDATION = 1
    TEST = 2


@dataclass(frozen=True, kw_only=True)
class Eras:
    """The split as ISO time stamps.

    `validation_from` and `test_from` are the first time stamps of their eras.

    `rows` are the numbers of rows of train, validation and test. `embargo` is the number of rows dropped after each cut when
    samples are made.
    """

    start: str
    validation_from: str
    test_from: str
    end: str
    embargo: int
    rows: tuple[int, int, int]

    def label(self, times: pd.Series | np.ndarray) -> np.ndarray:
        """Return the `Era` of each time stamp, shape (n,), int8.

        Time stamps after the end belong to test.

        Examples
        --------
        >>> from core.recipe.model import SplitSettings
        >>> days = pd.Series(pd.date_range("2024-01-01", periods=10))
        >>> cut_eras(days, SplitSettings(train=0.6, validation=0.2, test=0.2)).label(days).tolist()
        [0, 0, 0, 0, 0, 0, 1, 1, 2, 2]
        """
        cuts = np.array([self.validation_from, self.test_from], dtype="datetime64[us]")
        return np.searchsorted(cuts, _as_stamps(times), side="right").astype(np.int8)


def cut_eras(times: pd.Series | np.ndarray, settings: "SplitSettings") -> Eras:
    """Return the eras of these time stamps, shape (n,), datetime64.

    Rows with the same time stamp are in the same era.

    Shares are of the distinct time stamps. Raises `InvalidSplitDate`, `SplitDatesOutOfOrder`, or `EraTooShort` if an era has
    fewer than two time stamps.
    """
    times = _as_stamps(times)
    stamps = distinct_stamps(times)
    if settings.validation_from is not None and settings.test_from is not None:
        cuts = [_read_cut("validation_from", settings.validation_from), _read_cut("test_from", settings.test_from)]
        if cuts[0] >= cuts[1]:
            raise SplitDatesOutOfOrder(validation_from=settings.validation_from, test_from=settings.test_from)
        first, second = (int(np.searchsorted(stamps, cut, side="left")) for cut in cuts)
    else:
        first = round(settings.train * len(stamps))
        second = round((settings.train + settings.validation) * len(stamps))
    sizes = (first, second - first, len(stamps) - second)
    for era, size in zip(Era, sizes, strict=True):
        if size < MIN_STAMPS:
            raise EraTooShort(era=era.name.lower(), stamps=size, total=len(stamps), minimum=MIN_STAMPS)
    before_validation, before_test = (int(np.count_nonzero(times < stamps[cut])) for cut in (first, second))
    rows = (before_validation, before_test - before_validation, int(np.count_nonzero(~np.isnat(times))) - before_test)
    start, validation_from, test_from, end = (str(stamps[position]) for position in (0, first, second, -1))
    return Eras(
        start=start, validation_from=validation_from, test_from=test_from, end=end, embargo=settings.embargo, rows=rows
    )


def distinct_stamps(times: np.ndarray) -> np.ndarray:
    """Return the distinct times, shape (n,), datetime64, sorted and without NaT.

    Examples
    --------
    >>> distinct_stamps(np.array(["2024-01-02", "NaT", "2024-01-01", "2024-01-02"], dtype="datetime64[D]")).tolist()
    [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]
    """
    if not (times[1:] >= times[:-1]).all() or np.isnat(times[:1]).any():
        distinct: np.ndarray = pd.unique(times[~np.isnat(times)])
        return np.sort(distinct)
    new = np.r_[True, times[1:] > times[:-1]][: len(times)]
    return times if new.all() else times[new]


def leave_uncut(times: pd.Series | np.ndarray) -> Eras:
    """Return eras with every row in train, to explore data that are too short to split.

    `times`, shape (n,), is datetime64.
    """
    stamps = _as_stamps(times)
    stamps = stamps[~np.isnat(stamps)]
    after = str(stamps.max() + np.timedelta64(1, "us"))
    return Eras(
        start=str(stamps.min()),
        validation_from=after,
        test_from=after,
        end=str(stamps.max()),
        embargo=0,
        rows=(len(stamps), 0, 0),
    )


def _as_stamps(times: pd.Series | np.ndarray) -> np.ndarray:
    return np.asarray(times, dtype="datetime64[us]")


def _read_cut(field: str, text: str) -> np.datetime64:
    try:
        cut = pd.Timestamp(text)
    except ValueError as error:
        raise InvalidSplitDate(field=field, text=text) from error
    if cut is pd.NaT:
        raise InvalidSplitDate(field=field, text=text)
    if cut.tzinfo is not None:
        cut = cut.tz_convert(None)
    return np.datetime64(cut.as_unit("us").to_datetime64())
