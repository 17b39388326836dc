"""Univariate regressions: the outcome on each feature alone, with Newey-West errors."""

from dataclasses import dataclass

from core.progress import ShouldStop, never_stop, require_going
from core.regression.design import Design
from core.regression.newey_west import NeweyWest, normal_p_value


@dataclass(frozen=True, kw_only=True)
class ScanRow:
    """The regression of the outcome on one feature and a constant.

    In outcome units per unit of the feature; None if undefined.
    """

    name: str
    coef: float
    std_err_hac: float | None
    t_hac: float | None
    p_value_hac: float | None
    r_squared: float


def scan_features(design: Design, hac_lags: int, should_stop: ShouldStop = never_stop) -> tuple[ScanRow, ...]:
    """Regress the outcome on each feature of the design alone; the largest |t| first.

    Parameters
    ----------
    design
        The train rows.
    hac_lags
        The lags of the Newey-West errors.
    should_stop
        Asked before each feature; a stop raises `Stopped`.
    """
    outcome = design.outcome - design.outcome.mean()
    total = outcome @ outcome
    newey_west = NeweyWest(design.blocks, hac_lags)
    rows = []
    for position, name in enumerate(design.names):
        require_going(should_stop)
        feature = design.exog[:, position + 1]
        squares = feature @ feature
        slope = feature @ outcome / squares
        residual = outcome - slope * feature
        error = newey_west.std_of_sum(feature * residual) / squares
        t = float(slope / error) if error else None
        unit = design.outcome_scale / design.scale[position]
        rows.append(
            ScanRow(
                name=name,
                coef=float(slope * unit),
                std_err_hac=float(error * unit) if error else None,
                t_hac=t,
                p_value_hac=None if t is None else normal_p_value(t),
                r_squared=max(0.0, float(1 - residual @ residual / total)),
            )
        )
    return tuple(sorted(rows, key=lambda row: -abs(row.t_hac or 0.0)))
