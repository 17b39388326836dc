"""Why a column goes, or what speaks against one that was kept by hand: sentences with the number and the threshold."""

import numpy as np

from core.cleaning.thresholds import UNUSABLE, ColumnMeasures, ThresholdOutcome
from core.recipe.model import CleaningSettings


def give_reasons(
    evidence: ColumnMeasures, verdict: ThresholdOutcome, settings: CleaningSettings
) -> dict[int, tuple[str, ...]]:
    """Return the reasons of every column that has one, by its place."""
    spoken_of = ~evidence.usable | verdict.kept | verdict.dropped | (verdict.better >= 0)
    spoken_of |= np.logical_or.reduce(list(verdict.faults.values()))
    return {place: _reasons(place, evidence, verdict, settings) for place in np.flatnonzero(spoken_of).tolist()}


def _reasons(
    place: int, evidence: ColumnMeasures, verdict: ThresholdOutcome, settings: CleaningSettings
) -> tuple[str, ...]:
    reasons = []
    if verdict.kept[place] and evidence.usable[place]:
        reasons.append("kept by hand")
    elif verdict.dropped[place]:
        reasons.append("dropped by hand")
    if not evidence.usable[place]:
        reasons.append(UNUSABLE[evidence.kinds[place]])
    if evidence.bad_ratio[place] > settings.max_bad_ratio:
        share, most = 100 * evidence.bad_ratio[place], 100 * settings.max_bad_ratio
        reasons.append(f"{_show(share, most)} % of its values are bad in the train era, more than {most:g} %")
    if verdict.faults["max_bad_ratio"][place] and (died := evidence.died_in_train[place]):
        reasons.append(f"it died in the train era: none of its values is good after {died[:10]}")
    if verdict.faults["min_relative_variance"][place]:
        least = settings.min_relative_variance
        found = _show(evidence.relative_variance[place], least)
        reasons.append(
            "its value never changes in the train era"
            if evidence.constant[place]
            else f"its relative variance is {found} in the train era, less than {least:g}"
        )
    if verdict.faults["max_unique_ratio"][place]:
        share, most = 100 * evidence.unique_ratio[place], 100 * settings.max_unique_ratio
        reasons.append(
            f"it looks like an identifier: {_show(share, most)} % of its values are distinct in the train era, "
            f"more than {most:g} %"
        )
    if verdict.faults["max_top_share"][place]:
        share, most = 100 * evidence.top_share[place], 100 * settings.max_top_share
        reasons.append(
            f"one value fills {_show(share, most)} % of its good rows in the train era, more than {most:g} %"
        )
    if verdict.faults["max_stale_ratio"][place]:
        share, most = 100 * evidence.stale_ratio[place], 100 * settings.max_stale_ratio
        reasons.append(f"it stands still in {_show(share, most)} % of the train era, more than {most:g} %")
    if verdict.better[place] >= 0:
        reasons.append(_repeats(place, verdict.better[place], evidence, settings.max_correlation))
    return tuple(reasons)


def _repeats(place: int, better: int, evidence: ColumnMeasures, most: float) -> str:
    ranks = [int(np.flatnonzero(evidence.contestants == one)[0]) for one in (better, place)]
    why = "which says the same"
    if evidence.bad_ratio[better] < evidence.bad_ratio[place]:
        why = "which has fewer bad values"
    elif evidence.related[better] > evidence.related[place]:
        why = "which is closer to the target"
    found = _show(abs(evidence.contest.correlation_of(*ranks)), most, digits=6)
    return f"its correlation with '{evidence.names[better]}', {why}, is {found} in the train era, more than {most:g}"


def _show(number: float, threshold: float, digits: int = 3) -> str:
    """Return the number with at least so many digits, and with all that it takes to see on which side of the threshold it lies."""
    texts = (f"{number:.{enough}g}" for enough in range(digits, 12))
    return next((text for text in texts if (float(text) - threshold) * (number - threshold) > 0), f"{number:g}")
