"""Train, validation and test: three eras cut by time before anything is learned."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd

from core.errors.model import RecipeError
from core.recipe.model import SplitSettings

MIN_STAMPS = 2


class Era(IntEnum):
    """A span of time with one use: models learn from train, choices are made on validation, test is sealed."""

    TRAIN = 0
    VALIDATION = 1
    TEST = 2


@dataclass(frozen=True, kw_only=True)
class Eras:
    """The cuts as ISO time stamps. `validation_from` and `test_from` are the first stamps of their eras.

    `rows` counts the rows of train, validation and test; `embargo` is the number of rows that are left out after each
    cut when samples are made.
    """

    start: str
    validation_from: str
    test_from: str
    end: str
    embargo: int
    rows: tuple[int, int, int]

    def label(self, times: pd.Series | np.ndarray) -> np.ndarray:
        """Return the `Era` of each time stamp as int8, judged by time alone: a later stamp than any known is test.

        Examples
        --------
        >>> days = pd.Series(pd.date_range("2024-01-01", periods=10))
        >>> cut_eras(days, SplitSettings(train=0.6, validation=0.2, test=0.2)).label(days).tolist()
        [0, 0, 0, 0, 0, 0, 1, 1, 2, 2]
        """
        cuts = np.array([self.validation_from, self.test_from], dtype="datetime64[us]")
        return np.searchsorted(cuts, _as_stamps(times), side="right").astype(np.int8)


def cut_eras(times: pd.Series | np.ndarray, settings: SplitSettings) -> Eras:
    """Return the eras of these time stamps; all rows of one stamp, whatever their series, fall on one side of a cut.

    Shares are of the distinct time stamps. Raises `RecipeError` when cut dates cannot be read or are out of order, and
    when an era would hold fewer than two stamps.
    """
    times = _as_stamps(times)
    stamps = distinct_stamps(times)
    if settings.validation_from is not None and settings.test_from is not None:
        cuts = [_read_cut("validation_from", settings.validation_from), _read_cut("test_from", settings.test_from)]
        if cuts[0] >= cuts[1]:
            raise RecipeError(
                f"split.validation_from, {settings.validation_from}, is not before split.test_from, {settings.test_from}.",
                "Give the dates in the order of time.",
            )
        first, second = (int(np.searchsorted(stamps, cut, side="left")) for cut in cuts)
    else:
        first = round(settings.train * len(stamps))
        second = round((settings.train + settings.validation) * len(stamps))
    sizes = (first, second - first, len(stamps) - second)
    for era, size in zip(Era, sizes, strict=True):
        if size < MIN_STAMPS:
            raise RecipeError(
                f"The {era.name.lower()} era would hold {size} of {len(stamps)} distinct time stamps; "
                f"it needs at least {MIN_STAMPS}.",
                "Change the split, or use more data.",
            )
    ends = [np.count_nonzero(times < stamps[place]) for place in (first, second)] + [np.count_nonzero(~np.isnat(times))]
    rows = tuple(np.diff(ends, prepend=0).tolist())
    start, validation_from, test_from, end = (str(stamps[place]) for place in (0, first, second, -1))
    return Eras(
        start=start, validation_from=validation_from, test_from=test_from, end=end, embargo=settings.embargo, rows=rows
    )


def distinct_stamps(times: np.ndarray) -> np.ndarray:
    """Return the distinct times in their order; those of rows in order of time are found without sorting.

    Examples
    --------
    >>> distinct_stamps(np.array(["2024-01-02", "NaT", "2024-01-01", "2024-01-02"], dtype="datetime64[D]")).tolist()
    [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]
    """
    if not (times[1:] >= times[:-1]).all() or np.isnat(times[:1]).any():
        return np.sort(pd.unique(times[~np.isnat(times)]))
    new = np.r_[True, times[1:] > times[:-1]][: len(times)]
    return times if new.all() else times[new]


def leave_uncut(times: pd.Series | np.ndarray) -> Eras:
    """Return eras that leave every row in train: for looking at data that are too short to be cut."""
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
        raise RecipeError(f"split.{field} is {text!r}, which is not a date.", "Write it as 2024-12-31.") from error
    if cut is pd.NaT:
        raise RecipeError(f"split.{field} is {text!r}, which is not a date.", "Write it as 2024-12-31.")
    if cut.tzinfo is not None:
        cut = cut.tz_convert(None)
    return cut.as_unit("us").to_datetime64()
