"""A predicted volatility in the user's terms, for the pages and the report: plain text."""

import numpy as np

from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.units import level_text
from core.forecast.evaluation.volatility_measure import VolatilityMeasure
from core.text.format import format_number


def volatility_text(evaluation: Evaluation) -> str:
    """Return how the volatility is measured and annualised, and how far its forecasts are off; empty for other outcomes."""
    if evaluation.volatility is None:
        return ""
    parts = [measure_text(evaluation.volatility), _annual_text(evaluation.volatility), errors_text(evaluation)]
    return " ".join(filter(None, parts))


def measure_text(measure: VolatilityMeasure) -> str:
    """Return what a volatility is measured from, and what it leaves out."""
    if measure.bar is None:
        return "Volatility is the root mean square of log returns, from row to row."
    high, low = measure.bar
    compared = ""
    if measure.to_returns is not None:
        compared = f": over the train era it is {format_number(measure.to_returns)} times the volatility of log returns"
    return (
        f"Volatility is Parkinson's, from the range between {high} and {low} within each row. It leaves out the gaps between "
        f"rows{compared}."
    )


def _annual_text(measure: VolatilityMeasure) -> str:
    rows = measure.rows_a_year
    if rows is None:
        return "Pages show it in percent per row; predictions.csv holds fractions per row."
    return (
        f"Pages show it in percent, per row and annualised: {format_number(round(rows))} rows a year, so a year is "
        f"{format_number(float(np.sqrt(rows)))} times a row. predictions.csv holds fractions per row."
    )


def errors_text(evaluation: Evaluation) -> str:
    """Return how far the forecasts of a volatility are off, per row and a year; empty for other outcomes or without scores."""
    if evaluation.volatility is None:
        return ""
    scores, era = evaluation.judged
    texts = []
    if "lstm" in scores:
        texts.append(f"RMSE of the LSTM on {era}: {level_text(evaluation, scores['lstm'].rmse)}.")
    if evaluation.interval is not None:
        texts.append(f"Mean width of the interval: {level_text(evaluation, evaluation.interval.mean_width)}.")
    return " ".join(texts)
