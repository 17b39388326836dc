"""Diagnostics of the residuals and of the linear form."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from core.data.blocks import rows_before
from core.progress import ShouldStop, never_stop, require_going
from core.regression.design import Design, lags_within
from core.regression.diagnostics import ALPHA, Diagnostic
from core.text.format import format_count, format_p, format_percent

DURBIN_WATSON_RANGE = (1.5, 2.5)
_MOST_LAGS = 10
_SPARE_ROWS = 10
_ROWS_PER_PRODUCT = 5
_NO_PAIRS = "no two of the compared rows belong to one series."


@dataclass(frozen=True, eq=False, kw_only=True)
class _Fit:
    """The tested rows: their design, and their residuals, float64 (n,).

    `lags` is how many lags the tests of autocorrelation use.
    """

    design: Design
    residuals: np.ndarray
    lags: int

    def lagged(self, values: np.ndarray) -> np.ndarray:
        return lags_within(values, self.design.blocks, self.lags)

    @cached_property
    def _inverse(self) -> np.ndarray:
        return np.linalg.pinv(self.design.exog.T @ self.design.exog, hermitian=True)

    def partial_out(self, columns: np.ndarray) -> np.ndarray:
        """Return the residuals of each column regressed on the features."""
        return columns - self.design.exog @ (self._inverse @ (self.design.exog.T @ columns))


class _Result(NamedTuple):
    statistic: float | None
    p_value: float | None
    passed: bool | None
    sentence: str


def durbin_watson(residuals: np.ndarray, blocks: np.ndarray) -> float | None:
    """Return the Durbin-Watson statistic: 2 without autocorrelation, 0 for a random walk.

    `residuals` float64 (n,), `blocks` (n,) the block of each row. Steps between blocks are not counted, and are taken as
    average steps. None if no two neighbours share a block.

    Examples
    --------
    >>> durbin_watson(np.array([1.0, -1.0, 1.0, -1.0]), np.zeros(4))
    3.0
    """
    steps = np.diff(residuals)[blocks[1:] == blocks[:-1]]
    if not len(steps):
        return None
    return float(steps @ steps / (residuals @ residuals) * (len(residuals) - 1) / len(steps))


def diagnose_residuals(
    design: Design, residuals: np.ndarray, horizon: int, should_stop: ShouldStop = never_stop
) -> tuple[Diagnostic, ...]:
    """Test the residuals and the linear form.

    Overlapping outcomes make neighbouring residuals correlated by construction. With a horizon above 1, every
    `horizon`-th row of each block is fitted again and tested instead. No test compares rows of two blocks.

    Parameters
    ----------
    design
        The train rows.
    residuals
        float64 (n,), in units of the scaled outcome.
    horizon
        The horizon in rows.
    should_stop
        Asked before each test; a stop raises `Stopped`.
    """
    suffix = ""
    if horizon > 1:
        design = design.take(_every_nth_row(design.blocks, horizon))
        if len(design.outcome) < design.exog.shape[1] + _SPARE_ROWS:
            rows = format_count(len(design.outcome), "row")
            return _all_not_tested(f"only {rows} without overlapping outcomes.")
        # Fewer rows may make columns collinear, weekday dummies for example; the minimum-norm solution handles that.
        residuals = design.outcome - design.exog @ np.linalg.lstsq(design.exog, design.outcome, rcond=None)[0]
        suffix = f" Tested on rows {horizon} apart, since outcomes over {horizon} rows overlap."
    if residuals @ residuals <= 1e-20 * (design.outcome @ design.outcome):
        return _all_not_tested("the features give the outcome exactly, so there are no residuals. Look for a leak.")
    fit = _Fit(design=design, residuals=residuals, lags=max(1, min(_MOST_LAGS, len(residuals) // 5)))
    diagnostics = []
    for name, run_test in _TESTS.items():
        require_going(should_stop)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = run_test(fit)
        diagnostics.append(
            Diagnostic(
                name=name,
                statistic=result.statistic,
                p_value=result.p_value,
                passed=result.passed,
                sentence=result.sentence + suffix,
            )
        )
    return tuple(diagnostics)


def _every_nth_row(blocks: np.ndarray, n: int) -> np.ndarray:
    """Return the positions of every n-th row of each block, int64 (m,)."""
    place = rows_before(blocks)
    return np.flatnonzero(place % n == 0)


def _all_not_tested(reason: str) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic(name=name, statistic=None, p_value=None, passed=None, sentence=_not_tested(reason).sentence)
        for name in _TESTS
    )


def _not_tested(reason: str) -> _Result:
    return _Result(None, None, None, f"Not tested: {reason}")


def _chi_square_p(statistic: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic))


def _result(statistic: float, p_value: float, passed_text: str, failed_text: str) -> _Result:
    passed = bool(p_value >= ALPHA)
    return _Result(float(statistic), float(p_value), passed, passed_text if passed else failed_text)


def _test_durbin_watson(fit: _Fit) -> _Result:
    statistic = durbin_watson(fit.residuals, fit.design.blocks)
    if statistic is None:
        return _not_tested(_NO_PAIRS)
    low, high = DURBIN_WATSON_RANGE
    if statistic < low:
        sentence = "Residuals are positively autocorrelated (DW below 1.5), so ordinary standard errors are too small."
    elif statistic > high:
        sentence = "Residuals are negatively autocorrelated (DW above 2.5), a sign of over-differencing."
    else:
        sentence = "Residuals are not strongly autocorrelated at lag 1 (DW between 1.5 and 2.5)."
    return _Result(statistic, None, low <= statistic <= high, sentence)


def _test_ljung_box(fit: _Fit) -> _Result:
    """Q = n (n + 2) sum r_k^2 / (n - k), Ljung and Box (1978); only pairs within a block."""
    rows = len(fit.residuals)
    lagged = fit.lagged(fit.residuals)
    pairs = np.isfinite(lagged).sum(axis=0)
    correlations = np.nan_to_num(lagged).T @ fit.residuals / (fit.residuals @ fit.residuals)
    known = pairs > 0
    if not known.any():
        return _not_tested(_NO_PAIRS)
    statistic = float(rows * (rows + 2) * np.sum(correlations[known] ** 2 / pairs[known]))
    p_value = _chi_square_p(statistic, int(known.sum()))
    largest = int(np.abs(correlations).argmax())
    lags = f"up to lag {fit.lags}"
    return _result(
        statistic,
        p_value,
        f"No autocorrelation of the residuals is found {lags} ({format_p(p_value)}).",
        f"Residuals are autocorrelated {lags} ({format_p(p_value)}), most at lag {largest + 1} "
        f"({correlations[largest]:.2f}). The features miss information in the past; use the HAC standard errors.",
    )


def _test_breusch_godfrey(fit: _Fit) -> _Result:
    """LM = n R^2 of the residuals on the features and their own lags, missing lags as 0.

    Breusch (1978), Godfrey (1978).
    """
    residuals = fit.residuals
    lagged = fit.partial_out(np.nan_to_num(fit.lagged(residuals)))
    weights = np.linalg.lstsq(lagged, residuals, rcond=None)[0]
    share = float(residuals @ (lagged @ weights) / (residuals @ residuals))
    statistic = float(len(residuals) * share)
    p_value = _chi_square_p(statistic, fit.lags)
    return _result(
        statistic,
        p_value,
        f"Given the features, past residuals do not predict the next one ({format_p(p_value)}).",
        f"Given the features, the last {format_count(fit.lags, 'residual')} explain {format_percent(share)} of the variance of "
        f"the next one ({format_p(p_value)}): lags of the target or of features may be missing.",
    )


def _test_breusch_pagan(fit: _Fit) -> _Result:
    """LM = n R^2 of the squared residuals on the features.

    Breusch and Pagan (1979), in the form of Koenker (1981).
    """
    squares = fit.residuals**2
    unexplained, centred = fit.partial_out(squares), squares - squares.mean()
    share = float(1 - unexplained @ unexplained / (centred @ centred))
    statistic = len(squares) * share
    p_value = _chi_square_p(statistic, fit.design.exog.shape[1] - 1)
    return _result(
        statistic,
        p_value,
        f"No heteroskedasticity is found: the residual variance does not depend on the features ({format_p(p_value)}).",
        f"Residuals are heteroskedastic ({format_p(p_value)}): the features explain {format_percent(share)} of the variance of "
        "the squared residuals. Ordinary standard errors are wrong; use the HAC standard errors.",
    )


def _test_white(fit: _Fit) -> _Result:
    """LM = n R^2 of the squared residuals on the features, their squares and products; White (1980).

    With too many products for the rows, on the fitted values and their squares instead (Wooldridge, 2013).
    """
    squares, exog = fit.residuals**2, fit.design.exog
    one, other = np.triu_indices(exog.shape[1])
    is_full = len(one) <= len(squares) // _ROWS_PER_PRODUCT
    if is_full:
        columns = exog[:, one] * exog[:, other]
    else:
        fitted = fit.design.outcome - fit.residuals
        columns = np.column_stack([np.ones(len(fitted)), fitted, fitted**2])
    weights, _, rank, _ = np.linalg.lstsq(columns, squares, rcond=1e-10)
    unexplained, centred = squares - columns @ weights, squares - squares.mean()
    statistic = len(squares) * float(1 - unexplained @ unexplained / (centred @ centred))
    p_value = _chi_square_p(statistic, int(rank) - 1)
    what = "the features, their squares and products" if is_full else "the fitted values and their squares"
    return _result(
        statistic,
        p_value,
        f"No heteroskedasticity is found in {what} (White, {format_p(p_value)}).",
        f"Residuals are heteroskedastic in {what} (White, {format_p(p_value)}). Ordinary standard errors are wrong; use the HAC "
        "standard errors.",
    )


def _test_arch(fit: _Fit) -> _Result:
    """LM = n R^2 of the squared residuals on their own lags, complete rows only; Engle (1982)."""
    squares = fit.residuals**2
    lagged = fit.lagged(squares)
    complete = np.isfinite(lagged).all(axis=1)
    rows = int(complete.sum())
    if rows < fit.lags + _SPARE_ROWS:
        return _not_tested(f"only {format_count(rows, 'row')} with {fit.lags} earlier rows in the same series.")
    own = squares[complete] - squares[complete].mean()
    past = lagged[complete] - lagged[complete].mean(axis=0)
    fitted = past @ np.linalg.lstsq(past, own, rcond=None)[0]
    share = float(fitted @ own / (own @ own))
    statistic = rows * share
    p_value = _chi_square_p(statistic, fit.lags)
    return _result(
        statistic,
        p_value,
        f"No volatility clustering is found up to lag {fit.lags} ({format_p(p_value)}).",
        f"Volatility is clustered ({format_p(p_value)}): the last {format_count(fit.lags, 'squared residual')} explain "
        f"{format_percent(share)} of the variance of the next one. This is usual for returns; an interval of constant width "
        "under-covers in volatile periods.",
    )


def _test_jarque_bera(fit: _Fit) -> _Result:
    from statsmodels.stats.stattools import jarque_bera

    statistic, p_value, skewness, kurtosis = (float(number) for number in jarque_bera(fit.residuals))
    excess = kurtosis - 3
    shape = f"skewness {skewness:.2f}, excess kurtosis {excess:.2f}"
    if excess > 0:
        tails = "the tails are heavier than normal"
    elif skewness**2 > excess**2 / 4:
        tails = "one tail is heavier than the other"
    else:
        tails = "the tails are lighter than normal"
    return _result(
        statistic,
        p_value,
        f"Residuals look normal ({format_p(p_value)}; {shape}).",
        f"Residuals are not normal ({format_p(p_value)}; {shape}): {tails}. With many rows the coefficients remain valid, "
        "but normal intervals do not.",
    )


def _test_reset(fit: _Fit) -> _Result:
    """Robust (HC1) F test of squares and cubes of the fit as features; Ramsey (1969)."""
    from scipy.special import fdtrc

    fitted = fit.design.outcome - fit.residuals
    fitted = (fitted - fitted.mean()) / fitted.std()
    if len(np.unique(fitted.round(6))) < 4:
        return _not_tested("the features take too few different values.")
    powers = fit.partial_out(np.column_stack([fitted**2, fitted**3]))
    inverse = np.linalg.pinv(powers.T @ powers, hermitian=True)
    weights = inverse @ (powers.T @ fit.residuals)
    scores = powers * (fit.residuals - powers @ weights)[:, None]
    freedom = len(fitted) - fit.design.exog.shape[1] - 2
    variance = inverse @ (scores.T @ scores) @ inverse * len(fitted) / freedom
    statistic = float(weights @ np.linalg.pinv(variance, hermitian=True) @ weights / 2)
    p_value = float(fdtrc(2, freedom, statistic))
    return _result(
        statistic,
        p_value,
        f"No non-linearity is found (RESET, {format_p(p_value)}): powers of the fitted values add no explanatory power.",
        f"The relation is non-linear (RESET, {format_p(p_value)}): powers of the fitted values add explanatory power. "
        "A non-linear model may find more.",
    )


def _test_cusum(fit: _Fit) -> _Result:
    """CUSUM of the residuals, Ploberger and Krämer (1992)."""
    from statsmodels.stats.diagnostic import breaks_cusumolsresid

    if fit.design.several_series:
        return _not_tested("several series have no common order in time.")
    statistic, p_value, _ = breaks_cusumolsresid(fit.residuals, ddof=fit.design.exog.shape[1])
    return _result(
        statistic,
        p_value,
        f"No structural break is found: the cumulative sum of residuals stays within its bounds ({format_p(p_value)}).",
        f"The relation changes over time ({format_p(p_value)}): the cumulative sum of residuals leaves its bounds.",
    )


_TESTS: dict[str, Callable[[_Fit], _Result]] = {
    "Durbin-Watson": _test_durbin_watson,
    "Ljung-Box": _test_ljung_box,
    "Breusch-Godfrey": _test_breusch_godfrey,
    "Breusch-Pagan": _test_breusch_pagan,
    "White": _test_white,
    "ARCH-LM": _test_arch,
    "Jarque-Bera": _test_jarque_bera,
    "RESET": _test_reset,
    "CUSUM": _test_cusum,
}
