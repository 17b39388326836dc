"""Results of a regression: coefficients, diagnostics and residuals."""

from dataclasses import asdict, dataclass
from typing import Literal

from core.findings.model import Finding, to_document
from core.regression.diagnostics import Diagnostic
from core.regression.scan import ScanRow
from core.samples.task import Task

CONSTANT = "const"


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """One coefficient, in outcome units per unit of its feature.

    `std_err`, `t` and `p_value` are ordinary, `std_err_hac` and `p_value_hac` are Newey-West. None if undefined, as for a
    fit without residuals. `name` is the feature's token, or "const".
    """

    name: str
    coef: float
    std_err: float | None
    std_err_hac: float | None
    t: float | None
    p_value: float | None
    p_value_hac: float | None


@dataclass(frozen=True, kw_only=True)
class Residuals:
    """Fitted outcomes and residuals by origin time.

    At most 4000 points, evenly spaced among `sampled_from` rows.
    """

    times: tuple[str, ...]
    fitted: tuple[float, ...]
    residual: tuple[float, ...]
    sampled_from: int


@dataclass(frozen=True, kw_only=True)
class RegressionReport:
    """A least-squares fit on `rows` train samples, with its diagnostics.

    `r2_oos` is the out-of-sample R² on the `oos_rows` samples of the validation era, against `rival`: the more accurate of
    persistence and the train mean on the train era. Negative means worse than the rival; None if the rival makes no error.
    The test era is not used.
    """

    task: Task
    features: tuple[str, ...]
    rows: int
    hac_lags: int
    coefficients: tuple[Coefficient, ...]
    r_squared: float
    r_squared_adj: float
    r2_oos: float | None
    oos_rows: int
    diagnostics: tuple[Diagnostic, ...]
    scan: tuple[ScanRow, ...]
    residuals: Residuals
    findings: tuple[Finding, ...]
    rival: Literal["persistence", "the train mean"] = "persistence"


def regression_document(report: RegressionReport) -> dict[str, object]:
    """Return the content of `regression.json`: the report without its residuals."""
    document = asdict(report) | {"findings": [asdict(to_document(finding)) for finding in report.findings]}
    del document["residuals"]
    return document
