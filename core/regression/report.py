"""Results of a regression: coefficients, diagnostics and residuals."""

from dataclasses import asdict, dataclass
from typing import Literal

from core.findings.model import Finding, to_document
from core.regression.cointegration import Cointegration
from core.regression.diagnostics import Diagnostic
from core.regression.forms import FormFit
from core.regression.question import Kind, Values
from core.regression.scan import ScanRow
from core.samples.task import Task

CONSTANT = "const"


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """One coefficient, in outcome units per unit of its feature.

    `standardised` is the same in standard deviations of both; the constant has none. `std_err`, `t` and `p_value` are
    ordinary. `std_err_hc3` allows for heteroskedasticity (MacKinnon and White, 1985), `std_err_hac` also for autocorrelation
    (Newey and West, 1987); `low` and `high` are the ends of its 95% interval. `p_value_hac` tests a zero coefficient with the
    variance computed under that hypothesis, so it holds with few rows and, as Hodrick's (1992), with overlapping outcomes; it
    may disagree with the interval. `rows_behind` is how many rows the coefficient depends on. None if undefined, as for a fit
    without residuals. `name` is the feature's token, or "const".
    """

    name: str
    coef: float
    standardised: float | None
    std_err: float | None
    std_err_hc3: float | None
    std_err_hac: float | None
    low: float
    high: float
    t: float | None
    p_value: float | None
    p_value_hac: float | None
    rows_behind: float


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

    `r2_oos` is the out-of-sample R² on the `oos_rows` samples of the validation era, against `rival`: if the question is to
    explain, the train mean of the outcome; else the more accurate of persistence and the train mean on the train era.
    Negative means worse than the rival; None if the rival makes no error. The test era is not used. `cointegration` is the
    test of a regression of levels, and `forms` are the fits on levels, on changes and with an error correction; both are only
    known if levels are explained.
    """

    question: Kind
    values: Values
    task: Task
    features: tuple[str, ...]
    rows: int
    hac_lags: int
    coefficients: tuple[Coefficient, ...]
    r_squared: float
    r_squared_adj: float
    aic: float
    bic: float
    r2_oos: float | None
    oos_rows: int
    diagnostics: tuple[Diagnostic, ...]
    scan: tuple[ScanRow, ...]
    residuals: Residuals
    findings: tuple[Finding, ...]
    rival: Literal["persistence", "the train mean"] = "persistence"
    cointegration: Cointegration | None = None
    forms: tuple[FormFit, ...] = ()

    @property
    def outcome(self) -> str:
        """What is regressed, in words: "log return of close", "level of vix after 5 rows"."""
        return outcome_text(self.question, self.task)


def outcome_text(question: Kind, task: Task) -> str:
    """Return what is regressed, in words.

    Examples
    --------
    >>> outcome_text("explain", Task(target="vix", predict="level", horizon=1))
    'level of vix'
    """
    return f"{task.predict.replace('_', ' ')} of {task.target}" if question == "explain" else task.label


def regression_document(report: RegressionReport) -> dict[str, object]:
    """Return the content of `regression.json`: the report without its residuals."""
    document = asdict(report) | {"findings": [asdict(to_document(finding)) for finding in report.findings]}
    del document["residuals"]
    return document
