"""Scores of one model on one era, and tests of predictive accuracy."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

EraName = Literal["test", "validation"]

FEWEST_FOR_TESTS = 8
SIGNIFICANT = 0.05

# The models in the order of tables, and their names.
LABELS = {
    "lstm": "LSTM",
    "persistence": "Persistence",
    "mean": "Train mean",
    "drift": "Drift",
    "ar": "Autoregression",
    "linear": "Linear",
    "catboost": "CatBoost",
}


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of one model on one era, in the target's unit; None if a score does not exist.

    `r2_oos` is 1 - SSE / SSE(persistence). `dm_statistic` (Diebold-Mariano on squared errors) is negative if the model is more
    accurate than persistence; `dm_mean_statistic` is the same against the train mean, if that is a rival, and
    `dm_lstm_statistic` against the LSTM. `pt_p_value` (Pesaran-Timmermann) is one-sided: small if directions are predicted better
    than by chance.
    """

    n: int
    rmse: float
    mae: float
    mase: float | None
    r2_oos: float | None
    directional_accuracy: float | None
    dm_statistic: float | None
    dm_p_value: float | None
    pt_statistic: float | None
    pt_p_value: float | None
    dm_mean_statistic: float | None = None
    dm_mean_p_value: float | None = None
    dm_lstm_statistic: float | None = None
    dm_lstm_p_value: float | None = None

    @property
    def beats_persistence(self) -> bool:
        """Whether the model is significantly more accurate than persistence."""
        if self.r2_oos is None or self.dm_statistic is None or self.dm_p_value is None:
            return False
        return self.r2_oos > 0 and self.dm_statistic < 0 and self.dm_p_value < SIGNIFICANT


def naive_rival(scores: dict[str, Scores]) -> str:
    """Return the more accurate naive forecast: `mean` if it is a rival, or `persistence`."""
    known = [name for name in ("persistence", "mean") if name in scores]
    return min(known, key=lambda name: scores[name].rmse, default="persistence")


def score_model(
    actual: np.ndarray,
    predicted: np.ndarray,
    base: np.ndarray,
    times: np.ndarray,
    horizon: int,
    train_step: float | None,
    *,
    one_series: bool,
    start: np.ndarray | None = None,
) -> Scores:
    """Score predicted levels.

    Parameters
    ----------
    actual, predicted
        float64 (n,), levels of the target.
    base
        float64 (n,), levels at the origins, which persistence predicts.
    times
        datetime64 (n,), time stamps of the actual levels.
    horizon
        Rows ahead.
    train_step
        Mean absolute one-row change in the train era, the scale of MASE; None if there is none.
    one_series
        Whether all rows are of one series. The Pesaran-Timmermann test assumes independent rows, so it is left out for
        panels and for horizons above 1.
    start
        float64 (n,), reference levels for changes, by default `base`. For mean-reverting targets pass the mean: relative to the
        last value, reversion alone predicts about 75% of the signs.
    """
    errors, rival = actual - predicted, actual - base
    start = base if start is None else start
    predicted_change, actual_change = predicted - start, actual - start
    sse, sse_rival = float(errors @ errors), float(rival @ rival)
    dm = diebold_mariano(errors**2, rival**2, times, horizon)
    pt, hits = None, np.zeros(0, dtype=bool)
    if predicted_change.any():
        hits, _ = direction_hits(predicted_change, actual_change)
        if horizon == 1 and one_series:
            pt = pesaran_timmermann(predicted_change, actual_change)
    dm_statistic, dm_p_value = dm or (None, None)
    pt_statistic, pt_p_value = pt or (None, None)
    return Scores(
        n=len(actual),
        rmse=float(np.sqrt(sse / len(actual))),
        mae=float(np.abs(errors).mean()),
        mase=float(np.abs(errors).mean()) / train_step if train_step else None,
        r2_oos=1 - sse / sse_rival if sse_rival > 0 else None,
        directional_accuracy=float(hits.mean()) if len(hits) else None,
        dm_statistic=dm_statistic,
        dm_p_value=dm_p_value,
        pt_statistic=pt_statistic,
        pt_p_value=pt_p_value,
    )


def direction_hits(predicted: np.ndarray, actual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which predicted changes have the right sign, and which actual changes are up.

    Changes are float64 (n,). Rows with no actual change are excluded; the results are bool, one for each other row.

    Examples
    --------
    >>> direction_hits(np.array([1.0, 1.0, -1.0]), np.array([2.0, -1.0, 0.0]))
    (array([ True, False]), array([ True, False]))
    """
    moved = actual != 0
    return np.sign(predicted[moved]) == np.sign(actual[moved]), actual[moved] > 0


def diebold_mariano(
    loss: np.ndarray, rival_loss: np.ndarray, times: np.ndarray, horizon: int
) -> tuple[float, float] | None:
    """Return the Diebold-Mariano statistic and its two-sided p-value.

    Negative if the losses are smaller than the rival's; None if the losses are identical, or time stamps too few. Losses of one
    time stamp are averaged first: errors of several series on one day are not independent. With the small-sample correction of
    Harvey, Leybourne and Newbold.

    Parameters
    ----------
    loss, rival_loss
        float64 (n,), losses of two forecasts of the same outcomes.
    times
        datetime64 (n,), time stamps of the outcomes.
    horizon
        Rows ahead.

    References
    ----------
    Harvey, Leybourne and Newbold (1997), Testing the equality of prediction mean squared errors, Int. J. Forecasting 13.
    """
    from statsmodels.tsa.stattools import diebold_mariano_test

    _, place = np.unique(times, return_inverse=True)
    counts = np.bincount(place)
    ours, theirs = (np.bincount(place, values) / counts for values in (loss, rival_loss))
    if len(counts) < max(FEWEST_FOR_TESTS, 2 * horizon) or np.ptp(ours - theirs) == 0:
        return None
    result = diebold_mariano_test(
        np.zeros(len(counts)), ours, theirs, criterion=lambda _, losses: losses, harvey_adj=True, horizon=horizon
    )
    found = float(result.statistic), float(result.pvalue)
    return found if np.isfinite(found).all() else None


def pesaran_timmermann(predicted: np.ndarray, actual: np.ndarray) -> tuple[float, float] | None:
    """Return the Pesaran-Timmermann statistic of directions, and its one-sided p-value.

    It compares the share of right directions with that of independent forecasts of the same direction shares. Predicted and
    actual changes are float64 (n,); rows with no actual change are excluded. None if all forecasts, or all outcomes, have one
    direction.

    References
    ----------
    Pesaran and Timmermann (1992), A simple nonparametric test of predictive performance, JBES 10.
    """
    from scipy.stats import norm

    moved = actual != 0
    up, predicted_up = actual[moved] > 0, predicted[moved] > 0
    n = len(up)
    if n < FEWEST_FOR_TESTS:
        return None
    p_y, p_x = float(up.mean()), float(predicted_up.mean())
    chance_hits = p_y * p_x + (1 - p_y) * (1 - p_x)
    hits_variance = chance_hits * (1 - chance_hits) / n
    chance_variance = ((2 * p_y - 1) ** 2 * p_x * (1 - p_x) + (2 * p_x - 1) ** 2 * p_y * (1 - p_y)) / n
    chance_variance += 4 * p_y * p_x * (1 - p_y) * (1 - p_x) / n**2
    variance = hits_variance - chance_variance
    if p_y in (0, 1) or p_x in (0, 1) or variance <= 0:
        return None
    statistic = (float((up == predicted_up).mean()) - chance_hits) / np.sqrt(variance)
    return float(statistic), float(norm.sf(statistic))
