"""Ordinary least squares of what is predicted on features known at the origin, with errors that autocorrelation does not fool."""

import math
import warnings
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.data.eras import Era
from core.errors.model import DataError
from core.findings.model import Finding, to_document, worst_first
from core.progress import Progress, ShouldStop, Silence, never_stop, require_going
from core.recipe.model import RegressionSettings
from core.regression.design import Design, make_design
from core.regression.diagnostics import Diagnostic, check_collinearity
from core.regression.newey_west import NeweyWest, choose_lags, normal_p_value
from core.regression.regression_findings import remark_on_drift, remark_on_features, remark_on_fit
from core.regression.residuals import check_assumptions
from core.regression.scan import ScanRow, scan_features
from core.regression.stationarity import describe_stationarity, judge_stationarity
from core.samples.prepare import choose_features
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

    from core.samples.features import FeatureFrame

MOST_POINTS = 4000
SPARE_ROWS = 10
CONSTANT = "const"


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """One coefficient in its feature's own unit; `t` and `p_value` go with `std_err`, `p_value_hac` with `std_err_hac`."""

    name: str
    coef: float
    std_err: float | None
    std_err_hac: float | None
    t: float | None
    p_value: float | None
    p_value_hac: float | None


@dataclass(frozen=True, kw_only=True)
class Residuals:
    """Fitted outcomes and residuals by the time of their origin; at most 4000 points taken evenly from `sampled_from`."""

    times: tuple[str, ...]
    fitted: tuple[float, ...]
    residual: tuple[float, ...]
    sampled_from: int


@dataclass(frozen=True, kw_only=True)
class RegressionReport:
    """The regression and what is wrong with it.

    Fitted on `rows` train samples. `r2_oos` is judged on the `oos_rows` samples of the validation era against `rival`,
    persistence or the train mean, whichever was nearer in the train era: above 0 the squared errors are smaller than its. The test
    era takes no part.
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


def fit_regression(
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    settings: RegressionSettings,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> RegressionReport:
    """Return the least-squares fit of the train outcomes on the features at their origins, with its checks.

    Raises `RecipeError` where no feature that the settings name exists, and `DataError` where the train era has too few rows or an
    outcome that never moves.
    """
    names, absent = _choose_features(features, settings)
    train = _with_outcome(samples, Era.TRAIN)
    outcome = _require_outcome(samples.outcome[train], task, len(names))

    progress.step(0, 4, "Fitting the regression")
    design, left_out = make_design(_values(features, samples, names, train), names, outcome, samples.blocks[train])
    series = None if features.series is None else features.series[samples.rows[train]]
    design = replace(design, several_series=series is not None and bool((series != series[0]).any()))
    if not design.names:
        raise DataError("No feature varies in the train era.", "Keep more columns in the cleaning step.")
    hac_lags = choose_lags(settings.hac_lags, len(train), task.horizon, design.blocks)
    fit = _fit_least_squares(design)
    coefficients = _coefficients(design, fit, hac_lags)
    require_going(should_stop)

    progress.step(1, 4, "Checking what it assumes")
    longest = np.flatnonzero(design.blocks == np.bincount(design.blocks).argmax())
    stationarity = judge_stationarity(outcome[longest])
    label = _outcome_label(task, None if series is None else series[longest[0]], len(longest) < len(train))
    diagnostics = (
        *check_assumptions(design, np.asarray(fit.resid), task.horizon, should_stop),
        *check_collinearity(design.names, len(train) * np.asarray(fit.normalized_cov_params)[1:, 1:]),
        *describe_stationarity(stationarity, label),
    )

    progress.step(2, 4, "Looking at each feature alone")
    scan = scan_features(design, hac_lags, should_stop)

    progress.step(3, 4, "Predicting the validation era")
    beta = np.array([coefficient.coef for coefficient in coefficients])
    validation = _with_outcome(samples, Era.VALIDATION)
    predicted = beta[0] + _values(features, samples, design.names, validation) @ beta[1:]
    mean = train_mean(samples)
    naive = task.no_change(samples.base) if mean is None else task.change(samples.base, mean)
    r2_oos = _r2_against(naive[validation], samples.outcome[validation], predicted)
    residual = np.asarray(fit.resid) * design.outcome_scale
    report = RegressionReport(
        task=task,
        features=design.names,
        rows=len(train),
        hac_lags=hac_lags,
        coefficients=coefficients,
        r_squared=float(fit.rsquared),
        r_squared_adj=float(fit.rsquared_adj),
        r2_oos=r2_oos,
        oos_rows=len(validation),
        diagnostics=diagnostics,
        scan=scan,
        residuals=_thin(samples.origin_times[train], outcome - residual, residual),
        findings=(),
        rival="persistence" if mean is None else "the train mean",
    )
    findings = [
        *absent,
        *remark_on_features(design, left_out),
        *remark_on_fit(report, settings, design),
        *remark_on_drift(report, stationarity, design, longest, bool((samples.base[train] > 0).all())),
    ]
    progress.step(4, 4, "Regression done")
    return replace(report, findings=worst_first(findings))


def regression_document(report: RegressionReport) -> dict[str, object]:
    """Return the content of `regression.json`; the residuals stay with the report."""
    document = asdict(report) | {"findings": [asdict(to_document(finding)) for finding in report.findings]}
    del document["residuals"]
    return document


def _choose_features(
    features: "FeatureFrame", settings: RegressionSettings
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    known = tuple(features.values.columns)
    if not known:
        raise DataError("There is no feature to regress on.", "Keep more columns in the cleaning step.")
    chosen, absent = choose_features(settings.features, features, "regression")
    return chosen or known, absent


def _require_outcome(outcome: np.ndarray, task: Task, features: int) -> np.ndarray:
    if len(outcome) < features + SPARE_ROWS:
        raise DataError(
            f"The train era holds {len(outcome)} samples; a regression on {features} features needs at least "
            f"{features + SPARE_ROWS}.",
            "Name fewer features in the regression step, or give the train era more rows.",
        )
    if np.ptp(outcome) == 0:
        raise DataError(
            f"The {task.label} is {outcome[0]:g} in all {len(outcome)} samples of the train era.",
            "Choose a target that moves, or a longer horizon.",
        )
    return outcome


def _with_outcome(samples: Samples, era: Era) -> np.ndarray:
    positions = samples.of(era)
    return positions[np.isfinite(samples.outcome[positions])]


def _values(features: "FeatureFrame", samples: Samples, names: tuple[str, ...], which: np.ndarray) -> np.ndarray:
    """Return the features at the origins of the samples `which`, as rows x names."""
    rows = samples.rows[which]
    values = np.empty((len(rows), len(names)), order="F")
    for position, name in enumerate(names):
        values[:, position] = features.values[name].to_numpy()[rows]
    return values


def _fit_least_squares(design: Design) -> "RegressionResults":
    """Return the fit of the design's outcome on its columns, with ordinary standard errors.

    statsmodels itself takes a singular value decomposition; columns known to be independent are solved by QR many times
    sooner.
    """
    from statsmodels.regression.linear_model import OLS, OLSResults

    rows, columns = design.exog.shape
    orthogonal, triangle = np.linalg.qr(design.exog)
    inverse = np.linalg.solve(triangle, np.eye(columns))
    model = OLS(design.outcome, design.exog, hasconst=True)
    model.df_model, model.df_resid = columns - 1.0, float(rows - columns)
    return OLSResults(model, inverse @ (orthogonal.T @ design.outcome), normalized_cov_params=inverse @ inverse.T)


def _coefficients(design: Design, fit: "RegressionResults", hac_lags: int) -> tuple[Coefficient, ...]:
    """Return the coefficients in the features' own units, the constant first."""
    with warnings.catch_warnings():
        # Of a fit without residuals, errors are 0 and t is infinite: said as None below.
        warnings.simplefilter("ignore")
        ordinary = fit.t_test(design.to_units)
    # Column j tells how much one unit of outcome in a row moves coefficient j, once multiplied by the row's features.
    pull = fit.normalized_cov_params @ design.to_units.T
    long_run = NeweyWest(design.blocks, hac_lags)
    residual = np.asarray(fit.resid)
    found = []
    for position, name in enumerate((CONSTANT, *design.names)):
        coef, error, t, p_value = (
            float(np.ravel(column)[position])
            for column in (ordinary.effect, ordinary.sd, ordinary.tvalue, ordinary.pvalue)
        )
        error_hac = long_run.error((design.exog @ pull[:, position]) * residual)
        found.append(
            Coefficient(
                name=name,
                coef=coef,
                std_err=_finite_or_none(error),
                std_err_hac=_finite_or_none(error_hac),
                t=_finite_or_none(t),
                p_value=_finite_or_none(p_value),
                p_value_hac=_finite_or_none(normal_p_value(coef / error_hac)) if error_hac else None,
            )
        )
    return tuple(found)


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _r2_against(rival: np.ndarray, outcome: np.ndarray, predicted: np.ndarray) -> float | None:
    """Return 1 - SSE / SSE of the rival (Campbell and Thompson, 2008), or None where the rival makes no error."""
    total = np.square(outcome - rival).sum()
    error = outcome - predicted
    return float(1 - error @ error / total) if total > 0 else None


def _outcome_label(task: Task, series: str | None, in_part: bool) -> str:
    """Return the outcome in words, with what was judged where that is not the whole: a series, or a stretch between gaps."""
    stretch = ("" if series is None else f"series {series}, ") + "the longest stretch"
    return f"The {task.label}{f' ({stretch})' if in_part else ''}"


def _thin(times: np.ndarray, fitted: np.ndarray, residual: np.ndarray) -> Residuals:
    order = np.argsort(times, kind="stable")
    order = order[np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).round().astype(int)]
    return Residuals(
        times=tuple(np.datetime_as_string(times[order], unit="s").tolist()),
        fitted=tuple(fitted[order].tolist()),
        residual=tuple(residual[order].tolist()),
        sampled_from=len(times),
    )
