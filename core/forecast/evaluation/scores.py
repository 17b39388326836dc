"""The scores of one model on one era, and the tests of whether it is more than luck."""

from dataclasses import dataclass

import numpy as np

FEWEST_FOR_TESTS = 8

# How models are called wherever people read of them.
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
    """Scores of one model on one era, in the target's own unit; None where a score does not exist.

    `r2_oos` is 1 - SSE / SSE of persistence. `dm_statistic` (Diebold-Mariano on squared errors) is negative where the
    model's errors are smaller than those of persistence; `dm_mean_statistic` is the same against the train mean, where that is a
    rival, and `dm_lstm_statistic` against the LSTM. `pt_p_value` (Pesaran-Timmermann) is one-sided: small where directions are
    foretold better than chance.
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


def naive_rival(scores: dict[str, Scores]) -> str:
    """Return which of the models that need no model is harder to beat: `mean`, where it is there and nearer, else `persistence`."""
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
    """Return the scores of predicted levels; `base` holds the levels at the origins, which persistence predicts.

    Directions are reckoned from `start`, where it is given, else from `base`: a return goes up or down from its mean, for from the
    last one the way back to the mean foretells three of four directions.
    `train_step` is the mean absolute one-row change in the train era, the measure of `mase`. The Pesaran-Timmermann test
    assumes independent rows and is left out where rows overlap (horizon above 1) or share time stamps (several series).
    """
    errors, rival = actual - predicted, actual - base
    start = base if start is None else start
    moves, moved = predicted - start, actual - start
    sse, sse_rival = float(errors @ errors), float(rival @ rival)
    dm = diebold_mariano(errors**2, rival**2, times, horizon)
    pt, hits = None, np.zeros(0, dtype=bool)
    if moves.any():
        hits, _ = direction_hits(moves, moved)
        if horizon == 1 and one_series:
            pt = pesaran_timmermann(moves, moved)
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


@dataclass(frozen=True, kw_only=True)
class SeriesWeight:
    """The series with the largest share of a squared error, that share, and among how many series."""

    series: str
    share: float
    of: int


def find_heaviest(series: np.ndarray, squared: np.ndarray) -> SeriesWeight | None:
    """Return which series holds most of the squared errors; None where there is only one, or no error.

    Examples
    --------
    >>> find_heaviest(np.array(["oil", "gold", "gold"]), np.array([1.0, 4.0, 5.0]))
    SeriesWeight(series='gold', share=0.9, of=2)
    """
    names, place = np.unique(series.astype(str), return_inverse=True)
    sums = np.bincount(place, squared)
    if len(names) < 2 or not sums.sum() > 0:
        return None
    most = int(sums.argmax())
    return SeriesWeight(series=str(names[most]), share=float(sums[most] / sums.sum()), of=len(names))


def direction_hits(moves: np.ndarray, actual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each predicted move has the sign of the actual one, and whether that went up; no rows that stood still.

    Examples
    --------
    >>> direction_hits(np.array([1.0, 1.0, -1.0]), np.array([2.0, -1.0, 0.0]))
    (array([ True, False]), array([ True, False]))
    """
    moved = actual != 0
    return np.sign(moves[moved]) == np.sign(actual[moved]), actual[moved] > 0


def diebold_mariano(
    loss: np.ndarray, rival_loss: np.ndarray, times: np.ndarray, horizon: int
) -> tuple[float, float] | None:
    """Return the Diebold-Mariano statistic (negative: smaller losses than the rival's) and its two-sided p-value.

    With the small-sample correction of Harvey, Leybourne and Newbold (1997). Losses that share a time stamp are averaged
    first: errors of several series on one day are no independent evidence. None where the losses are identical, or there
    are too few time stamps.
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


def pesaran_timmermann(moves: np.ndarray, actual: np.ndarray) -> tuple[float, float] | None:
    """Return the statistic of Pesaran and Timmermann (1992) and its one-sided p-value; rows that stood still are left out.

    It compares the share of directions foretold with what independent forecasts of the same shares would reach. None where
    all forecasts, or all outcomes, have one direction.
    """
    from scipy.stats import norm

    moved = actual != 0
    up, said_up = actual[moved] > 0, moves[moved] > 0
    n = len(up)
    if n < FEWEST_FOR_TESTS:
        return None
    p_y, p_x = float(up.mean()), float(said_up.mean())
    by_chance = p_y * p_x + (1 - p_y) * (1 - p_x)
    of_hits = by_chance * (1 - by_chance) / n
    of_chance = ((2 * p_y - 1) ** 2 * p_x * (1 - p_x) + (2 * p_x - 1) ** 2 * p_y * (1 - p_y)) / n
    of_chance += 4 * p_y * p_x * (1 - p_y) * (1 - p_x) / n**2
    variance = of_hits - of_chance
    if p_y in (0, 1) or p_x in (0, 1) or variance <= 0:
        return None
    statistic = (float((up == said_up).mean()) - by_chance) / np.sqrt(variance)
    return float(statistic), float(norm.sf(statistic))
