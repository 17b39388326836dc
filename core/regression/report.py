"""Results of a regression: coefficients, diagnostics and residuals."""

from dataclasses import asdict, dataclass
from typing import Literal

from core.findings.model import Finding, to_document
from core.regression.acf import Autocorrelation
from core.regression.coefficient import Coefficient
from core.regression.cointegration import Cointegration
from core.regression.diagnostics import Diagnostic
from core.regression.forms import FormFit
from core.regression.granger import GrangerTest
from core.regression.influence import Influence
from core.regression.points import Points
from core.regression.question import Kind, Values
from core.regression.scan import ScanRow
from core.regression.shrinkage import ShrinkagePath
from core.regression.stability import Stability
from core.samples.task import Task


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
    known if levels are explained. `granger` is only known if changes are.
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
    stability: Stability | None = None
    influence: Influence | None = None
    residual_acf: Autocorrelation | None = None
    points: Points | None = None
    granger: tuple[GrangerTest, ...] = ()
    shrinkage: tuple[ShrinkagePath, ...] = ()

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
    """Return the content of `regression.json`: the report without what is only drawn."""
    document = asdict(report) | {"findings": [asdict(to_document(finding)) for finding in report.findings]}
    for drawn in ("residuals", "points", "influence", "residual_acf", "stability"):
        del document[drawn]
    document["shrinkage"] = [_best_fit(path) for path in report.shrinkage if path.best is not None]
    document["most_likely_break"] = report.stability and report.stability.most_likely_break
    return document


def _best_fit(path: ShrinkagePath) -> dict[str, object]:
    """Return the fit of a path with the largest R² on the validation era; its coefficients are standardised."""
    best = path.best or 0
    return {
        "penalty": path.penalty,
        "strength": path.strengths[best],
        "r2_oos": path.r2_oos[best],
        "coefficients": dict(zip(path.names, path.coefficients[best], strict=True)),
    }
