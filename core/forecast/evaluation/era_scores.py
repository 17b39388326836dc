"""Scores of every model on the rows of one era."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.forecast.evaluation.scores import LABELS, Scores, diebold_mariano, score_model
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


def score_era(
    part: pd.DataFrame, features: "FeatureFrame", task: Task, train_step: float | None, *, mean_is_rival: bool
) -> dict[str, Scores]:
    """Score every model of a predictions table on one era.

    Parameters
    ----------
    part
        The rows of one era of the table that `build_predictions` made.
    features, task
        The feature frame, and the task.
    train_step
        The scale of MASE, from `mean_train_step`.
    mean_is_rival
        Whether the train mean is a rival: the table then has its column, and changes are relative to it.
    """
    origins = part.index.to_numpy()
    base, actual = features.target[origins], part["actual"].to_numpy()
    start = reference_levels(part, features, mean_is_rival=mean_is_rival)
    one_series = features.series is None or len(set(features.series)) == 1
    times = part["time"].to_numpy()
    scores = {
        name: score_model(
            actual, part[name].to_numpy(), base, times, task.horizon, train_step, one_series=one_series, start=start
        )
        for name in LABELS
        if name in part
    }
    loss = {name: np.square(actual - part[name].to_numpy()) for name in scores}
    for name, score in scores.items():
        if mean_is_rival and (found := diebold_mariano(loss[name], loss["mean"], times, task.horizon)):
            score = replace(score, dm_mean_statistic=found[0], dm_mean_p_value=found[1])
        if "lstm" in scores and (found := diebold_mariano(loss[name], loss["lstm"], times, task.horizon)):
            score = replace(score, dm_lstm_statistic=found[0], dm_lstm_p_value=found[1])
        scores[name] = score
    return scores


def reference_levels(part: pd.DataFrame, features: "FeatureFrame", *, mean_is_rival: bool) -> np.ndarray:
    """Return the levels that changes are relative to, float64 (rows,).

    The train mean if it is a rival, else the last values at the origins.
    """
    return part["mean"].to_numpy() if mean_is_rival else features.target[part.index.to_numpy()]
