"""The rows that move the fit most: leverage and Cook's distance."""

from dataclasses import dataclass

import numpy as np

from core.regression.least_squares import LeastSquares

MOST_ROWS = 10
_MOST_POINTS = 1000


@dataclass(frozen=True, kw_only=True)
class InfluentialRow:
    """A row: its time, leverage, residual in outcome units, and Cook's distance; above 1 it decides the fit."""

    time: str
    leverage: float
    residual: float
    cook: float


@dataclass(frozen=True, kw_only=True)
class Influence:
    """Leverage and standardised residuals of at most 1,000 rows, evenly spaced, and the ten rows of most influence."""

    leverage: tuple[float, ...]
    standardised: tuple[float, ...]
    rows: tuple[InfluentialRow, ...]


def measure_influence(fitted: LeastSquares, times: np.ndarray) -> Influence:
    """Return the influence of rows on the fit (Cook, 1977). `times`, datetime64[us] (n,), are those of the rows.

    Rows that fit themselves exactly, with leverage 1, have a distance of 0.
    """
    residuals, leverage = fitted.residuals, np.clip(fitted.leverage, 0, 1)
    columns = fitted.design.exog.shape[1]
    variance = float(residuals @ residuals) / fitted.freedom
    free = 1 - leverage
    usable = (free > 1e-9) & (variance > 0)
    squared = np.divide(residuals**2, variance * free, out=np.zeros(len(residuals)), where=usable)
    cook = np.divide(squared * leverage, columns * free, out=np.zeros(len(residuals)), where=usable)
    worst = np.argsort(-cook, kind="stable")[:MOST_ROWS]
    some = np.unique(np.r_[np.linspace(0, len(cook) - 1, _MOST_POINTS).round().astype(int), worst])
    stamps = np.datetime_as_string(times[worst], unit="s").tolist()
    return Influence(
        leverage=tuple(leverage[some].tolist()),
        standardised=tuple((np.sign(residuals) * np.sqrt(squared))[some].tolist()),
        rows=tuple(
            InfluentialRow(
                time=stamp,
                leverage=float(leverage[row]),
                residual=float(residuals[row] * fitted.design.outcome_scale),
                cook=float(cook[row]),
            )
            for stamp, row in zip(stamps, worst.tolist(), strict=True)
        ),
    )
