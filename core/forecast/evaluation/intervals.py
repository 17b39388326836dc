"""Split conformal prediction intervals, calibrated on validation errors."""

from dataclasses import dataclass

import numpy as np

from core.data.eras import Era
from core.forecast.network.windows import Windows
from core.samples.task import Task


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A symmetric interval around predicted outcomes; `half_width` is in outcome units.

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
        """Return the lower and upper ends for predicted outcomes.

        `base` and `outcome` are float64 (n,), levels at the origins and predicted outcomes; so are the ends, in the target's unit.
        """
        ends = task.level(base, outcome - self.half_width), task.level(base, outcome + self.half_width)
        return np.minimum(*ends), np.maximum(*ends)


@dataclass(frozen=True, kw_only=True)
class IntervalScores:
    """Coverage of an interval on the test era, and its mean width in the target's unit."""

    nominal: float
    coverage: float
    mean_width: float
    calibration_rows: int


def fit_interval(outcome: np.ndarray, predicted: np.ndarray, coverage: float) -> Interval | None:
    """Fit an interval to errors on rows that the model was not fitted on.

    Its half width is the k-th smallest of n absolute errors, k = ceil((n + 1) coverage); None if n is too small. If later errors
    are exchangeable with these, the interval covers at least the share `coverage` of outcomes.

    Parameters
    ----------
    outcome, predicted
        float64 (n,), outcomes that the model was not fitted on, and their predictions.
    coverage
        Nominal coverage, between 0 and 1.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), Distribution-free predictive inference for regression, JASA 113.

    Examples
    --------
    >>> fit_interval(np.arange(1.0, 10.0), np.zeros(9), 0.8).half_width
    8.0
    """
    errors = np.sort(np.abs(outcome - predicted))
    # Rounded first, or 10 * 0.9 could become 10 by a rounding error.
    place = int(np.ceil(round((len(errors) + 1) * coverage, 9)))
    if place > len(errors):
        return None
    return Interval(nominal=coverage, half_width=float(errors[place - 1]), calibration_rows=len(errors))


def calibrate_interval(windows: Windows, task: Task, levels: np.ndarray, coverage: float) -> Interval | None:
    """Calibrate the interval on the validation errors; None if there are too few.

    Parameters
    ----------
    windows, task
        The windows of all eras, and the task.
    levels
        float64 (windows,), levels that the network predicts.
    coverage
        Nominal coverage, between 0 and 1.
    """
    rows = windows.samples.of(Era.VALIDATION)
    samples = windows.samples.take(rows)
    return fit_interval(samples.outcome, task.change(samples.base, levels[rows]), coverage)


def score_interval(interval: Interval, actual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> IntervalScores:
    """Score an interval: the share of actual levels inside, ends included, and the mean width.

    Parameters
    ----------
    interval
        The interval.
    actual, lower, upper
        float64 (n,), actual levels of the target, and the ends of their intervals.
    """
    inside = (lower <= actual) & (actual <= upper)
    return IntervalScores(
        nominal=interval.nominal,
        coverage=float(inside.mean()),
        mean_width=float((upper - lower).mean()),
        calibration_rows=interval.calibration_rows,
    )


def kupiec_p_value(interval: IntervalScores, n: int) -> float:
    """Return the p-value of Kupiec's likelihood-ratio test of nominal coverage.

    `n` is the number of outcomes behind the coverage.

    References
    ----------
    Kupiec (1995), Techniques for verifying the accuracy of risk measurement models, J. Derivatives 3.

    Examples
    --------
    >>> round(kupiec_p_value(IntervalScores(nominal=0.95, coverage=0.93, mean_width=1.0, calibration_rows=100), 1000), 4)
    0.0061
    """
    from scipy.special import xlogy
    from scipy.stats import chi2

    inside, outside = interval.coverage * n, (1 - interval.coverage) * n
    nominal = xlogy(inside, interval.nominal) + xlogy(outside, 1 - interval.nominal)
    actual = xlogy(inside, interval.coverage) + xlogy(outside, 1 - interval.coverage)
    return float(chi2.sf(2 * (actual - nominal), 1))
