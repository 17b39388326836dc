"""Ordinary least squares: the fit of a question, its coefficients, and everything that is tested about it."""

from dataclasses import replace

import numpy as np

from core.findings.model import worst_first
from core.progress import NoProgress, Progress, ShouldStop, never_stop, require_going
from core.regression.acf import autocorrelate
from core.regression.cointegration import run_engle_granger
from core.regression.diagnostic_remedies import FittedCase, add_remedies
from core.regression.diagnostics import diagnose_collinearity, worst_inflation
from core.regression.forms import FormFit
from core.regression.granger import run_granger
from core.regression.influence import measure_influence
from core.regression.least_squares import LeastSquares, describe_coefficients, fit_least_squares
from core.regression.newey_west import choose_lags
from core.regression.points import take_points
from core.regression.question import Question
from core.regression.regression_findings import check_fit, check_left_out, check_levels, check_selection, check_spurious
from core.regression.report import RegressionReport, Residuals, outcome_text
from core.regression.residuals import diagnose_residuals
from core.regression.scan import scan_features
from core.regression.selection import choose_among
from core.regression.shrinkage import trace_shrinkage
from core.regression.stability import assess_stability, diagnose_break
from core.regression.stationarity import assess_stationarity, diagnose_stationarity
from core.regression.train_rows import TrainRows, select_rows
from core.regression.zero_coefficient import ZeroCoefficientTest, find_overlap

MOST_POINTS = 4000
# The tests of residuals and form, which come first among the diagnostics.
_FORM_TESTS = 9


def fit_regression(
    question: Question,
    hac_lags: int | None = None,
    forms: tuple[FormFit, ...] = (),
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> RegressionReport:
    """Fit the train outcomes of a question on its features, and test the fit.

    Raises the errors of `select_rows`, and `Stopped`.

    Parameters
    ----------
    question
        The outcome, the features and the samples.
    hac_lags
        The lags of the Newey-West errors; None chooses them.
    forms
        The same relation in other forms, if levels are explained.
    progress, should_stop
        Progress reports and stop requests.
    """
    progress.step(0, 4, "Fitting the regression")
    candidates = select_rows(question)
    offered, horizon = candidates.design, question.task.horizon
    lags = choose_lags(hac_lags, len(candidates.which), horizon, offered.blocks)
    overlap = find_overlap(
        question.samples, candidates.which, question.task, question.features.target, offered.outcome_scale
    )
    # Hodrick's terms do not overlap, so their lags follow the rule for single rows.
    test_lags = lags if overlap is None else choose_lags(None, len(candidates.which), 1, offered.blocks)
    scan = scan_features(offered, lags, test_lags, overlap, should_stop)
    rows = replace(candidates, design=offered.keep(choose_among(offered, scan, question)))
    design = rows.design
    fitted = fit_least_squares(design)
    zero_test = ZeroCoefficientTest(design.blocks, test_lags, fitted.freedom, overlap)
    coefficients = describe_coefficients(fitted, lags, zero_test)
    require_going(should_stop)

    progress.step(1, 4, "Testing its assumptions")
    longest = np.flatnonzero(design.blocks == np.bincount(design.blocks).argmax())
    stationarity = assess_stationarity(rows.outcome[longest])
    diagnostics = (
        *diagnose_residuals(design, fitted.residuals, horizon, should_stop),
        *diagnose_collinearity(design.names, fitted.vif_matrix),
        *diagnose_stationarity(stationarity, _tested_label(rows, longest)),
    )
    stability = assess_stability(design, fitted.residuals, rows.times, horizon)
    diagnostics = (*diagnostics[:_FORM_TESTS], diagnose_break(stability.most_likely_break), *diagnostics[_FORM_TESTS:])
    is_positive = bool((question.samples.base[rows.which] > 0).all())
    case = FittedCase(question=question, design=design, inverse=fitted.vif_matrix, target_is_positive=is_positive)
    cointegration = run_engle_granger(design) if question.kind == "explain" and question.values == "levels" else None

    progress.step(2, 4, "Testing what leads")
    lead_lags = question.granger_lags if question.kind == "explain" and question.values == "changes" else 0
    granger = run_granger(offered, tuple(row.name for row in scan), lead_lags, should_stop) if lead_lags else ()

    progress.step(3, 4, "Predicting the validation era")
    aic, bic = fitted.information
    report = RegressionReport(
        question=question.kind,
        values=question.values,
        task=question.task,
        features=design.names,
        rows=len(rows.which),
        hac_lags=lags,
        coefficients=coefficients,
        r_squared=float(fitted.fit.rsquared),
        r_squared_adj=float(fitted.fit.rsquared_adj),
        aic=aic,
        bic=bic,
        r2_oos=rows.r2_oos(np.array([coefficient.coef for coefficient in coefficients])),
        oos_rows=len(rows.validation),
        diagnostics=add_remedies(diagnostics, case),
        scan=scan,
        residuals=_thin(rows, fitted),
        findings=(),
        rival="the train mean" if rows.rival_is_mean else "persistence",
        cointegration=cointegration,
        forms=forms,
        stability=stability,
        influence=measure_influence(fitted, rows.times),
        residual_acf=autocorrelate(fitted.residuals[longest]),
        points=take_points(offered, fitted.residuals, rows.times, tuple(row.name for row in scan)),
        granger=granger,
        shrinkage=trace_shrinkage(rows, should_stop),
    )
    findings = [
        *rows.absent,
        *check_left_out(design, rows.left_out),
        *check_selection(len(design.names), len(offered.names)),
        *check_fit(report, hac_lags, design.several_series, worst_inflation(design.names, fitted.vif_matrix)),
        *check_levels(report),
        *check_spurious(report, stationarity, design, longest, is_positive),
    ]
    progress.step(4, 4, "Regression done")
    return replace(report, findings=worst_first(findings))


def _tested_label(rows: TrainRows, longest: np.ndarray) -> str:
    """Return the outcome in words; if only the longest block is tested, that too."""
    series = "" if rows.series is None else f"series {rows.series[longest[0]]}, "
    part = f" ({series}the longest unbroken stretch)" if len(longest) < len(rows.which) else ""
    return f"The {outcome_text(rows.question.kind, rows.question.task)}{part}"


def _thin(rows: TrainRows, fitted: LeastSquares) -> Residuals:
    """Return at most `MOST_POINTS` evenly spaced points, by time."""
    residual = fitted.residuals * rows.design.outcome_scale
    order = np.argsort(rows.times, kind="stable")
    order = order[np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).round().astype(int)]
    return Residuals(
        times=tuple(np.datetime_as_string(rows.times[order], unit="s").tolist()),
        fitted=tuple((rows.outcome - residual)[order].tolist()),
        residual=tuple(residual[order].tolist()),
        sampled_from=len(rows.which),
    )
