"""Reasons for dropping a column, with the number and the threshold."""

import numpy as np

from core.cleaning.thresholds import ColumnMeasures, ThresholdOutcome
from core.findings.cleaning import UNUSABLE
from core.recipe.model import CleaningSettings


def explain_decisions(
    measures: ColumnMeasures, outcome: ThresholdOutcome, settings: CleaningSettings
) -> dict[int, tuple[str, ...]]:
    """Return the reasons per position of a column, for those that have any.

    A manually kept column lists what speaks against it.

    Parameters
    ----------
    measures : the measures of the feature columns
    outcome : which of them are kept under the settings
    settings : the thresholds and manual choices
    """
    has_reason = ~measures.usable | outcome.keep | outcome.drop | (outcome.better >= 0)
    has_reason |= np.logical_or.reduce(list(outcome.exceeded.values()))
    return {
        position: _reasons(position, measures, outcome, settings) for position in np.flatnonzero(has_reason).tolist()
    }


def _reasons(
    position: int, measures: ColumnMeasures, outcome: ThresholdOutcome, settings: CleaningSettings
) -> tuple[str, ...]:
    reasons = []
    if outcome.keep[position] and measures.usable[position]:
        reasons.append("kept manually")
    elif outcome.drop[position]:
        reasons.append("dropped manually")
    if not measures.usable[position]:
        reasons.append(UNUSABLE[measures.kinds[position]])
    if measures.bad_ratio[position] > settings.max_bad_ratio:
        share, most = _percentages(measures.bad_ratio[position], settings.max_bad_ratio)
        reasons.append(f"{share} of its values in the train era are bad, more than {most}")
    if outcome.exceeded["max_bad_ratio"][position] and (died := measures.died_in_train[position]):
        reasons.append(f"it stops updating in the train era: no valid values after {died[:10]}")
    if outcome.exceeded["min_relative_variance"][position]:
        least = settings.min_relative_variance
        found = _digits(measures.relative_variance[position], least)
        reasons.append(
            "it is constant in the train era"
            if measures.constant[position]
            else f"its relative variance in the train era is {found}, less than {least:g}"
        )
    if outcome.exceeded["max_unique_ratio"][position]:
        share, most = _percentages(measures.unique_ratio[position], settings.max_unique_ratio)
        reasons.append(
            f"it looks like an identifier: {share} of its values in the train era are distinct, more than {most}"
        )
    if outcome.exceeded["max_top_share"][position]:
        share, most = _percentages(measures.top_share[position], settings.max_top_share)
        reasons.append(f"one value makes up {share} of its valid values in the train era, more than {most}")
    if outcome.exceeded["max_stale_ratio"][position]:
        share, most = _percentages(measures.stale_ratio[position], settings.max_stale_ratio)
        reasons.append(f"{share} of its rows in the train era are in runs of equal values, more than {most}")
    if outcome.better[position] >= 0:
        reasons.append(_near_duplicate(position, outcome.better[position], measures, settings.max_correlation))
    return tuple(reasons)


def _near_duplicate(position: int, better: int, measures: ColumnMeasures, most: float) -> str:
    ranks = [int(np.flatnonzero(measures.ranked == column)[0]) for column in (better, position)]
    advantage = "an equally good column"
    if measures.bad_ratio[better] < measures.bad_ratio[position]:
        advantage = "which has fewer bad values"
    elif measures.target_correlation[better] > measures.target_correlation[position]:
        advantage = "which is more strongly correlated with the target"
    found = _digits(abs(measures.ranking.correlation_of(*ranks)), most, digits=6)
    return (
        f"its correlation with '{measures.names[better]}', {advantage}, is {found} in the train era, more than {most:g}"
    )


def _percentages(share: float, threshold: float) -> tuple[str, str]:
    return f"{_digits(100 * share, 100 * threshold)}%", f"{100 * threshold:g}%"


def _digits(number: float, threshold: float, digits: int = 3) -> str:
    """Return a number with enough significant digits to differ from the threshold."""
    texts = (f"{number:.{enough}g}" for enough in range(digits, 12))
    return next((text for text in texts if (float(text) - threshold) * (number - threshold) > 0), f"{number:g}")
