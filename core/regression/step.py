"""The step "regression": the least-squares fit of the task on the features, cached."""

from dataclasses import replace

from core.context import Context
from core.findings.model import worst_first
from core.io.fingerprint import fingerprint_of
from core.regression.report import RegressionReport
from core.samples.step import prepare_once, samples_key

# Raise it when the fit of the same samples changes.
VERSION = 3


def regression_key(context: Context) -> str:
    """Return the key of the regression: everything that its numbers depend on."""
    return context.once(
        "regression-key", lambda: fingerprint_of(VERSION, samples_key(context), context.recipe.regression)
    )


def regress(context: Context) -> RegressionReport:
    """Return the least-squares fit of the task on the features, with its diagnostics."""

    def fit() -> RegressionReport:
        from core.regression.ols import fit_regression

        ready, settings = prepare_once(context), context.recipe.regression
        report = fit_regression(
            ready.features, ready.samples, ready.task, settings, context.progress, context.should_stop
        )
        return replace(report, findings=worst_first([*ready.findings, *report.findings]))

    return context.fetch("regression", regression_key(context), RegressionReport, fit)
