"""What ordinary least squares assume of the residuals and the form, checked one by one."""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.progress import ShouldStop, never_stop, require_going
from core.regression.design import Design, lags_within
from core.regression.diagnostics import ALPHA, Diagnostic, p_text

DURBIN_WATSON_RANGE = (1.5, 2.5)
_SPARE_ROWS = 10
_NO_NEIGHBOURS = "Could not be judged: no two rows that are compared belong to one series."


@dataclass(frozen=True, eq=False, kw_only=True)
class _Judged:
    """What the checks of residuals look at; `lags` is how far back they look."""

    design: Design
    residuals: np.ndarray
    lags: int

    def lagged(self, values: np.ndarray) -> np.ndarray:
        return lags_within(values, self.design.blocks, self.lags)

    @cached_property
    def _inverse(self) -> np.ndarray:
        return np.linalg.pinv(self.design.exog.T @ self.design.exog, hermitian=True)

    def beside(self, columns: np.ndarray) -> np.ndarray:
        """Return what the features leave unexplained of each column."""
        return columns - self.design.exog @ (self._inverse @ (self.design.exog.T @ columns))


_Answer = tuple[float | None, float | None, bool | None, str]


def durbin_watson(residuals: np.ndarray, blocks: np.ndarray) -> float | None:
    """Return squared steps between neighbours of one series over squared residuals: 2 without correlation, 0 for a drift.

    A row without a neighbour counts as an average step; None where no row has one.

    Examples
    --------
    >>> durbin_watson(np.array([1.0, -1.0, 1.0, -1.0]), np.zeros(4))
    3.0
    """
    steps = np.diff(residuals)[blocks[1:] == blocks[:-1]]
    if not len(steps):
        return None
    return float(steps @ steps / (residuals @ residuals) * (len(residuals) - 1) / len(steps))


def check_assumptions(
    design: Design, residuals: np.ndarray, horizon: int, should_stop: ShouldStop = never_stop
) -> tuple[Diagnostic, ...]:
    """Return the checks of residuals and of the linear form.

    Outcomes over more than one row share rows with their neighbours, so their residuals are alike by construction. Judged
    is then every `horizon`-th row of each series, fitted anew: what is wrong there is wrong with the model. No check
    compares rows of two series.
    """
    where = ""
    if horizon > 1:
        design = design.take(_apart(design.blocks, horizon))
        if len(design.outcome) < design.exog.shape[1] + _SPARE_ROWS:
            return _not_judged(f"too few rows remain without overlap ({len(design.outcome)}).")
        # Among fewer rows columns may coincide, such as weekdays; the least squares of smallest norm bear that.
        residuals = design.outcome - design.exog @ np.linalg.lstsq(design.exog, design.outcome, rcond=None)[0]
        where = f" Judged on rows {horizon} apart, since outcomes over {horizon} rows overlap."
    if residuals @ residuals <= 1e-20 * (design.outcome @ design.outcome):
        return _not_judged("the features give the outcome exactly, so nothing is left over. Look for a leak.")
    judged = _Judged(design=design, residuals=residuals, lags=max(1, min(10, len(residuals) // 5)))
    found = []
    for name, check in _CHECKS.items():
        require_going(should_stop)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statistic, p_value, passed, sentence = check(judged)
        found.append(
            Diagnostic(name=name, statistic=statistic, p_value=p_value, passed=passed, sentence=sentence + where)
        )
    return tuple(found)


def _apart(blocks: np.ndarray, horizon: int) -> np.ndarray:
    """Return every `horizon`-th row of each series."""
    starts = np.flatnonzero(np.r_[True, np.diff(blocks) != 0])
    within = np.arange(len(blocks)) - np.repeat(starts, np.diff(np.r_[starts, len(blocks)]))
    return np.flatnonzero(within % horizon == 0)


def _not_judged(why: str) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic(name=name, statistic=None, p_value=None, passed=None, sentence=f"Could not be judged: {why}")
        for name in _CHECKS
    )


def _chi_square(statistic: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic))


def _answer(statistic: float, p_value: float, fine: str, faulty: str) -> _Answer:
    """Return what a test says: `fine` where it passes at the level of ALPHA, else `faulty`."""
    passed = bool(p_value >= ALPHA)
    return float(statistic), float(p_value), passed, fine if passed else faulty


def _check_durbin_watson(judged: _Judged) -> _Answer:
    statistic = durbin_watson(judged.residuals, judged.design.blocks)
    if statistic is None:
        return None, None, None, _NO_NEIGHBOURS
    low, high = DURBIN_WATSON_RANGE
    if statistic < low:
        sentence = "Neighbouring residuals are alike (below 1.5): ordinary standard errors are too small."
    elif statistic > high:
        sentence = "Neighbouring residuals alternate (above 2.5), as where an outcome is differenced once too often."
    else:
        sentence = "Neighbouring residuals are not noticeably alike (between 1.5 and 2.5)."
    return statistic, None, low <= statistic <= high, sentence


def _check_ljung_box(judged: _Judged) -> _Answer:
    """Q = n (n + 2) sum r_k^2 / (n - k), Ljung and Box (1978); pairs of one series only."""
    rows = len(judged.residuals)
    lagged = judged.lagged(judged.residuals)
    pairs = np.isfinite(lagged).sum(axis=0)
    correlations = np.nan_to_num(lagged).T @ judged.residuals / (judged.residuals @ judged.residuals)
    known = pairs > 0
    if not known.any():
        return None, None, None, _NO_NEIGHBOURS
    statistic = float(rows * (rows + 2) * np.sum(correlations[known] ** 2 / pairs[known]))
    p_value = _chi_square(statistic, int(known.sum()))
    largest = int(np.abs(correlations).argmax())
    return _answer(
        statistic,
        p_value,
        f"No autocorrelation of the residuals over {judged.lags} rows is seen ({p_text(p_value)}).",
        f"Residuals are autocorrelated over {judged.lags} rows ({p_text(p_value)}), most at lag {largest + 1} "
        f"({correlations[largest]:.2f}): the past holds more than the features say, and only the HAC errors hold.",
    )


def _check_breusch_godfrey(judged: _Judged) -> _Answer:
    """LM = n R^2 of the residuals on the features and their own lags, missing lags as 0; Breusch (1978), Godfrey (1978)."""
    residuals = judged.residuals
    lagged = judged.beside(np.nan_to_num(judged.lagged(residuals)))
    weights = np.linalg.lstsq(lagged, residuals, rcond=None)[0]
    explained = residuals @ (lagged @ weights)
    share = explained / (residuals @ residuals)
    statistic = float(len(residuals) * share)
    p_value = _chi_square(statistic, judged.lags)
    return _answer(
        statistic,
        p_value,
        f"Past residuals do not help to predict the next beside the features ({p_text(p_value)}).",
        f"The last {judged.lags} residuals explain {share:.1%} of the next one beside the features ({p_text(p_value)}): "
        "lags of the target or of features may be missing.",
    )


def _check_breusch_pagan(judged: _Judged) -> _Answer:
    """LM = n R^2 of the squared residuals on the features; Breusch and Pagan (1979), in the form of Koenker (1981)."""
    squares = judged.residuals**2
    left, own = judged.beside(squares), squares - squares.mean()
    share = float(1 - left @ left / (own @ own))
    statistic = len(squares) * share
    p_value = _chi_square(statistic, judged.design.exog.shape[1] - 1)
    return _answer(
        statistic,
        p_value,
        f"The size of the errors does not depend on the features ({p_text(p_value)}).",
        f"The size of the errors depends on the features ({p_text(p_value)}; they explain {share:.1%} of "
        "it): ordinary standard errors are off, HAC errors hold.",
    )


def _check_arch(judged: _Judged) -> _Answer:
    """LM = n R^2 of the squared residuals on their own lags, complete rows only; Engle (1982)."""
    squares = judged.residuals**2
    lagged = judged.lagged(squares)
    complete = np.isfinite(lagged).all(axis=1)
    rows = int(complete.sum())
    if rows < judged.lags + _SPARE_ROWS:
        return (
            None,
            None,
            None,
            f"Could not be judged: too few rows have {judged.lags} rows of their series before them.",
        )
    own = squares[complete] - squares[complete].mean()
    past = lagged[complete] - lagged[complete].mean(axis=0)
    fitted = past @ np.linalg.lstsq(past, own, rcond=None)[0]
    share = float(fitted @ own / (own @ own))
    statistic = rows * share
    p_value = _chi_square(statistic, judged.lags)
    return _answer(
        statistic,
        p_value,
        f"No clusters of volatility are seen over {judged.lags} rows ({p_text(p_value)}).",
        f"Volatility comes in clusters ({p_text(p_value)}; the last {judged.lags} squared errors explain {share:.1%} of the "
        "next): usual for returns; an interval of one width is too narrow in rough times.",
    )


def _check_jarque_bera(judged: _Judged) -> _Answer:
    from statsmodels.stats.stattools import jarque_bera

    statistic, p_value, skewness, kurtosis = (float(number) for number in jarque_bera(judged.residuals))
    excess = kurtosis - 3
    shape = f"skewness {skewness:.2f}, excess kurtosis {excess:.2f}"
    if excess > 0:
        tails = "large moves are not as rare as a normal curve says"
    elif skewness**2 > excess**2 / 4:
        tails = "large moves are more frequent on one side"
    else:
        tails = "large moves are rarer than a normal curve says"
    return _answer(
        statistic,
        p_value,
        f"The residuals look normal ({p_text(p_value)}; {shape}).",
        f"The residuals are not normal ({p_text(p_value)}; {shape}): {tails}. "
        "With many rows the coefficients stand; normal intervals do not.",
    )


def _check_reset(judged: _Judged) -> _Answer:
    """F test of squares and cubes of the fit beside the features, bearing unequal variance (HC1); Ramsey (1969)."""
    from scipy.special import fdtrc

    fitted = judged.design.outcome - judged.residuals
    fitted = (fitted - fitted.mean()) / fitted.std()
    if len(np.unique(fitted.round(6))) < 4:
        return None, None, None, "Could not be judged: the features take too few different values."
    powers = judged.beside(np.column_stack([fitted**2, fitted**3]))
    inverse = np.linalg.pinv(powers.T @ powers, hermitian=True)
    weights = inverse @ (powers.T @ judged.residuals)
    scores = powers * (judged.residuals - powers @ weights)[:, None]
    freedom = len(fitted) - judged.design.exog.shape[1] - 2
    variance = inverse @ (scores.T @ scores) @ inverse * len(fitted) / freedom
    statistic = float(weights @ np.linalg.pinv(variance, hermitian=True) @ weights / 2)
    p_value = float(fdtrc(2, freedom, statistic))
    return _answer(
        statistic,
        p_value,
        f"No bend is seen: a straight line describes the relation as well as a curve ({p_text(p_value)}).",
        f"The relation bends ({p_text(p_value)}): powers of the fit explain what the straight line does not. "
        "A model that is not linear may find more.",
    )


def _check_cusum(judged: _Judged) -> _Answer:
    """Ploberger and Krämer (1992), on the residuals."""
    from statsmodels.stats.diagnostic import breaks_cusumolsresid

    if judged.design.several_series:
        return None, None, None, "Could not be judged: several series have no one order in time."
    statistic, p_value, _ = breaks_cusumolsresid(judged.residuals, ddof=judged.design.exog.shape[1])
    return _answer(
        statistic,
        p_value,
        f"The sum of residuals does not wander off: no shift over time is seen ({p_text(p_value)}).",
        f"The sum of residuals wanders off ({p_text(p_value)}): the relation was not the same throughout the train era.",
    )


_CHECKS = {
    "Durbin-Watson": _check_durbin_watson,
    "Ljung-Box": _check_ljung_box,
    "Breusch-Godfrey": _check_breusch_godfrey,
    "Breusch-Pagan": _check_breusch_pagan,
    "ARCH-LM": _check_arch,
    "Jarque-Bera": _check_jarque_bera,
    "RESET": _check_reset,
    "CUSUM": _check_cusum,
}
