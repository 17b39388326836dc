"""The validation loss against the number of features, by ridge regression and CatBoost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.accuracy.clark_west import average_by_stamp
from core.accuracy.mean_test import mean_test
from core.importance.contributions import MOST_OF_ONE, make_model, relate_entries
from core.importance.entries import Entry, take_entries
from core.importance.table import RankingTable
from core.progress import ShouldStop, TreeCallback, require_going

COUNTS = (1, 2, 3, 5, 8, 13, 20, 30)
_TREES = 100
_MOST_CELLS = 4_000_000
_CLIP = 8.0
_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """The validation loss of ridge regression and CatBoost on the first `k` features.

    Losses are mean squared errors, divided by the variance of the train outcome. Each error is the standard error of the difference
    from that model's lowest loss.
    """

    k: int
    ridge: float
    ridge_error: float
    catboost: float
    catboost_error: float


@dataclass(frozen=True, eq=False, kw_only=True)
class HeldOut:
    """Samples to score on: rows int (n,), outcomes float64 (n,) and times of the origins (n,)."""

    rows: np.ndarray
    outcome: np.ndarray
    times: np.ndarray


def smallest_within_error(curve: Sequence[CurvePoint]) -> int | None:
    """Return the smallest k within one standard error of the lowest loss of the better model; None without a curve.

    Examples
    --------
    >>> rest = {"catboost": 1.0, "catboost_error": 0.0}
    >>> points = [(1, 0.9, 0.02), (2, 0.82, 0.03), (5, 0.8, 0.0)]
    >>> smallest_within_error([CurvePoint(k=k, ridge=loss, ridge_error=error, **rest) for k, loss, error in points])
    2
    """
    if not curve:
        return None
    lowest = {"ridge": min(point.ridge for point in curve), "catboost": min(point.catboost for point in curve)}
    model = min(lowest, key=lambda name: lowest[name])
    within = (point.k for point in curve if getattr(point, model) - getattr(point, f"{model}_error") <= lowest[model])
    return min(within)


def measure_curve(
    table: RankingTable,
    entries: Sequence[Entry],
    ordered: Sequence[str],
    validation: HeldOut,
    horizon: int,
    seed: int,
    should_stop: ShouldStop,
) -> tuple[CurvePoint, ...]:
    """Measure the validation loss of the first 1, 2, 3, 5, 8, ... of some features.

    Each feature enters by the six entries that are most related to the train outcome. Raises `Stopped`.

    Parameters
    ----------
    table, entries
        Features and train samples, and the entries of each feature.
    ordered
        The features, best first.
    validation
        The samples to score on.
    horizon
        Rows ahead.
    seed
        CatBoost's seed.
    should_stop
        Polled between fits.
    """
    counts = [k for k in COUNTS if k < len(ordered)] + [min(len(ordered), COUNTS[-1])]
    if len(validation.rows) < 2 or len(ordered) < 2:
        return ()
    fit = np.arange(0, len(table.rows), -(-len(table.rows) * counts[-1] * MOST_OF_ONE // _MOST_CELLS))
    columns = [table.names.index(name) for name in ordered[: counts[-1]]]
    center, scale = table.outcome[fit].mean(), table.outcome[fit].std()
    outcome = (table.outcome[fit] - center) / scale
    held = (validation.outcome - center) / scale
    relations = relate_entries(table, columns, entries, fit)
    best = np.sort(np.argsort(-relations, axis=1, kind="stable")[:, :MOST_OF_ONE], axis=1)
    train_inputs, held_inputs = (
        np.concatenate(
            [
                take_entries(table.standardised(column), rows, [entries[each] for each in places])
                for column, places in zip(columns, best, strict=True)
            ]
        ).T
        for rows in (table.rows[fit], validation.rows)
    )
    widths = [k * best.shape[1] for k in counts]
    is_early = table.stamps[fit] < np.quantile(table.stamps[fit], 0.8)
    forecasts = {
        "ridge": _ridge_forecasts(train_inputs, outcome, is_early, held_inputs, widths),
        "catboost": [_fit_catboost(train_inputs, outcome, held_inputs, width, seed, should_stop) for width in widths],
    }
    points = {
        name: _with_errors([average_by_stamp((held - each) ** 2, validation.times) for each in made], horizon)
        for name, made in forecasts.items()
    }
    return tuple(
        CurvePoint(
            k=k,
            ridge=points["ridge"][place][0],
            ridge_error=points["ridge"][place][1],
            catboost=points["catboost"][place][0],
            catboost_error=points["catboost"][place][1],
        )
        for place, k in enumerate(counts)
    )


def _fit_catboost(
    inputs: np.ndarray, outcome: np.ndarray, held: np.ndarray, width: int, seed: int, should_stop: ShouldStop
) -> np.ndarray:
    require_going(should_stop)
    model = make_model(_TREES, seed)
    model.fit(inputs[:, :width], outcome, callbacks=[TreeCallback(should_stop)])
    require_going(should_stop)
    forecasts: np.ndarray = model.predict(held[:, :width])
    return forecasts


def _with_errors(series: Sequence[np.ndarray], horizon: int) -> list[tuple[float, float]]:
    """Return the mean of each series of losses, and the standard error of its difference from the lowest."""
    means = [float(losses.mean()) for losses in series]
    best = series[int(np.argmin(means))]
    return [(mean, mean_test(losses - best, horizon).error or 0.0) for mean, losses in zip(means, series, strict=True)]


def _ridge_forecasts(
    inputs: np.ndarray, outcome: np.ndarray, is_early: np.ndarray, held: np.ndarray, widths: Sequence[int]
) -> list[np.ndarray]:
    """Return forecasts of ridge regression on the first inputs of each width, float64 (held,).

    The penalty is chosen on the samples that are not early. Inputs are standardised, and bounded.
    """
    known = np.nan_to_num(inputs)
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1)
    train, later = (np.clip((np.nan_to_num(each) - mean) / scale, -_CLIP, _CLIP) for each in (inputs, held))
    early, late = train[is_early], train[~is_early]
    early_gram, early_moments = early.T @ early, early.T @ outcome[is_early]
    gram, moments = early_gram + late.T @ late, early_moments + late.T @ outcome[~is_early]
    forecasts = []
    for width in widths:
        unit = np.eye(width)
        errors = {
            penalty: np.square(
                outcome[~is_early]
                - late[:, :width]
                @ np.linalg.solve(early_gram[:width, :width] + penalty * len(early) * unit, early_moments[:width])
            ).sum()
            for penalty in _PENALTIES
        }
        penalty = min(errors, key=lambda each: errors[each])
        weights = np.linalg.solve(gram[:width, :width] + penalty * len(train) * unit, moments[:width])
        forecasts.append(later[:, :width] @ weights)
    return forecasts
