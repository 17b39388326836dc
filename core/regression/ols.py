"""Ordinary least squares of the outcome on features known at the forecast origin."""

import math
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import number_stretches
from core.data.eras import Era
from core.errors.regression import NoVaryingFeature, TooFewSamplesToRegress
from core.errors.samples import ConstantOutcome, NoFeature
from core.findings.model import Finding, worst_first
from core.progress import NoProgress, Progress, ShouldStop, never_stop, require_going
from core.recipe.model import RegressionSettings
from core.regression.design import Design, make_design
from core.regression.diagnostics import diagnose_collinearity, worst_inflation
from core.regression.newey_west import NeweyWest, choose_lags, normal_p_value
from core.regression.regression_findings import check_fit, check_left_out, check_spurious
from core.regression.report import CONSTANT, Coefficient, RegressionReport, Residuals
from core.regression.residuals import diagnose_residuals
from core.regression.scan import scan_features
from core.regression.stationarity import assess_stationarity, diagnose_stationarity
from core.samples.features import FeatureFrame
from core.samples.prepare import choose_features
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

MOST_POINTS = 4000
SPARE_ROWS = 10


def fit_regression(
    features: FeatureFrame,
    samples: Samples,
    task: Task,
    settings: RegressionSettings,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> RegressionReport:
    """Fit the train outcomes on the features at their origins, and test the fit.

    Raises `NoFeature`, `NoSelectedFeature`, `NoCompleteFeatures`, `NoVaryingFeature`, `TooFewSamplesToRegress`,
    `ConstantOutcome` and `Stopped`.

    Parameters
    ----------
    features, samples, task
        The feature frame, the samples of all eras, and the task.
    settings
        The selected features and the number of HAC lags.
    progress, should_stop
        Progress reports and stop requests.
    """
    names, absent = _select_features(features, settings)
    complete = features.complete_rows(names)
    train = _usable(samples, Era.TRAIN, complete)
    outcome = _require_outcome(samples.outcome[train], task, len(names))

    progress.step(0, 4, "Fitting the regression")
    stretches = number_stretches(samples.rows[train], samples.blocks[train])
    design, left_out = make_design(_values(features, samples, names, train), names, outcome, stretches)
    series = None if features.series is None else features.series[samples.rows[train]]
    design = replace(design, several_series=series is not None and bool((series != series[0]).any()))
    if not design.names:
        raise NoVaryingFeature()
    hac_lags = choose_lags(settings.hac_lags, len(train), task.horizon, design.blocks)
    fit = _fit_least_squares(design)
    coefficients = _coefficients(design, fit, hac_lags)
    require_going(should_stop)

    progress.step(1, 4, "Testing its assumptions")
    longest = np.flatnonzero(design.blocks == np.bincount(design.blocks).argmax())
    stationarity = assess_stationarity(outcome[longest])
    label = _outcome_label(task, None if series is None else series[longest[0]], len(longest) < len(train))
    inverse = len(train) * np.asarray(fit.normalized_cov_params)[1:, 1:]
    diagnostics = (
        *diagnose_residuals(design, np.asarray(fit.resid), task.horizon, should_stop),
        *diagnose_collinearity(design.names, inverse),
        *diagnose_stationarity(stationarity, label),
    )

    progress.step(2, 4, "Regressing on each feature alone")
    scan = scan_features(design, hac_lags, should_stop)

    progress.step(3, 4, "Predicting the validation era")
    beta = np.array([coefficient.coef for coefficient in coefficients])
    validation = _usable(samples, Era.VALIDATION, complete)
    predicted = beta[0] + _values(features, samples, design.names, validation) @ beta[1:]
    mean = train_mean(samples, is_direction=task.is_direction)
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
    positive = bool((samples.base[train] > 0).all())
    findings = [
        *absent,
        *check_left_out(design, left_out),
        *check_fit(report, settings, design.several_series, worst_inflation(design.names, inverse)),
        *check_spurious(report, stationarity, design, longest, positive),
    ]
    progress.step(4, 4, "Regression done")
    return replace(report, findings=worst_first(findings))


def _select_features(
    features: FeatureFrame, settings: RegressionSettings
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return the selected features, or all if none is selected, and findings on unknown ones."""
    known = tuple(features.values.columns)
    if not known:
        raise NoFeature()
    selected, absent = choose_features(settings.features, features, "regression")
    return selected or known, absent


def _require_outcome(outcome: np.ndarray, task: Task, features: int) -> np.ndarray:
    needed = features + SPARE_ROWS
    if len(outcome) < needed:
        raise TooFewSamplesToRegress(found=len(outcome), features=features, needed=needed)
    if np.ptp(outcome) == 0:
        raise ConstantOutcome(outcome=task.label, value=float(outcome[0]), samples=len(outcome))
    return outcome


def _usable(samples: Samples, era: Era, complete: np.ndarray) -> np.ndarray:
    """Return the positions of the samples of an era with an outcome and all features, int64 (m,).

    `complete`, bool (rows,), marks the rows that have all features.
    """
    positions = samples.of(era)
    return positions[np.isfinite(samples.outcome[positions]) & complete[samples.rows[positions]]]


def _values(features: FeatureFrame, samples: Samples, names: tuple[str, ...], which: np.ndarray) -> np.ndarray:
    """Return the features at the origins of the samples `which`, float64 (m, names)."""
    rows = samples.rows[which]
    values = np.empty((len(rows), len(names)), order="F")
    for position, name in enumerate(names):
        values[:, position] = features.values[name].to_numpy()[rows]
    return values


def _fit_least_squares(design: Design) -> "RegressionResults":
    """Fit the outcome of the design on its columns, with ordinary standard errors.

    statsmodels solves by singular value decomposition; QR is many times faster, and safe as the columns are independent.
    """
    from statsmodels.regression.linear_model import OLS, OLSResults

    rows, columns = design.exog.shape
    orthogonal, triangle = np.linalg.qr(design.exog)
    inverse = np.linalg.solve(triangle, np.eye(columns))
    model = OLS(design.outcome, design.exog, hasconst=True)
    model.df_model, model.df_resid = columns - 1.0, float(rows - columns)
    return OLSResults(model, inverse @ (orthogonal.T @ design.outcome), normalized_cov_params=inverse @ inverse.T)


def _coefficients(design: Design, fit: "RegressionResults", hac_lags: int) -> tuple[Coefficient, ...]:
    """Return the coefficients in original units, the constant first."""
    with warnings.catch_warnings():
        # Without residuals, errors are 0 and t is infinite; both become None below.
        warnings.simplefilter("ignore")
        ordinary = fit.t_test(design.to_units)
    # Times a row's features, column j is the influence of one unit of the row's outcome on coefficient j.
    influence = fit.normalized_cov_params @ design.to_units.T
    newey_west = NeweyWest(design.blocks, hac_lags)
    residual = np.asarray(fit.resid)
    coefficients = []
    for position, name in enumerate((CONSTANT, *design.names)):
        coef, error, t, p_value = (
            float(np.ravel(column)[position])
            for column in (ordinary.effect, ordinary.sd, ordinary.tvalue, ordinary.pvalue)
        )
        error_hac = newey_west.std_of_sum((design.exog @ influence[:, position]) * residual)
        coefficients.append(
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
    return tuple(coefficients)


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _r2_against(rival: np.ndarray, outcome: np.ndarray, predicted: np.ndarray) -> float | None:
    """Return 1 - SSE / SSE(rival) (Campbell and Thompson, 2008), None if that is undefined."""
    total = np.square(outcome - rival).sum()
    error = outcome - predicted
    return float(1 - error @ error / total) if total > 0 else None


def _outcome_label(task: Task, series: str | None, is_part: bool) -> str:
    """Return the outcome in words; if only the longest block is tested, that too."""
    block = ("" if series is None else f"series {series}, ") + "the longest unbroken stretch"
    return f"The {task.label}{f' ({block})' if is_part else ''}"


def _thin(times: np.ndarray, fitted: np.ndarray, residual: np.ndarray) -> Residuals:
    """Return at most `MOST_POINTS` evenly spaced points, by time; all arrays have shape (n,)."""
    order = np.argsort(times, kind="stable")
    order = order[np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).round().astype(int)]
    return Residuals(
        times=tuple(np.datetime_as_string(times[order], unit="s").tolist()),
        fitted=tuple(fitted[order].tolist()),
        residual=tuple(residual[order].tolist()),
        sampled_from=len(times),
    )
