"""Scores of every model on the rows of one era."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.accuracy.mean_test import MeanTest
from core.forecast.evaluation.outcomes import Outcomes
from core.forecast.evaluation.scores import (
    LABELS,
    Loss,
    Scores,
    SignalTest,
    direction_hits,
    naive_names,
    naive_rival,
    pesaran_timmermann,
)

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


def score_era(
    part: pd.DataFrame,
    features: "FeatureFrame",
    outcomes: Outcomes,
    train_step: float | None,
    *,
    mean_is_rival: bool,
) -> dict[str, Scores]:
    """Score every model of a predictions table on one era.

    Parameters
    ----------
    part
        The rows of one era of the table that `build_predictions` made.
    features
        The feature frame.
    outcomes
        The outcomes of the same rows, which models are judged on.
    train_step
        The scale of MASE, from `mean_train_step`.
    mean_is_rival
        Whether the train mean is a rival: directions are then relative to it. Relative to the last value, mean reversion alone
        predicts about 75% of the signs.
    """
    start = reference_levels(part, features, outcomes.loss, mean_is_rival=mean_is_rival)
    one_series = outcomes.series is None or len(set(outcomes.series)) == 1
    independent = one_series and outcomes.horizon == 1
    scores = {
        name: _score(part, name, start, outcomes, train_step, independent=independent)
        for name in LABELS
        if name in part
    }
    naive, rival = naive_names(scores), naive_rival(scores)
    return {name: _compare(name, score, scores, outcomes, naive, rival) for name, score in scores.items()}


def reference_levels(part: pd.DataFrame, features: "FeatureFrame", loss: Loss, *, mean_is_rival: bool) -> np.ndarray:
    """Return the levels that changes are relative to, float64 (rows,).

    One half for probabilities, the train mean if it is a rival, else the last values at the origins.
    """
    if loss == "log_loss":
        return np.full(len(part), 0.5)
    return part["mean"].to_numpy() if mean_is_rival else features.target[part.index.to_numpy()]


def _score(
    part: pd.DataFrame,
    name: str,
    start: np.ndarray,
    outcomes: Outcomes,
    train_step: float | None,
    *,
    independent: bool,
) -> Scores:
    actual, predicted = part["actual"].to_numpy(), part[name].to_numpy()
    errors, predicted_change = actual - predicted, predicted - start
    hits, directions = np.zeros(0, dtype=bool), None
    if predicted_change.any():
        hits, _ = direction_hits(predicted_change, actual - start)
        directions = pesaran_timmermann(predicted_change, actual - start) if independent else None
    pt_statistic, pt_p_value = directions or (None, None)
    return Scores(
        n=len(actual),
        mean_loss=outcomes.mean_loss(name),
        r2_oos=None,
        rmse=float(np.sqrt(np.mean(errors**2))),
        mae=float(np.abs(errors).mean()),
        mase=float(np.abs(errors).mean()) / train_step if train_step else None,
        directional_accuracy=float(hits.mean()) if len(hits) else None,
        pt_statistic=pt_statistic,
        pt_p_value=pt_p_value,
        brier=float(np.mean(errors**2)) if outcomes.loss == "log_loss" else None,
    )


def _compare(
    name: str, score: Scores, scores: dict[str, Scores], outcomes: Outcomes, naive: tuple[str, ...], rival: str
) -> Scores:
    """Return the scores of a model with its tests against the naive forecasts and the LSTM."""
    signals = {other: _as_test(outcomes.signal(name, other)) for other in naive if other != name}
    difference = outcomes.accuracy(name, rival) if rival in scores else None
    accuracy = None if difference is None else _as_test(difference, two_sided=True)
    against_lstm = _as_test(outcomes.accuracy(name, "lstm"), two_sided=True) if "lstm" in scores else None
    benchmark = scores[rival].mean_loss if rival in scores else 0.0
    return replace(
        score,
        r2_oos=1 - score.mean_loss / benchmark if benchmark > 0 else None,
        cw={other: found for other, found in signals.items() if found is not None},
        dm_statistic=None if accuracy is None else accuracy.statistic,
        dm_p_value=None if accuracy is None else accuracy.p_value,
        r2_interval=_relative_interval(difference, benchmark),
        dm_lstm_statistic=None if against_lstm is None else against_lstm.statistic,
        dm_lstm_p_value=None if against_lstm is None else against_lstm.p_value,
    )


def _relative_interval(difference: MeanTest | None, benchmark: float) -> tuple[float, float] | None:
    """Return the 95% interval of a loss difference, model less rival, as a gain relative to the rival's loss.

    No gain is above 1: losses are not negative.
    """
    found = None if difference is None else difference.interval()
    if found is None or not benchmark > 0:
        return None
    low, high = found
    return -high / benchmark, min(-low / benchmark, 1.0)


def _as_test(found: MeanTest, *, two_sided: bool = False) -> SignalTest | None:
    if found.statistic is None or found.p_value is None or found.two_sided is None:
        return None
    return SignalTest(statistic=found.statistic, p_value=found.two_sided if two_sided else found.p_value)
