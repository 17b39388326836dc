"""Univariate regressions: the outcome on each feature alone, with Newey-West errors."""

import math
from dataclasses import dataclass, replace

import numpy as np

from core.progress import ShouldStop, never_stop, require_going
from core.quality.pairwise.relations import adjust_p_values
from core.regression.design import Design
from core.regression.newey_west import NeweyWest
from core.regression.zero_coefficient import Overlap, ZeroCoefficientTest, rows_behind

THIRDS = 3


@dataclass(frozen=True, kw_only=True)
class ScanRow:
    """The regression of the outcome on one feature and a constant.

    `coef` is in outcome units per unit of the feature, `intercept` in outcome units. `p_value_hac` tests a zero coefficient as
    `ZeroCoefficientTest` does, `q_value` is the same after the Benjamini-Hochberg correction. `same_sign` counts the thirds of
    the train era, in row order, whose slope has the sign of the whole. None if undefined.
    """

    name: str
    coef: float
    intercept: float
    std_err_hac: float | None
    t_hac: float | None
    p_value_hac: float | None
    q_value: float | None
    r_squared: float
    same_sign: int
    rows_behind: float


def scan_features(
    design: Design,
    hac_lags: int,
    test_lags: int,
    overlap: Overlap | None = None,
    should_stop: ShouldStop = never_stop,
) -> tuple[ScanRow, ...]:
    """Regress the outcome on each feature of the design alone; the smallest p-value first.

    Parameters
    ----------
    design
        The train rows.
    hac_lags, test_lags
        The lags of the Newey-West errors, and those of the test of a zero coefficient.
    overlap
        How outcomes overlap.
    should_stop
        Asked before each feature; a stop raises `Stopped`.
    """
    mean = float(design.outcome.mean()) * design.outcome_scale
    outcome = design.outcome - design.outcome.mean()
    total, freedom = float(outcome @ outcome), len(outcome) - 2
    newey_west, correction = NeweyWest(design.blocks, hac_lags), math.sqrt(len(outcome) / freedom)
    zero_test = ZeroCoefficientTest(design.blocks, test_lags, freedom, overlap)
    cuts = np.linspace(0, len(outcome), THIRDS + 1).astype(int)
    thirds = [slice(start, stop) for start, stop in zip(cuts[:-1], cuts[1:], strict=True)]
    rows = []
    for position, name in enumerate(design.names):
        require_going(should_stop)
        feature = design.exog[:, position + 1]
        influence = feature / float(feature @ feature)
        slope = float(influence @ outcome)
        residuals = outcome - slope * feature
        error = newey_west.std_of_sum(influence * residuals) * correction
        unit = design.outcome_scale / design.scale[position]
        signs = [np.sign(_slope(feature[part], outcome[part])) == np.sign(slope) for part in thirds]
        rows.append(
            ScanRow(
                name=name,
                coef=float(slope * unit),
                intercept=float(mean - slope * unit * design.center[position]),
                std_err_hac=float(error * unit) if error else None,
                t_hac=slope / error if error else None,
                p_value_hac=zero_test.p_value(influence, slope, residuals) if error else None,
                q_value=None,
                r_squared=max(0.0, 1 - float(residuals @ residuals) / total),
                same_sign=int(np.sum(signs)),
                rows_behind=rows_behind(influence),
            )
        )
    return _correct(sorted(rows, key=_by_evidence))


def _slope(feature: np.ndarray, outcome: np.ndarray) -> float:
    """Return a number with the sign of the slope of one part, whose means may differ from those of the whole."""
    return float(feature @ outcome) - float(feature.sum()) * float(outcome.mean())


def _by_evidence(row: ScanRow) -> tuple[float, float]:
    return (1.0 if row.p_value_hac is None else row.p_value_hac, -abs(row.t_hac or 0.0))


def _correct(rows: list[ScanRow]) -> tuple[ScanRow, ...]:
    """Return the rows with their q-values (Benjamini and Hochberg, 1995)."""
    q_values = adjust_p_values([row.p_value_hac for row in rows])
    return tuple(replace(row, q_value=q_value) for row, q_value in zip(rows, q_values, strict=True))
