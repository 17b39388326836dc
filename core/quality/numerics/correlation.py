"""Correlations of columns with missing values: Pearson from sums over all rows, Spearman on ranks of a sample."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.progress import ShouldStop, never_stop, require_going
from core.quality.numerics.blocks import RowChunk
from core.quality.numerics.threads import in_threads

Matrix = tuple[tuple[float | None, ...], ...]

MOST_COLUMNS = 200
MOST_SAMPLE = 50_000
_ROWS_AT_ONCE = 1_024
_LARGEST = np.finfo(np.float32).max
_RERANKED_CELLS = 20_000_000


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Pearson correlation of two columns, shape (rows,), over their common valid cells.

    It is 0 if it does not exist: with fewer than three common cells, or without variation.

    Examples
    --------
    >>> correlation(np.array([1.0, 2.0, 3.0, np.nan]), np.array([2.0, 4.0, 6.0, 8.0]))
    1.0
    """
    both = ~(np.isnan(one) | np.isnan(other))
    if np.count_nonzero(both) < 3:
        return 0.0
    with np.errstate(all="ignore"):
        one, other = (_normalise(values[both]) for values in (one, other))
        found = float((one * other).sum())
    return min(max(found, -1.0), 1.0) if np.isfinite(found) else 0.0


def _normalise(values: np.ndarray) -> np.ndarray:
    """Return the values centred and with a sum of squares of 1; NaN if they do not vary."""
    values = values / np.abs(values).max()
    values = values - values.mean()
    length = np.sqrt((values * values).sum())
    return values / (length if length > 1e-14 * np.sqrt(len(values)) else np.nan)


@dataclass(frozen=True, kw_only=True)
class CorrelationTables:
    """Correlations of the columns `names`, over all rows and over the train era.

    `sample` is the number of rows that Spearman's was computed on; None means all.
    """

    names: tuple[str, ...]
    pearson: Matrix
    spearman: Matrix
    pearson_train: Matrix
    sample: int | None


@dataclass(frozen=True, kw_only=True)
class ScaledColumn:
    """A column, with the mean and the positive standard deviation of its train rows."""

    name: str
    mean: float
    std: float


def correlate_columns(
    columns: Sequence[ScaledColumn],
    train: np.ndarray,
    chunks: Iterable[RowChunk],
    should_stop: ShouldStop = never_stop,
) -> CorrelationTables:
    """Correlate columns that are read in chunks of rows, so memory does not grow with the rows.

    Parameters
    ----------
    columns
        The columns, in the order of the chunks.
    train
        Which rows belong to the train era, bool, shape (rows,).
    chunks
        The rows in order.
    should_stop
        Called after each chunk; `Stopped` is raised if a stop is requested.
    """
    mean, std = (np.array([getattr(column, name) for column in columns])[:, None] for name in ("mean", "std"))
    taken = np.unique(np.linspace(0, len(train) - 1, min(len(train), MOST_SAMPLE)).round().astype(np.int64))
    sample = np.empty((len(columns), len(taken)))

    def sum_up(chunk: RowChunk) -> tuple[PairSums, PairSums]:
        values, in_train = chunk.values(), train[chunk.begin : chunk.end]
        first, last = taken.searchsorted([chunk.begin, chunk.end])
        sample[:, first:last] = values[:, taken[first:last] - chunk.begin]
        sums = PairSums(len(columns)), PairSums(len(columns))
        for part_sums, rows in zip(sums, (in_train, ~in_train), strict=True):
            for part in _cut(values if rows.all() else values[:, rows]):
                with np.errstate(over="ignore"):
                    part_sums.add((part - mean) / std)
        return sums

    of_train, of_rest = PairSums(len(columns)), PairSums(len(columns))
    for more_train, more_rest in in_threads(sum_up, chunks):
        require_going(should_stop)
        of_train, of_rest = of_train + more_train, of_rest + more_rest
    return CorrelationTables(
        names=tuple(column.name for column in columns),
        pearson=(of_train + of_rest).pearson(),
        spearman=rank_correlations(sample),
        pearson_train=of_train.pearson(),
        sample=len(taken) if len(taken) < len(train) else None,
    )


def _cut(values: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a matrix (columns, rows) in cache-sized parts, some rows at a time."""
    for begin in range(0, values.shape[1], _ROWS_AT_ONCE):
        yield values[:, begin : begin + _ROWS_AT_ONCE]


class PairSums:
    """Sums over the rows in which both columns of a pair are valid: all that Pearson correlations need.

    Values should be of size one. NaNs and values whose square would overflow are ignored.
    """

    def __init__(self, columns: int) -> None:
        self._count, self._sum, self._square, self._product = np.zeros((4, columns, columns))

    def add(self, values: np.ndarray) -> None:
        """Add more rows; `values` has shape (columns, rows)."""
        valid = np.abs(values) < _LARGEST
        if valid.all():
            self._count += values.shape[1]
            self._sum += values.sum(axis=1)[:, None]
            self._square += np.vecdot(values, values)[:, None]
            self._product += values @ values.T
            return
        values = np.where(valid, values, 0.0)
        valid = valid.astype(np.float64)
        self._count += valid @ valid.T
        self._sum += values @ valid.T
        self._product += values @ values.T
        values *= values
        self._square += values @ valid.T

    def __add__(self, other: "PairSums") -> "PairSums":
        """Return the sums over the rows of both."""
        both = PairSums(len(self._count))
        both._count, both._sum = self._count + other._count, self._sum + other._sum
        both._square, both._product = self._square + other._square, self._product + other._product
        return both

    def pearson(self) -> Matrix:
        """Return the correlations; None with fewer than three common rows, or if a column does not vary in them."""
        return as_matrix(self.correlations())

    def correlations(self, fewest: int = 3) -> np.ndarray:
        """Return the correlations, float64, shape (columns, columns).

        NaN with fewer than `fewest` common rows, or if a column does not vary in them.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            variation = self._square - self._sum**2 / self._count
            variation[variation <= 1e-10 * self._square] = np.nan
            found = (self._product - self._sum * self._sum.T / self._count) / np.sqrt(variation * variation.T)
        found[self._count < fewest] = np.nan
        return found


def rank_correlations(values: np.ndarray) -> Matrix:
    """Return the Spearman correlations of columns, shape (columns, rows), each pair over its common valid cells.

    Two columns with different NaN patterns are ranked again on their common cells. If that would take billions of steps
    (hundreds of long columns, each with its own pattern), ranks within each column are used instead.

    Examples
    --------
    >>> rank_correlations(np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 4.0, 9.0, 16.0]]))
    ((1.0, 1.0), (1.0, 1.0))
    """
    columns, rows = values.shape
    valid = ~np.isnan(values)
    ranks, sums = np.empty(values.shape), PairSums(columns)

    def rank(place: int) -> None:
        # Scaled to [-1, 1], so sums stay small.
        ranks[place] = _ranks(values[place]) * (2 / rows) - 1

    def sum_up(part: np.ndarray) -> PairSums:
        of_part = PairSums(columns)
        of_part.add(part)
        return of_part

    for _ in in_threads(rank, range(columns)):
        pass
    for more in in_threads(sum_up, _cut(ranks)):
        sums += more
    found = np.array(sums.pearson(), dtype=np.float64).reshape(columns, columns)
    known: dict[bytes, int] = {}
    patterns = np.array([known.setdefault(np.packbits(line).tobytes(), len(known)) for line in valid], dtype=np.int64)
    uneven = np.argwhere(np.triu(patterns[:, None] != patterns[None, :]))
    if len(uneven) * rows <= _RERANKED_CELLS:
        for one, other in uneven:
            both = valid[one] & valid[other]
            pair = PairSums(2)
            pair.add(np.array([_ranks(values[one, both]), _ranks(values[other, both])]) * (2 / max(rows, 1)) - 1)
            found[one, other] = found[other, one] = np.array(pair.pearson(), dtype=np.float64)[0, 1]
    return as_matrix(found)


def as_matrix(found: np.ndarray) -> Matrix:
    """Return correlations (rows, columns) as tuples, rounded to twelve digits and within [-1, 1]; None for NaN.

    Rounding hides the order of summation, so the order of columns changes no number.
    """
    limited = np.clip(np.round(found, 12), -1.0, 1.0).astype(object)
    limited[np.isnan(found)] = None
    return tuple(tuple(line) for line in limited.tolist())


def rank_bounds(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest rank of each value among its ties, int64, shape (n,), counted from 1.

    NaNs rank last and are not tied.

    Examples
    --------
    >>> rank_bounds(np.array([5.0, 3.0, 5.0]))
    (array([2, 1, 2]), array([3, 1, 3]))
    """
    order = np.argsort(values)
    ordered = values[order]
    is_new = np.empty(len(values), dtype=bool)
    is_new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    starts = np.flatnonzero(is_new)
    lengths = np.diff(starts, append=len(values))
    lowest, highest = np.empty((2, len(values)), dtype=np.int64)
    lowest[order] = np.repeat(starts + 1, lengths)
    highest[order] = np.repeat(starts + lengths, lengths)
    return lowest, highest


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 1, shape (n,); ties share their mean, NaN stays NaN."""
    valid = ~np.isnan(values)
    numbers = values[valid]
    # numpy sorts five times as fast without NaN.
    order = np.argsort(numbers)
    ordered = numbers[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(starts, append=len(numbers))
    of_numbers = np.empty(len(numbers))
    of_numbers[order] = np.repeat(starts + (lengths + 1) / 2, lengths)
    ranks = np.full(len(values), np.nan)
    ranks[valid] = of_numbers
    return ranks
