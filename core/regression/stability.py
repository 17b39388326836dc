"""Does the relation hold over time? CUSUM, the most likely break, and rolling coefficients."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from core.regression.design import Design
from core.regression.diagnostics import ALPHA, Diagnostic
from core.text.format import format_p

TRIM = 0.15
MOST_POSITIONS = 80
FEWEST_ROWS = 60
_MOST_POINTS = 400
_MOST_ROLLED = 50
_DRAWS, _STEPS = 999, 400
_SINGULAR = 1e-10
# The 5% critical value of the largest |Brownian bridge| (Ploberger and Krämer, 1992).
CUSUM_BOUND = 1.358


@dataclass(frozen=True, kw_only=True)
class Cusum:
    """The cumulative sum of residuals by time, divided by their standard deviation and sqrt(n).

    If the relation is stable it stays between plus and minus `bound` in 95% of samples.
    """

    times: tuple[str, ...]
    values: tuple[float, ...]
    bound: float = CUSUM_BOUND


@dataclass(frozen=True, kw_only=True)
class Break:
    """The most likely date of a single change of the coefficients.

    `statistic` is the largest score statistic over the middle 70% of the rows (sup-LM; Andrews, 1993), robust to
    heteroskedasticity, which tests what sup-F tests. `p_value` is simulated, so it is at least 0.001.
    """

    time: str
    statistic: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class RollingCoefficient:
    """A coefficient refitted over windows: by the window's last time, with a 95% interval by HC1 errors.

    In outcome units per unit of the feature.
    """

    name: str
    times: tuple[str, ...]
    coefs: tuple[float, ...]
    half_widths: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How stable a relation is; None or empty where the rows do not allow it.

    `window` is the number of rows of a rolling coefficient.
    """

    cusum: Cusum | None
    most_likely_break: Break | None
    window: int
    rolling: tuple[RollingCoefficient, ...]


def assess_stability(design: Design, residuals: np.ndarray, times: np.ndarray, horizon: int) -> Stability:
    """Return how stable the coefficients are over the train era.

    Several series have no common order in time, and overlapping outcomes no independent scores: only rolling coefficients
    are known for the latter, and nothing for the former.

    Parameters
    ----------
    design, residuals
        The train rows, in order of time, and their residuals, float64 (n,).
    times
        datetime64[us] (n,).
    horizon
        The horizon in rows.
    """
    rows, columns = design.exog.shape
    window = max(FEWEST_ROWS, 5 * columns, rows // 8)
    if design.several_series or rows < 2 * window or not residuals.any():
        return Stability(cusum=None, most_likely_break=None, window=window, rolling=())
    separate = horizon == 1
    return Stability(
        cusum=_cusum(residuals, times) if separate else None,
        most_likely_break=find_break(design.exog, residuals, times) if separate else None,
        window=window,
        rolling=_roll(design, times, window),
    )


def _cusum(residuals: np.ndarray, times: np.ndarray) -> Cusum:
    path = np.cumsum(residuals) / (residuals.std() * np.sqrt(len(residuals)))
    some = np.unique(np.linspace(0, len(path) - 1, _MOST_POINTS).round().astype(int))
    return Cusum(times=_as_text(times[some]), values=tuple(path[some].tolist()))


def find_break(exog: np.ndarray, residuals: np.ndarray, times: np.ndarray) -> Break:
    """Return the most likely break: the largest score statistic over the middle 70% of the rows.

    `exog` float64 (n, k), `residuals` float64 (n,), `times` datetime64[us] (n,).
    """
    rows = len(exog)
    scores = exog * residuals[:, None]
    variances, directions = np.linalg.eigh(scores.T @ scores)
    # A feature whose rows have no residuals, such as a dummy of one row, has no score to judge by.
    varies = variances > _SINGULAR * variances[-1]
    whitened = (directions[:, varies] / np.sqrt(variances[varies])).T @ np.cumsum(scores, axis=0).T
    first, last = int(TRIM * rows), int((1 - TRIM) * rows)
    share = np.arange(first + 1, last + 1) / rows
    statistics = np.square(whitened[:, first:last]).sum(axis=0) / (share * (1 - share))
    worst = int(statistics.argmax())
    statistic = float(statistics[worst])
    p_value = (1 + int(np.count_nonzero(_simulated_suprema(len(whitened)) >= statistic))) / (_DRAWS + 1)
    return Break(time=_as_text(times[first + worst + 1 : first + worst + 2])[0], statistic=statistic, p_value=p_value)


def diagnose_break(found: Break | None) -> Diagnostic:
    """Return the test of a single break as a diagnostic."""
    if found is None:
        sentence = "Not tested: several series, overlapping outcomes, or too few rows."
        return Diagnostic(name="Break", statistic=None, p_value=None, passed=None, sentence=sentence)
    passed = found.p_value >= ALPHA
    when = found.time[:10]
    sentence = (
        f"No single break of the coefficients is found (sup-LM, {format_p(found.p_value)})."
        if passed
        else f"The coefficients change, most likely after {when} (sup-LM, {format_p(found.p_value)}). Fit the rows before and "
        "after it separately."
    )
    return Diagnostic(name="Break", statistic=found.statistic, p_value=found.p_value, passed=passed, sentence=sentence)


@cache
def _simulated_suprema(columns: int) -> np.ndarray:
    """Return draws of the supremum of a squared, standardised Brownian bridge in `columns` dimensions."""
    random = np.random.default_rng(columns)
    share = np.arange(1, _STEPS + 1) / _STEPS
    middle = (share > TRIM) & (share <= 1 - TRIM)
    total = np.zeros((_DRAWS, int(middle.sum())))
    for _ in range(columns):
        walk = np.cumsum(random.standard_normal((_DRAWS, _STEPS)), axis=1) / np.sqrt(_STEPS)
        bridge = walk - share * walk[:, -1:]
        total += np.square(bridge[:, middle])
    suprema: np.ndarray = (total / (share * (1 - share))[middle]).max(axis=1)
    return suprema


def _roll(design: Design, times: np.ndarray, window: int) -> tuple[RollingCoefficient, ...]:
    rows, columns = design.exog.shape
    ends = np.unique(np.linspace(window, rows, MOST_POSITIONS).round().astype(int))
    coefs, errors = np.full((2, len(ends), columns), np.nan)
    for place, end in enumerate(ends):
        exog, outcome = design.exog[end - window : end], design.outcome[end - window : end]
        inverse = np.linalg.pinv(exog.T @ exog, hermitian=True)
        coefs[place] = inverse @ (exog.T @ outcome)
        scores = exog * (outcome - exog @ coefs[place])[:, None]
        variance = np.diag(inverse @ (scores.T @ scores) @ inverse) * window / (window - columns)
        errors[place] = np.sqrt(np.maximum(variance, 0))
    units = np.diag(design.to_units)
    stamps = _as_text(times[ends - 1])
    return tuple(
        RollingCoefficient(
            name=name,
            times=stamps,
            coefs=tuple((coefs[:, place] * units[place]).tolist()),
            half_widths=tuple((1.96 * errors[:, place] * units[place]).tolist()),
        )
        for place, name in enumerate(design.names[:_MOST_ROLLED], start=1)
    )


def _as_text(times: np.ndarray) -> tuple[str, ...]:
    return tuple(np.datetime_as_string(times, unit="s").tolist())
