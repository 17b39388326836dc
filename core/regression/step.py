"""The step "regression": the least-squares fit of what the recipe asks, cached."""

from dataclasses import replace

from core.context import Context
from core.findings.model import worst_first
from core.findings.regression import NothingToExplainWith
from core.io.fingerprint import fingerprint_of
from core.quality.step import profile
from core.regression.question import pose_question
from core.regression.report import RegressionReport
from core.runtime import one_blas_thread
from core.samples.step import prepare_once, samples_key

# Raise it when the fit of the same samples changes.
VERSION = 7


def regression_key(context: Context) -> str:
    """Return the key of the regression: everything that its numbers depend on."""
    return context.once(
        "regression-key", lambda: fingerprint_of(VERSION, samples_key(context), context.recipe.regression)
    )


def regress(context: Context) -> RegressionReport:
    """Return the least-squares fit of what the recipe asks, with its diagnostics."""

    def fit() -> RegressionReport:
        from core.regression.forms import compare_forms
        from core.regression.ols import fit_regression

        ready, quality, recipe = prepare_once(context), profile(context), context.recipe
        question = pose_question(ready, quality, recipe)
        on_levels = question.kind == "explain" and question.values != "changes"
        with one_blas_thread():
            forms = compare_forms(ready, quality, recipe) if on_levels else ()
            report = fit_regression(question, recipe.regression.hac_lags, forms, context.progress, context.should_stop)
        alone = recipe.regression.question != question.kind
        lonely = (NothingToExplainWith(target=question.task.target),) if alone else ()
        return replace(report, findings=worst_first([*ready.findings, *lonely, *report.findings]))

    return context.fetch("regression", regression_key(context), RegressionReport, fit)
