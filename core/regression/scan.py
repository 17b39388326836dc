"""Each feature alone: a line through the outcome, with an error that autocorrelation does not fool."""

from dataclasses import dataclass

from core.progress import ShouldStop, never_stop, require_going
from core.regression.design import Design
from core.regression.newey_west import NeweyWest, normal_p_value


@dataclass(frozen=True, kw_only=True)
class ScanRow:
    """A regression of the outcome on one feature and a constant."""

    name: str
    coef: float
    std_err_hac: float | None
    t_hac: float | None
    p_value_hac: float | None
    r_squared: float


def scan_features(design: Design, hac_lags: int, should_stop: ShouldStop = never_stop) -> tuple[ScanRow, ...]:
    """Return one row a feature of the design, the strongest (by its HAC t) first."""
    outcome = design.outcome - design.outcome.mean()
    total = outcome @ outcome
    long_run = NeweyWest(design.blocks, hac_lags)
    rows = []
    for position, name in enumerate(design.names):
        require_going(should_stop)
        column = design.exog[:, position + 1]
        spread = column @ column
        slope = column @ outcome / spread
        residual = outcome - slope * column
        error = long_run.error(column * residual) / spread
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
