"""Prediction intervals that hold a stated share of outcomes: split conformal, calibrated on validation errors."""

from dataclasses import dataclass

import numpy as np

from core.samples.task import Task


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Half of the interval's width in outcome units, the share of outcomes it should hold, and the rows it was learned from.

    Examples
    --------
    >>> interval = Interval(nominal=0.9, half_width=2.0, calibration_rows=100)
    >>> interval.bounds(Task(target="x", predict="difference", horizon=1), np.array([10.0]), np.array([1.0]))
    (array([9.]), array([13.]))
    """

    nominal: float
    half_width: float
    calibration_rows: int

    def bounds(self, task: Task, base: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper end, in the target's own unit, around predicted outcomes."""
        ends = task.level(base, outcome - self.half_width), task.level(base, outcome + self.half_width)
        return np.minimum(*ends), np.maximum(*ends)


@dataclass(frozen=True, kw_only=True)
class IntervalScores:
    """How an interval did on the test era: the share promised, the share held, and the mean width in the target's unit."""

    nominal: float
    coverage: float
    mean_width: float
    calibration_rows: int


def fit_interval(outcome: np.ndarray, predicted: np.ndarray, coverage: float) -> Interval | None:
    """Return the interval whose half width is the k-th smallest of n absolute errors, k = ceil((n + 1) coverage).

    Split conformal prediction (Lei et al. 2018): if the errors to come are exchangeable with these, which were not learned
    from, the interval holds at least the share `coverage`. None where n is too small to promise that.

    Examples
    --------
    >>> fit_interval(np.arange(1.0, 10.0), np.zeros(9), 0.8).half_width
    8.0
    """
    errors = np.sort(np.abs(outcome - predicted))
    # The product is rounded first: 0.9 * 10 must not become 10 by a rounding error.
    place = int(np.ceil(round((len(errors) + 1) * coverage, 9)))
    if place > len(errors):
        return None
    return Interval(nominal=coverage, half_width=float(errors[place - 1]), calibration_rows=len(errors))


def score_interval(interval: Interval, actual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> IntervalScores:
    """Return the share of actual values inside, both ends counted, and the mean width."""
    inside = (lower <= actual) & (actual <= upper)
    return IntervalScores(
        nominal=interval.nominal,
        coverage=float(inside.mean()),
        mean_width=float((upper - lower).mean()),
        calibration_rows=interval.calibration_rows,
    )


def kupiec_p_value(interval: IntervalScores, n: int) -> float:
    """Return the p-value of Kupiec's (1995) likelihood ratio: whether n outcomes fit the share that the interval promises.

    Examples
    --------
    >>> round(kupiec_p_value(IntervalScores(nominal=0.95, coverage=0.93, mean_width=1.0, calibration_rows=100), 1000), 4)
    0.0061
    """
    from scipy.special import xlogy
    from scipy.stats import chi2

    inside, outside = interval.coverage * n, (1 - interval.coverage) * n
    promised = xlogy(inside, interval.nominal) + xlogy(outside, 1 - interval.nominal)
    found = xlogy(inside, interval.coverage) + xlogy(outside, 1 - interval.coverage)
    return float(chi2.sf(2 * (found - promised), 1))
