"""Correlations of columns with gaps: Pearson's from sums over all rows, Spearman's on ranks of a sample."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.progress import ShouldStop, never_stop, require_going
from core.quality.numerics.blocks import Stretch
from core.quality.numerics.threads import in_threads

Matrix = tuple[tuple[float | None, ...], ...]

MOST_COLUMNS = 200
MOST_SAMPLE = 50_000
_CHUNK = 1_024
_LARGEST = np.finfo(np.float32).max
_RERANKED_CELLS = 20_000_000


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return Pearson's correlation over the places where both are good; 0 where it does not exist.

    Examples
    --------
    >>> correlation(np.array([1.0, 2.0, 3.0, np.nan]), np.array([2.0, 4.0, 6.0, 8.0]))
    1.0
    """
    both = ~(np.isnan(one) | np.isnan(other))
    if np.count_nonzero(both) < 3:
        return 0.0
    with np.errstate(all="ignore"):
        one, other = (_unit(values[both]) for values in (one, other))
        found = float((one * other).sum())
    return min(max(found, -1.0), 1.0) if np.isfinite(found) else 0.0


def _unit(values: np.ndarray) -> np.ndarray:
    """Return the values centred and with a sum of squares of one; NaN where they do not vary."""
    values = values / np.abs(values).max()
    values = values - values.mean()
    length = np.sqrt((values * values).sum())
    return values / (length if length > 1e-14 * np.sqrt(len(values)) else np.nan)


@dataclass(frozen=True, kw_only=True)
class CorrelationTables:
    """Correlations of the columns `names`, over all rows and over the train era; `sample` rows made Spearman's, None: all."""

    names: tuple[str, ...]
    pearson: Matrix
    spearman: Matrix
    pearson_train: Matrix
    sample: int | None


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """A column, with the mean and the standard deviation of its train rows, which is not 0."""

    name: str
    mean: float
    std: float


def correlate_columns(
    columns: Sequence[Scaled], train: np.ndarray, stretches: Iterable[Stretch], should_stop: ShouldStop = never_stop
) -> CorrelationTables:
    """Return the correlations of columns that come a stretch of rows at a time, so that memory does not follow the rows.

    `train` marks the train rows of all.
    """
    mean, std = (np.array([getattr(column, name) for column in columns])[:, None] for name in ("mean", "std"))
    taken = np.unique(np.linspace(0, len(train) - 1, min(len(train), MOST_SAMPLE)).round().astype(np.int64))
    sample = np.empty((len(columns), len(taken)))

    def sum_up(stretch: Stretch) -> tuple[PairSums, PairSums]:
        values, of_train = stretch.values(), train[stretch.begin : stretch.end]
        first, last = taken.searchsorted([stretch.begin, stretch.end])
        sample[:, first:last] = values[:, taken[first:last] - stretch.begin]
        sums = PairSums(len(columns)), PairSums(len(columns))
        for some, rows in zip(sums, (of_train, ~of_train), strict=True):
            for part in _cut(values if rows.all() else values[:, rows]):
                with np.errstate(over="ignore"):
                    some.add((part - mean) / std)
        return sums

    of_train, of_rest = PairSums(len(columns)), PairSums(len(columns))
    for more_train, more_rest in in_threads(sum_up, stretches):
        require_going(should_stop)
        of_train, of_rest = of_train.together(more_train), of_rest.together(more_rest)
    return CorrelationTables(
        names=tuple(column.name for column in columns),
        pearson=of_train.together(of_rest).pearson(),
        spearman=rank_correlations(sample),
        pearson_train=of_train.pearson(),
        sample=len(taken) if len(taken) < len(train) else None,
    )


def _cut(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the columns of a matrix some at a time, as a processor likes it."""
    for begin in range(0, values.shape[1], _CHUNK):
        yield values[:, begin : begin + _CHUNK]


class PairSums:
    """Sums over the rows in which both columns of a pair are good: all that Pearson's correlation needs.

    Values come as a matrix, one row a column of the table, of about the size of one; NaN is a bad one, and so is one whose powers
    would have no place in a number.
    """

    def __init__(self, columns: int) -> None:
        self._count, self._sum, self._square, self._product = np.zeros((4, columns, columns))

    def add(self, values: np.ndarray) -> None:
        """Add more rows."""
        good = np.abs(values) < _LARGEST
        if good.all():
            self._count += values.shape[1]
            self._sum += values.sum(axis=1)[:, None]
            self._square += np.vecdot(values, values)[:, None]
            self._product += values @ values.T
            return
        values = np.where(good, values, 0.0)
        good = good.astype(np.float64)
        self._count += good @ good.T
        self._sum += values @ good.T
        self._product += values @ values.T
        values *= values
        self._square += values @ good.T

    def together(self, other: "PairSums") -> "PairSums":
        """Return the sums over the rows of both."""
        both = PairSums(len(self._count))
        both._count, both._sum = self._count + other._count, self._sum + other._sum
        both._square, both._product = self._square + other._square, self._product + other._product
        return both

    def pearson(self) -> Matrix:
        """Return the correlations; None where a pair has fewer than three rows or one side does not vary in them."""
        return as_matrix(self.correlations())

    def correlations(self, fewest: int = 3) -> np.ndarray:
        """Return the correlations; NaN where a pair has fewer rows than `fewest` or one side does not vary in them."""
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = self._square - self._sum**2 / self._count
            spread[spread <= 1e-10 * self._square] = np.nan
            found = (self._product - self._sum * self._sum.T / self._count) / np.sqrt(spread * spread.T)
        found[self._count < fewest] = np.nan
        return found


def rank_correlations(values: np.ndarray) -> Matrix:
    """Return Spearman's correlations of the rows of a matrix, each pair over the cells in which both are good.

    Where gaps differ between two columns, the pair is ranked anew; only where that would take billions of steps (hundreds
    of long columns, each with gaps of its own) do the ranks within each column stand in for them.

    Examples
    --------
    >>> rank_correlations(np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 4.0, 9.0, 16.0]]))
    ((1.0, 1.0), (1.0, 1.0))
    """
    columns, rows = values.shape
    good = ~np.isnan(values)
    ranks, sums = np.empty(values.shape), PairSums(columns)

    def rank(place: int) -> None:
        # Between -1 and 1: the sums stay near the size of one.
        ranks[place] = _ranks(values[place]) * (2 / rows) - 1

    def sum_up(part: np.ndarray) -> PairSums:
        of_part = PairSums(columns)
        of_part.add(part)
        return of_part

    for _ in in_threads(rank, range(columns)):
        pass
    for more in in_threads(sum_up, _cut(ranks)):
        sums = sums.together(more)
    found = np.array(sums.pearson(), dtype=np.float64).reshape(columns, columns)
    known: dict[bytes, int] = {}
    patterns = np.array([known.setdefault(np.packbits(line).tobytes(), len(known)) for line in good], dtype=np.int64)
    uneven = np.argwhere(np.triu(patterns[:, None] != patterns[None, :]))
    if len(uneven) * rows <= _RERANKED_CELLS:
        for one, other in uneven:
            both = good[one] & good[other]
            pair = PairSums(2)
            pair.add(np.array([_ranks(values[one, both]), _ranks(values[other, both])]) * (2 / max(rows, 1)) - 1)
            found[one, other] = found[other, one] = np.array(pair.pearson(), dtype=np.float64)[0, 1]
    return as_matrix(found)


def as_matrix(found: np.ndarray) -> Matrix:
    """Return the numbers rounded to twelve digits, within [-1, 1], with None for NaN.

    Rounding hides in which order a library added, so that the order of columns changes nothing.
    """
    limited = np.clip(np.round(found, 12), -1.0, 1.0).astype(object)
    limited[np.isnan(found)] = None
    return tuple(tuple(line) for line in limited.tolist())


def rank_bounds(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest rank, from 1, that each value shares with its equals; of NaN, each is its own.

    Examples
    --------
    >>> rank_bounds(np.array([5.0, 3.0, 5.0]))
    (array([2, 1, 2]), array([3, 1, 3]))
    """
    order = np.argsort(values)
    ordered = values[order]
    new = np.empty(len(values), dtype=bool)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=len(values))
    lowest, highest = np.empty((2, len(values)), dtype=np.int64)
    lowest[order] = np.repeat(starts + 1, lengths)
    highest[order] = np.repeat(starts + lengths, lengths)
    return lowest, highest


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 1, ties sharing their mean; NaN keeps NaN."""
    good = ~np.isnan(values)
    held = values[good]
    # Without NaN numpy sorts five times as fast.
    order = np.argsort(held)
    ordered = held[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(starts, append=len(held))
    of_held = np.empty(len(held))
    of_held[order] = np.repeat(starts + (lengths + 1) / 2, lengths)
    ranks = np.full(len(values), np.nan)
    ranks[good] = of_held
    return ranks
