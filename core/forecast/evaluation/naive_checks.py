"""Naive checks: whether a forecast only repeats the last value or one direction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.accuracy.clark_west import average_by_stamp
from core.accuracy.mean_test import mean_test
from core.forecast.evaluation.by_series import (
    SeriesWeight,
    TimeWeight,
    centre_by_series,
    find_heaviest,
    find_heaviest_time,
)
from core.forecast.evaluation.era_scores import reference_levels
from core.forecast.evaluation.outcomes import Outcomes
from core.forecast.evaluation.scores import EraName, direction_hits

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

FEWEST_ROWS = 10


@dataclass(frozen=True, kw_only=True)
class NaiveChecks:
    """Diagnostics for persistence-like forecasts of the LSTM, computed on `era`.

    None if a number does not exist. `flatness` is the standard deviation of predicted changes divided by that of actual ones.
    `slope` is that of actual on predicted changes from the last value, centred by series, with the one-sided p-value of a slope
    above 0: of a copy of the last value it is not. A direction has none. `majority_share` is the share of the more frequent
    direction. `heaviest` is the series with most of the naive forecast's loss, None for a single series.
    """

    era: EraName
    flatness: float | None
    slope: float | None
    slope_p_value: float | None
    majority_share: float | None
    heaviest: SeriesWeight | None = None
    heaviest_time: TimeWeight | None = None


def compute_naive_checks(
    part: pd.DataFrame | None, features: "FeatureFrame", outcomes: Outcomes | None, era: EraName, *, mean_is_rival: bool
) -> NaiveChecks:
    """Compute the diagnostics of the LSTM on one era.

    Parameters
    ----------
    part
        The rows of the era in the table that `build_predictions` made, None if it has none.
    features
        The feature frame.
    outcomes
        The outcomes of the same rows.
    era
        The name of the era.
    mean_is_rival
        Whether the train mean is a rival: changes are then relative to it.
    """
    if part is None or outcomes is None or len(part) < FEWEST_ROWS:
        return NaiveChecks(era=era, flatness=None, slope=None, slope_p_value=None, majority_share=None)
    predicted, start = (
        part["lstm"].to_numpy(),
        reference_levels(part, features, outcomes.loss, mean_is_rival=mean_is_rival),
    )
    actual_change = part["actual"].to_numpy() - start
    spread = float(actual_change.std())
    _, up = direction_hits(actual_change, actual_change)
    slope, slope_p_value = (None, None) if outcomes.loss == "log_loss" else _fit_slope(part, features, outcomes)
    return NaiveChecks(
        era=era,
        flatness=float((predicted - start).std() / spread) if spread > 0 else None,
        slope=slope,
        slope_p_value=slope_p_value,
        majority_share=float(max(up.mean(), 1 - up.mean())) if len(up) else None,
        heaviest=None if outcomes.series is None else find_heaviest(outcomes.series, outcomes.losses("persistence")),
        heaviest_time=find_heaviest_time(outcomes.stamps, outcomes.losses("persistence")),
    )


def _fit_slope(part: pd.DataFrame, features: "FeatureFrame", outcomes: Outcomes) -> tuple[float | None, float | None]:
    """Return the slope of actual on predicted changes from the last value, and its one-sided p-value."""
    blocks = features.blocks[part.index.to_numpy()]
    last = outcomes.predicted["persistence"]
    predicted = centre_by_series(outcomes.predicted["lstm"] - last, blocks)
    actual = centre_by_series(outcomes.actual - last, blocks)
    size = float(predicted @ predicted)
    # Rounding errors of a forecast that is the last value have no slope.
    if size <= 1e-18 * float(np.square(outcomes.actual).sum()):
        return None, None
    found = mean_test(average_by_stamp(predicted * actual, outcomes.stamps), outcomes.horizon)
    return float(predicted @ actual) / size, found.p_value
