"""Tests of a zero coefficient whose size holds: with few rows, persistent features and overlapping outcomes."""

import math
from dataclasses import dataclass

import numpy as np

from core.data.blocks import number_stretches
from core.regression.newey_west import NeweyWest, t_p_value
from core.samples.samples import Samples
from core.samples.task import Task

_SUMMED = ("difference", "return", "log_return")


@dataclass(frozen=True, eq=False, kw_only=True)
class Overlap:
    """Outcomes that are sums of the changes of the next `horizon` rows.

    `origins` int64 (n,): the row of each origin among those of `changes`, float64 (m,), the mean-free changes to the next
    row. `blocks` int64 (m,): the block of each of these rows.
    """

    horizon: int
    origins: np.ndarray
    changes: np.ndarray
    blocks: np.ndarray

    def sum_features(self, terms: np.ndarray) -> np.ndarray:
        """Return, for each change, the sum of the terms of all origins whose outcomes include it, float64 (m,)."""
        padded = np.zeros(len(self.changes) + self.horizon)
        padded[self.origins + self.horizon] = terms
        total = np.cumsum(padded)
        return total[self.horizon :] - total[: -self.horizon]


def find_overlap(samples: Samples, which: np.ndarray, task: Task, target: np.ndarray, scale: float) -> Overlap | None:
    """Return how outcomes overlap, or None if they do not, or are not sums of the changes of single rows.

    Parameters
    ----------
    samples, which
        The samples, and the positions of the fitted ones, int64 (n,).
    task
        The outcome and its horizon.
    target
        The target of every row, float64.
    scale
        What outcomes are divided by.
    """
    if task.horizon == 1 or task.predict not in _SUMMED:
        return None
    origins = samples.rows[which]
    # An origin's outcome covers the changes of its own row and of the next ones; gaps are kept as rows without origins.
    covered = np.zeros(len(target) + task.horizon, dtype=bool)
    for ahead in range(task.horizon):
        covered[origins + ahead] = True
    rows = np.flatnonzero(covered)
    changes = np.nan_to_num(task.change(target[rows], target[rows + 1])) / scale
    place = np.searchsorted(rows, origins)
    return Overlap(
        horizon=task.horizon,
        origins=place,
        changes=changes - changes.mean(),
        blocks=number_stretches(rows, samples.blocks[rows]),
    )


class ZeroCoefficientTest:
    """The p-value of a zero coefficient, with the variance computed under that hypothesis.

    The score, the sum of the outcome times the part of the feature that is orthogonal to the others, is divided by the
    Newey-West standard deviation of its terms around their mean. Terms are taken under the hypothesis: their residuals
    include the effect of the feature itself, so a feature that depends on a few rows cannot fit its own errors away.
    Overlapping outcomes are reversed (Hodrick, 1992): each row's change times the sum of the features of all outcomes that
    include it. That is valid if no feature predicts the outcome, and takes features from before the change only: a feature
    built from the target's own past stays biased (Stambaugh, 1999).
    """

    def __init__(self, blocks: np.ndarray, lags: int, freedom: int, overlap: Overlap | None = None) -> None:
        self._newey_west = NeweyWest(blocks if overlap is None else overlap.blocks, lags)
        self._freedom, self._overlap = freedom, overlap
        rows = len(blocks)
        self._correction = math.sqrt(rows / freedom) if freedom > 0 else math.nan

    def p_value(self, partial: np.ndarray, coef: float, residuals: np.ndarray) -> float | None:
        """Return the two-sided p-value; None if it is undefined.

        Parameters
        ----------
        partial
            float64 (n,): the influence of one unit of each row's outcome on the coefficient.
        coef
            The coefficient.
        residuals
            float64 (n,): those of the fit.
        """
        if self._overlap is None:
            length = float(partial @ partial)
            terms = partial * (residuals + coef / length * partial) if length > 0 else np.zeros(len(partial))
        else:
            terms = self._overlap.changes * self._overlap.sum_features(partial)
        error = self._newey_west.std_of_sum(terms - terms.mean()) * self._correction
        if not (error > 0 and math.isfinite(coef)):
            return None
        return t_p_value(coef / error, self._freedom)


def rows_behind(partial: np.ndarray) -> float:
    """Return how many rows a coefficient depends on: the inverse participation ratio of their influence.

    Examples
    --------
    >>> rows_behind(np.array([0.5, 0.5, 0.0, 0.0])), rows_behind(np.ones(4))
    (2.0, 4.0)
    """
    squares = partial * partial
    total = float(squares.sum())
    return total * total / float(squares @ squares) if total > 0 else 0.0
