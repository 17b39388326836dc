"""The train rows on which pairs of columns are compared where all of them would take too long: whole stretches."""

from dataclasses import dataclass

import numpy as np

RELATION_ROWS = 2_000
_STRETCHES = 4


def choose_stretches(rows: int) -> np.ndarray:
    """Return the places of at most 2,000 of so many rows: all, or four stretches evenly apart, so that neighbours stay together.

    Examples
    --------
    >>> len(choose_stretches(100)), len(choose_stretches(1_000_000))
    (100, 2000)
    """
    if rows <= RELATION_ROWS:
        return np.arange(rows)
    length = RELATION_ROWS // _STRETCHES
    starts = np.linspace(0, rows - length, _STRETCHES).astype(np.int64)
    return (starts[:, None] + np.arange(length)).ravel()


@dataclass(frozen=True, eq=False, kw_only=True)
class PairedSample:
    """Columns over the same sampled train rows, a row a column in order of name: as levels, and as changes where they drift.

    Each is in units of its own spread around its own mean, of each series apart; NaN is a gap. `train_rows` counts the rows
    that the sample was taken from.
    """

    names: tuple[str, ...]
    levels: np.ndarray
    changes: np.ndarray
    drifts: np.ndarray
    train_rows: int


class SampledColumns:
    """Columns gathered one by one, of each the same sampled train rows; `train_first` marks where a series begins."""

    def __init__(self, train_first: np.ndarray) -> None:
        self._train_rows = len(train_first)
        self._places = choose_stretches(self._train_rows)
        self._begins = train_first[self._places]
        self._series = np.cumsum(train_first)[self._places]
        self._gathered: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}

    def add(self, name: str, train_values: np.ndarray, drifts: bool) -> None:
        """Add a column with all its train values, NaN for a bad one."""
        levels = train_values[self._places]
        changes = None
        if drifts:
            # The row before a stretch is looked up too: its first row has a change like any other.
            with np.errstate(over="ignore", invalid="ignore"):
                changes = levels - train_values[np.maximum(self._places - 1, 0)]
            changes[self._begins | np.isinf(changes)] = np.nan
            changes = scale_within(changes, self._series).astype(np.float32)
        # Single precision halves the memory of thousands of columns; what is correlated is about the size of one.
        self._gathered[name] = scale_within(levels, self._series).astype(np.float32), changes

    def gather(self) -> PairedSample:
        """Return the columns gathered so far, in order of their names, so that their order in the file changes nothing."""
        names = sorted(self._gathered)
        levels = np.array([self._gathered[name][0] for name in names]).reshape(len(names), len(self._places))
        drifts = np.array([self._gathered[name][1] is not None for name in names], dtype=bool)
        changes = levels.copy()
        # No column has a change where a series begins: that of one that does not drift is left out too, so that all have
        # the same rows.
        changes[:, self._begins] = np.nan
        for place in np.flatnonzero(drifts):
            changes[place] = self._gathered[names[place]][1]
        return PairedSample(
            names=tuple(names), levels=levels, changes=changes, drifts=drifts, train_rows=self._train_rows
        )


def scale_within(values: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Return values around the mean of their own series, in units of its spread; NaN for a series that does not vary.

    `series` numbers the series of each row, in ascending order.

    Examples
    --------
    >>> scale_within(np.array([1.0, 3.0, 500.0, 700.0, 7.0]), np.array([1, 1, 2, 2, 3]))
    array([-1.,  1., -1.,  1., nan])
    """
    good = ~np.isnan(values)
    if not good.any():
        return values
    values = values / (float(np.abs(values[good]).max()) or 1.0)
    place = series - series[0]
    of, held = place[good], values[good]
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.bincount(of, minlength=place[-1] + 1)
        away = values - (np.bincount(of, held, len(count)) / count)[place]
        size = np.sqrt(np.bincount(of, away[good] ** 2, len(count)) / count)
        return away / np.where(size > 1e-14, size, np.nan)[place]
