"""How good the forecasts are on rows that nothing was learned from, beside their rivals."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.data.eras import Era
from core.forecast.evaluation.backtest import NO_PRICE, NO_ROWS, Backtest, Trades, run_backtest
from core.forecast.evaluation.intervals import Interval, IntervalScores, fit_interval, score_interval
from core.forecast.evaluation.scores import (
    Scores,
    SeriesWeight,
    diebold_mariano,
    direction_hits,
    find_heaviest,
    score_model,
)
from core.forecast.network.network import Network, predict_scaled
from core.forecast.network.windows import Scaling, Windows
from core.progress import ShouldStop, never_stop
from core.samples.samples import Samples
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

MODELS = ("lstm", "persistence", "mean", "drift", "ar", "linear", "catboost")
LAGS_LOOKED_AT = 5
FEWEST_FOR_HABITS = 10
_LEAST_MOVES = 0.5


@dataclass(frozen=True, kw_only=True)
class NaiveChecks:
    """What gives a forecast away that only repeats the last value, judged on `era`.

    `flatness` is the spread of predicted changes as a share of that of actual ones; changes are those from the last value, or from
    the train mean where that is nearer. `lag_peak` is the lag, in rows, at which actual values are most like the predicted ones:
    the horizon where the forecast copies its origin, None where it moves less than half as much as they do and so copies nothing.
    `majority_share` is the share of the more frequent direction. `drift_rmse` is the error of the forecast's own mean change, taken
    in every row of a series; `drift_statistic` and `drift_p_value` compare the two (Diebold-Mariano; negative: the forecast is
    nearer than that drift). `heaviest` is the series with most of persistence's squared error, None where there is one only.
    """

    era: Literal["test", "validation"]
    flatness: float | None
    lag_peak: int | None
    majority_share: float | None
    drift_rmse: float | None = None
    drift_statistic: float | None = None
    drift_p_value: float | None = None
    heaviest: SeriesWeight | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Scores by model (`lstm`, `persistence`, …) for each era; `test` and `interval` are None while test is sealed.

    `neighbours` is von Neumann's ratio of the train rows where a count alone orders them, None where a time does.
    """

    task: Task
    test: dict[str, Scores] | None
    validation: dict[str, Scores]
    interval: IntervalScores | None
    backtest: Backtest | None
    naive_checks: NaiveChecks
    neighbours: float | None = None

    @property
    def of_price(self) -> bool:
        """Whether the last value was a nearer guess of the next than the train mean, as that of a price is."""
        return "mean" not in (self.test or self.validation)

    @property
    def no_backtest(self) -> str:
        """Why there is no backtest, in words."""
        return NO_ROWS if self.of_price else NO_PRICE


def predict_levels(
    network: Network, windows: Windows, scaling: Scaling, task: Task, should_stop: ShouldStop = never_stop
) -> np.ndarray:
    """Return the level that the network predicts for each validation and test sample of the windows, NaN for all others."""
    levels = np.full(len(windows.ends), np.nan)
    scored = np.flatnonzero(windows.samples.eras >= Era.VALIDATION)
    outcome = scaling.outcome(predict_scaled(network, windows, scored, should_stop))
    levels[scored] = task.level(windows.samples.base[scored], outcome)
    return levels


def calibrate_interval(windows: Windows, task: Task, levels: np.ndarray, coverage: float) -> Interval | None:
    """Return the interval learned from the network's errors on validation, None where there are too few of them."""
    rows = windows.samples.of(Era.VALIDATION)
    samples = windows.samples.take(rows)
    return fit_interval(samples.outcome, task.change(samples.base, levels[rows]), coverage)


def build_predictions(
    features: "FeatureFrame",
    windows: Windows,
    task: Task,
    levels: dict[str, np.ndarray],
    interval: Interval | None,
    opened: bool,
) -> pd.DataFrame:
    """Return the predictions of every model (`lstm` among them) for validation and, once it is opened, test samples.

    Columns as in predictions.csv, all in the target's own unit; the index is the position of the origin in the feature
    frame. `lower` and `upper` are missing where there is no interval; on validation rows they are in sample.
    """
    last = Era.TEST if opened else Era.VALIDATION
    rows = np.flatnonzero((windows.samples.eras >= Era.VALIDATION) & (windows.samples.eras <= last))
    samples = windows.samples.take(rows)
    columns: dict[str, object] = {"origin": samples.origin_times, "time": samples.target_times}
    if features.series is not None:
        columns["series"] = features.series[samples.rows]
    columns["era"] = np.where(samples.eras == Era.TEST, "test", "validation")
    columns["horizon"] = task.horizon
    columns["actual"] = samples.future
    columns |= {name: levels[name][rows] for name in MODELS if name in levels}
    lower = upper = np.full(len(rows), np.nan)
    if interval is not None:
        lower, upper = interval.bounds(task, samples.base, task.change(samples.base, levels["lstm"][rows]))
    return pd.DataFrame(columns | {"lower": lower, "upper": upper}, index=samples.rows)


def evaluate(
    predictions: pd.DataFrame,
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    interval: Interval | None,
    cost_bps: float,
) -> Evaluation:
    """Return how every model did on each era of `predictions`, as `build_predictions` made them.

    The interval is scored on test; the backtest and naive_checks are those of the LSTM on test, or on validation while test is
    sealed. There is no backtest of a target whose train mean is nearer to the next value than the last one: it is no price.
    """
    step = mean_train_step(features, samples)
    parts = dict(list(predictions.groupby("era")))
    scores = {era: _score_era(part, features, task, step) for era, part in parts.items()}
    test = parts.get("test")
    judged: Literal["test", "validation"] = "test" if test is not None else "validation"
    part = parts.get(judged)
    return Evaluation(
        task=task,
        test=scores.get("test"),
        validation=scores.get("validation", {}),
        interval=score_interval(interval, *(test[name].to_numpy() for name in ("actual", "lower", "upper")))
        if interval is not None and test is not None
        else None,
        backtest=run_backtest(_trades(part, features), cost_bps, judged)
        if part is not None and "mean" not in part
        else None,
        naive_checks=_find_habits(part, features, task, judged),
    )


def metrics_document(evaluation: Evaluation) -> dict[str, object]:
    """Return metrics.json: every score, the interval's and the backtest's numbers; the equity curve is left out."""
    backtest = asdict(evaluation.backtest) if evaluation.backtest else None
    if backtest:
        del backtest["equity"]
    return {
        "test": _as_documents(evaluation.test),
        "validation": _as_documents(evaluation.validation),
        "interval": asdict(evaluation.interval) if evaluation.interval else None,
        "backtest": backtest,
        "naive_checks": asdict(evaluation.naive_checks),
    }


def _as_documents(scores: dict[str, Scores] | None) -> dict[str, object] | None:
    return None if scores is None else {name: asdict(score) for name, score in scores.items()}


def mean_train_step(features: "FeatureFrame", samples: Samples) -> float | None:
    """Return the mean absolute one-row change of the target up to the last train origin, within series: MASE's measure."""
    steps = np.abs(np.diff(features.target))[_inside_train(features, samples)]
    return float(steps.mean()) if len(steps) and steps.any() else None


def von_neumann_ratio(features: "FeatureFrame", samples: Samples) -> float | None:
    """Return how unlike neighbouring rows are: the mean square of the target's one-row changes by its variance, in train rows.

    It is 2 where the rows stand in any order, near 0 in a series that moves little from row to row, and below 1 where the
    last value is a better guess of the next than the mean. None where the target does not vary. Source: von Neumann (1941),
    Distribution of the ratio of the mean square successive difference to the variance.
    """
    inside = _inside_train(features, samples)
    if not inside.any():
        return None
    before, after, blocks = features.target[:-1][inside], features.target[1:][inside], features.blocks[1:][inside]
    spread = float(np.mean(_centre(after, blocks) ** 2))
    return float(np.mean((after - before) ** 2)) / spread if spread > 0 else None


def _inside_train(features: "FeatureFrame", samples: Samples) -> np.ndarray:
    """Return which steps from a row to the next one lie in one series and before the last train origin."""
    train = samples.of(Era.TRAIN)
    if not len(train):
        return np.zeros(max(0, len(features.target) - 1), dtype=bool)
    return (np.diff(features.blocks) == 0) & (features.times[1:] <= samples.origin_times[train].max())


def _score_era(part: pd.DataFrame, features: "FeatureFrame", task: Task, step: float | None) -> dict[str, Scores]:
    origins = part.index.to_numpy()
    base, actual, start = features.target[origins], part["actual"].to_numpy(), _start_of_moves(part, features)
    one_series = features.series is None or len(set(features.series)) == 1
    times = part["time"].to_numpy()
    scores = {
        name: score_model(
            actual, part[name].to_numpy(), base, times, task.horizon, step, one_series=one_series, start=start
        )
        for name in MODELS
        if name in part
    }
    loss = {name: np.square(actual - part[name].to_numpy()) for name in scores}
    for rival in scores.keys() & {"mean", "lstm"}:
        for name in scores:
            if found := diebold_mariano(loss[name], loss[rival], times, task.horizon):
                against = {f"dm_{rival}_statistic": found[0], f"dm_{rival}_p_value": found[1]}
                scores[name] = replace(scores[name], **against)
    return scores


def _trades(part: pd.DataFrame, features: "FeatureFrame") -> Trades:
    origins = part.index.to_numpy()
    price = features.target[origins]
    change = part["lstm"].to_numpy() - price
    return Trades(
        times=features.times[origins],
        blocks=features.blocks[origins],
        price=price,
        following=features.target[origins + 1],
        change=change,
    )


def _find_habits(
    part: pd.DataFrame | None, features: "FeatureFrame", task: Task, era: Literal["test", "validation"]
) -> NaiveChecks:
    if part is None or len(part) < FEWEST_FOR_HABITS:
        return NaiveChecks(era=era, flatness=None, lag_peak=None, majority_share=None)
    origins = part.index.to_numpy()
    predicted, start = part["lstm"].to_numpy(), _start_of_moves(part, features)
    actual = part["actual"].to_numpy() - start
    spread = float(actual.std())
    _, up = direction_hits(actual, actual)
    drift_rmse, drift_statistic, drift_p_value = _compare_with_drift(part, features, task)
    return NaiveChecks(
        era=era,
        flatness=float((predicted - start).std() / spread) if spread > 0 else None,
        lag_peak=_find_lag_peak(origins, predicted, features, task.horizon),
        majority_share=float(max(up.mean(), 1 - up.mean())) if len(up) else None,
        drift_rmse=drift_rmse,
        drift_statistic=drift_statistic,
        drift_p_value=drift_p_value,
        heaviest=_find_weight(part),
    )


def _find_weight(part: pd.DataFrame) -> SeriesWeight | None:
    if "series" not in part:
        return None
    return find_heaviest(part["series"].to_numpy(), np.square(part["actual"] - part["persistence"]).to_numpy())


def _compare_with_drift(
    part: pd.DataFrame, features: "FeatureFrame", task: Task
) -> tuple[float, float | None, float | None]:
    """Return the error of the forecast's own mean change of each series, the statistic against it, and its p-value."""
    origins = part.index.to_numpy()
    base, actual, predicted = features.target[origins], part["actual"].to_numpy(), part["lstm"].to_numpy()
    change = task.change(base, predicted)
    drift = task.level(base, change - _centre(change, features.blocks[origins]))
    losses = np.square(actual - predicted), np.square(actual - drift)
    found = diebold_mariano(*losses, part["time"].to_numpy(), task.horizon)
    return float(np.sqrt(losses[1].mean())), *(found or (None, None))


def _start_of_moves(part: pd.DataFrame, features: "FeatureFrame") -> np.ndarray:
    """Return what the changes of the rows are reckoned from: the last value, or the train mean where that is nearer."""
    return part["mean"].to_numpy() if "mean" in part else features.target[part.index.to_numpy()]


def _find_lag_peak(origins: np.ndarray, predicted: np.ndarray, features: "FeatureFrame", horizon: int) -> int | None:
    """Return the lag at which actual levels correlate most with the predicted ones, series by series centred.

    None for a forecast that moves less than half as much as the levels do: it is like none of them, and copies nothing.
    """
    most = max(LAGS_LOOKED_AT, horizon)
    first = origins + horizon - most
    whole = (first >= 0) & (features.blocks[np.maximum(first, 0)] == features.blocks[origins])
    origins, predicted = origins[whole], predicted[whole]
    blocks = features.blocks[origins]
    wanted = _centre(predicted, blocks)
    moves = np.square(_centre(features.target[origins + horizon], blocks)).sum()
    if len(origins) < FEWEST_FOR_HABITS or np.square(wanted).sum() <= _LEAST_MOVES**2 * moves:
        return None
    likeness = []
    for lag in range(most + 1):
        actual = _centre(features.target[origins + horizon - lag], blocks)
        size = float(np.sqrt((actual @ actual) * (wanted @ wanted)))
        likeness.append(float(actual @ wanted) / size if size > 0 else -1.0)
    return int(np.argmax(likeness))


def _centre(values: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    _, place = np.unique(blocks, return_inverse=True)
    return values - (np.bincount(place, values) / np.bincount(place))[place]
