"""The least-squares fit of a design: its coefficients in original units, their standard errors, and the leverage of rows."""

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.regression.coefficient import CONSTANT, Coefficient
from core.regression.design import Design
from core.regression.newey_west import NeweyWest, t_p_value, t_quantile
from core.regression.zero_coefficient import ZeroCoefficientTest, rows_behind

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

# A row of leverage 1 fits its own outcome exactly and has no residual to judge by.
_FULL_LEVERAGE, _ROUNDING = 1 - 1e-9, 1e-8


@dataclass(frozen=True, eq=False, kw_only=True)
class LeastSquares:
    """A fitted design; `residuals` and `leverage` are float64 (n,), residuals in units of the scaled outcome."""

    design: Design
    fit: "RegressionResults"
    residuals: np.ndarray
    leverage: np.ndarray

    @property
    def freedom(self) -> int:
        """The residual degrees of freedom."""
        return len(self.residuals) - self.design.exog.shape[1]

    @cached_property
    def vif_matrix(self) -> np.ndarray:
        """The inverse of the features' correlation matrix, float64 (k, k)."""
        return len(self.residuals) * np.asarray(self.fit.normalized_cov_params)[1:, 1:]

    @property
    def information(self) -> tuple[float, float]:
        """AIC and BIC in units of the outcome, as in statsmodels."""
        unit = 2 * len(self.residuals) * math.log(self.design.outcome_scale)
        return float(self.fit.aic) + unit, float(self.fit.bic) + unit

    def influence(self, position: int) -> np.ndarray:
        """Return the influence of one unit of each row's scaled outcome on a coefficient in original units, float64 (n,)."""
        weights = self.fit.normalized_cov_params @ self.design.to_units[position]
        return np.asarray(self.design.exog @ weights)


def fit_least_squares(design: Design) -> LeastSquares:
    """Fit the outcome of the design on its columns, with ordinary standard errors.

    statsmodels solves by singular value decomposition; QR is many times faster, and safe as the columns are independent.
    """
    from statsmodels.regression.linear_model import OLS, OLSResults

    rows, columns = design.exog.shape
    orthogonal, triangle = np.linalg.qr(design.exog)
    inverse = np.linalg.solve(triangle, np.eye(columns))
    model = OLS(design.outcome, design.exog, hasconst=True)
    model.df_model, model.df_resid = columns - 1.0, float(rows - columns)
    fit = OLSResults(model, inverse @ (orthogonal.T @ design.outcome), normalized_cov_params=inverse @ inverse.T)
    leverage = np.einsum("ij,ij->i", orthogonal, orthogonal)
    return LeastSquares(design=design, fit=fit, residuals=np.asarray(fit.resid), leverage=leverage)


def describe_coefficients(
    least_squares: LeastSquares, hac_lags: int, zero_test: ZeroCoefficientTest
) -> tuple[Coefficient, ...]:
    """Return the coefficients in original units, the constant first.

    HAC errors have the correction n / (n - k) for small samples, and their intervals a t distribution. The constant's robust
    p-value is that of its t statistic.

    Parameters
    ----------
    least_squares
        The fit.
    hac_lags
        The lags of the Newey-West errors.
    zero_test
        The test of a zero coefficient.
    """
    design, freedom, residuals = least_squares.design, least_squares.freedom, least_squares.residuals
    with warnings.catch_warnings():
        # Without residuals, errors are 0 and t is infinite; both become None below.
        warnings.simplefilter("ignore")
        ordinary = least_squares.fit.t_test(design.to_units)
    spared = least_squares.leverage < _FULL_LEVERAGE
    left_out = np.divide(residuals, 1 - least_squares.leverage, out=np.zeros(len(residuals)), where=spared)
    newey_west, correction = NeweyWest(design.blocks, hac_lags), math.sqrt(len(residuals) / freedom)
    standardised = np.asarray(least_squares.fit.params)
    coefficients = []
    for position, name in enumerate((CONSTANT, *design.names)):
        coef, error, t, p_value = (
            float(np.ravel(column)[position])
            for column in (ordinary.effect, ordinary.sd, ordinary.tvalue, ordinary.pvalue)
        )
        influence = least_squares.influence(position)
        error_hac = newey_west.std_of_sum(influence * residuals) * correction
        error_hc3 = float(np.linalg.norm(influence * left_out))
        depends_on_fitted = bool((np.abs(influence[~spared]) > _ROUNDING * np.linalg.norm(influence)).any())
        half = t_quantile(freedom) * error_hac
        if name == CONSTANT:
            p_value_hac = t_p_value(coef / error_hac, freedom) if error_hac else None
        else:
            p_value_hac = zero_test.p_value(influence, coef, residuals) if error_hac else None
        coefficients.append(
            Coefficient(
                name=name,
                coef=coef,
                standardised=None if name == CONSTANT else float(standardised[position]),
                std_err=_finite_or_none(error),
                std_err_hc3=None if depends_on_fitted else _finite_or_none(error_hc3),
                std_err_hac=_finite_or_none(error_hac),
                low=coef - half,
                high=coef + half,
                t=_finite_or_none(t),
                p_value=_finite_or_none(p_value),
                p_value_hac=p_value_hac,
                rows_behind=rows_behind(influence),
            )
        )
    return tuple(coefficients)


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
