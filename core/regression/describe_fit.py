"""Sentences on what a regression asks and how well it fits, for the page and the report."""

from core.regression.question import Kind, Values
from core.regression.report import RegressionReport
from core.text.format import format_correlation, format_count, format_number, format_percent

VALUES_LABELS: dict[Values, str] = {
    "changes": "changes",
    "levels": "levels",
    "error_correction": "error correction",
}


def describe_question(kind: Kind, values: Values, target: str, horizon: int) -> str:
    """Return what a fit will do, before it is started.

    Parameters
    ----------
    kind, values
        The question, and what is explained.
    target, horizon
        The target and, to predict it, the rows ahead.
    """
    if kind == "predict":
        return (
            f"Predicts {target} {format_count(horizon, 'row')} ahead by least squares, on features known at the forecast "
            "origin. Fitted on the train era, judged on the validation era."
        )
    what = {
        "changes": f"Explains the changes of {target} by the changes of the other columns in the same row.",
        "levels": f"Explains the level of {target} by the levels of the other columns in the same row, and tests whether that "
        "is spurious.",
        "error_correction": f"Explains the changes of {target} by the changes of the other columns and by the last deviation "
        "from their relation of levels.",
    }
    return f"{what[values]} Fitted on the train era by least squares, judged on the validation era."


def describe_fit(report: RegressionReport) -> str:
    """Return the fit in and out of sample; on levels, first whether it is spurious."""
    explain = "1 feature explains" if len(report.features) == 1 else f"{len(report.features)} features explain"
    out_of_sample = "not available" if report.r2_oos is None else format_correlation(report.r2_oos)
    return (
        f"{_describe_levels(report)}{explain} {format_percent(report.r_squared)} of the variance of the {report.outcome} in the "
        f"train era. R² out of sample: {out_of_sample}."
    )


def _describe_levels(report: RegressionReport) -> str:
    found = report.cointegration
    if found is None:
        return ""
    if found.cointegrated is None:
        return "Spurious unless cointegrated, which was not tested. "
    result = "Cointegrated" if found.cointegrated else "Spurious unless cointegrated, and no cointegration is found"
    statistic, critical = format_number(found.statistic), format_number(found.critical)
    return f"{result} (Engle-Granger {statistic}, 1% critical value {critical}). "


def describe_numbers(report: RegressionReport) -> str:
    """Return the numbers of the fit in one line: R² in and out of sample, information criteria, and rows."""
    out_of_sample = "–" if report.r2_oos is None else format_number(report.r2_oos)
    rival = f"against {report.rival} on {format_count(report.oos_rows, 'validation row')}"
    return (
        f"R² {format_number(report.r_squared)} · adjusted {format_number(report.r_squared_adj)} · out of sample "
        f"{out_of_sample} {rival} · AIC {format_number(report.aic)} · BIC {format_number(report.bic)} · "
        f"{format_count(report.rows, 'train row')}"
    )
