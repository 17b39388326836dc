"""A sample of train rows on which many pairs of columns are compared: whole stretches, so neighbours stay together."""

from dataclasses import dataclass

import numpy as np

RELATION_ROWS = 2_000
_STRETCHES = 4


def choose_stretches(rows: int) -> np.ndarray:
    """Return at most 2,000 of `rows` row numbers, int64, sorted: all, or four evenly spaced stretches.

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
    """Columns over the same sampled train rows, sorted by name.

    `levels` and `changes`, float32, shape (columns, rows), are standardised within each series; NaN is missing. `changes`
    are those of differenced columns (`differenced`, bool, shape (columns,)), and the levels of others. The sample was taken from
    `train_rows` rows.
    """

    names: tuple[str, ...]
    levels: np.ndarray
    changes: np.ndarray
    differenced: np.ndarray
    train_rows: int


class SampledColumns:
    """Collects columns one by one, the same sampled train rows of each.

    `train_first` marks the first row of each series, bool, shape (train rows,).
    """

    def __init__(self, train_first: np.ndarray) -> None:
        self._train_rows = len(train_first)
        self._places = choose_stretches(self._train_rows)
        self._begins = train_first[self._places]
        self._series = np.cumsum(train_first)[self._places]
        self._collected: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}

    def add(self, name: str, train_values: np.ndarray, differenced: bool) -> None:
        """Add a column.

        Parameters
        ----------
        name
            Its name.
        train_values
            All its train values, shape (train rows,); NaN marks bad cells.
        differenced
            Whether its changes are compared as well.
        """
        levels = train_values[self._places]
        changes = None
        if differenced:
            # The row before a stretch is used too, so its first row has a change.
            with np.errstate(over="ignore", invalid="ignore"):
                changes = levels - train_values[np.maximum(self._places - 1, 0)]
            changes[self._begins | np.isinf(changes)] = np.nan
            changes = scale_within(changes, self._series).astype(np.float32)
        # Single precision halves the memory of thousands of columns, and suffices for standardised values.
        self._collected[name] = scale_within(levels, self._series).astype(np.float32), changes

    def gather(self) -> PairedSample:
        """Return the columns added so far, sorted by name, so their order in the file has no effect."""
        names = sorted(self._collected)
        levels = np.array([self._collected[name][0] for name in names]).reshape(len(names), len(self._places))
        changes = levels.copy()
        # Differenced columns have no change in the first row of a series: it is left out of all, so all have the same rows.
        changes[:, self._begins] = np.nan
        differenced = np.zeros(len(names), dtype=bool)
        for place, name in enumerate(names):
            of_name = self._collected[name][1]
            if of_name is not None:
                differenced[place], changes[place] = True, of_name
        return PairedSample(
            names=tuple(names), levels=levels, changes=changes, differenced=differenced, train_rows=self._train_rows
        )


def scale_within(values: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Return values standardised within each series, float64, shape (rows,); NaN for a series that does not vary.

    `series` is the ascending number of each row's series, int64, shape (rows,).

    Examples
    --------
    >>> scale_within(np.array([1.0, 3.0, 500.0, 700.0, 7.0]), np.array([1, 1, 2, 2, 3]))
    array([-1.,  1., -1.,  1., nan])
    """
    valid = ~np.isnan(values)
    if not valid.any():
        return values
    values = values / (float(np.abs(values[valid]).max()) or 1.0)
    number = series - series[0]
    of_valid, numbers = number[valid], values[valid]
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.bincount(of_valid, minlength=number[-1] + 1)
        deviation = values - (np.bincount(of_valid, numbers, len(count)) / count)[number]
        std = np.sqrt(np.bincount(of_valid, deviation[valid] ** 2, len(count)) / count)
        return deviation / np.where(std > 1e-14, std, np.nan)[number]
