"""The rivals on the same rows: persistence, the train mean, drift, autoregression, ridge regression and CatBoost."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era
from core.forecast.network.windows import Windows
from core.progress import Progress, ShouldStop, Silence, never_stop, require_going
from core.recipe.model import EvaluationSettings
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

AR_LAGS = 5
RIDGE_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
TREES = 300


def fit_baselines(
    features: "FeatureFrame",
    windows: Windows,
    samples: Samples,
    task: Task,
    settings: EvaluationSettings,
    seed: int,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> dict[str, np.ndarray]:
    """Return the levels that each baseline predicts for the samples of the windows, all learned from train samples.

    Each learns by how much the outcome differs from that of persistence, so that none is handicapped on a target that
    drifts, whatever the task. Persistence always takes part, and so does the train mean (`mean`) where it was nearer in the
    train era: of returns, and of whatever comes back to its level, the last value is a weak rival. Raises `Stopped`.
    """
    scored = windows.samples
    known = windows.samples.of(Era.TRAIN)
    moves = scored.outcome - task.no_change(scored.base)
    inputs: list[np.ndarray] = []

    def summaries() -> np.ndarray:
        if not inputs:
            inputs.append(summarise_windows(windows))
        return inputs[0]

    fits: dict[str, Callable[[], np.ndarray]] = {
        "persistence": lambda: np.zeros(len(scored.rows)),
        "drift": lambda: np.full(len(scored.rows), _train_moves(samples, task).mean()),
        "ar": lambda: _fit_ar(features, samples, task)[scored.rows],
        "linear": lambda: _fit_ridge(summaries(), moves, known, scored.origin_times),
        "catboost": lambda: _fit_catboost(summaries(), moves, known, seed, should_stop),
    }
    chosen = [name for name in fits if name == "persistence" or name in settings.baselines]
    levels = {}
    for done, name in enumerate(chosen):
        require_going(should_stop)
        progress.step(done, len(chosen), f"Baseline {name}")
        levels[name] = task.level(scored.base, task.no_change(scored.base) + fits[name]())
    if (mean := train_mean(samples)) is not None:
        levels["mean"] = mean[scored.rows]
    progress.step(len(chosen), len(chosen), "Baselines")
    return levels


def summarise_windows(windows: Windows) -> np.ndarray:
    """Return what linear regression and CatBoost see of each window: its last row, then its means; float32 (n, 2 features)."""
    count, width = windows.inputs.shape
    summaries = np.empty((len(windows.ends), 2 * width), dtype=np.float32)
    summaries[:, :width] = windows.inputs[windows.ends]
    sums = np.zeros(count + 1)
    for column in range(width):
        np.cumsum(windows.inputs[:, column], dtype=np.float64, out=sums[1:])
        inside = sums[windows.ends + 1] - sums[windows.ends + 1 - windows.window]
        summaries[:, width + column] = inside / windows.window
    return summaries


def _train_moves(samples: Samples, task: Task) -> np.ndarray:
    train = samples.take(samples.of(Era.TRAIN))
    return train.outcome - task.no_change(train.base)


def _fit_ar(features: "FeatureFrame", samples: Samples, task: Task) -> np.ndarray:
    """Return, for each row, the move that least squares predict from the last five one-row changes of the target.

    Fitted for the horizon directly. Changes before the start of a series count as none when predicting, and rows
    that lack some are not learned from.
    """
    one_row = replace(task, predict="difference") if task.predict == "level" else task
    before = np.r_[features.target[:1], features.target[:-1]]
    starts = np.r_[True, np.diff(features.blocks) != 0]
    changes = np.where(starts, 0.0, np.nan_to_num(one_row.change(before, features.target)))
    into_block = np.arange(len(starts)) - np.repeat(
        np.flatnonzero(starts), np.diff(np.r_[np.flatnonzero(starts), len(starts)])
    )
    design = np.ones((len(changes), 1 + AR_LAGS))
    for lag in range(AR_LAGS):
        shifted = np.r_[np.zeros(lag), changes[: len(changes) - lag]]
        design[:, 1 + lag] = np.where(into_block > lag, shifted, 0.0)
    train = samples.of(Era.TRAIN)
    moves = _train_moves(samples, task)
    whole = into_block[samples.rows[train]] >= AR_LAGS
    if not whole.any():
        return np.full(len(changes), moves.mean())
    coefficients, *_ = np.linalg.lstsq(design[samples.rows[train]][whole], moves[whole], rcond=None)
    return design @ coefficients


def _fit_ridge(inputs: np.ndarray, moves: np.ndarray, known: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the moves that ridge regression predicts; its penalty is chosen on the last fifth of the train era, by time."""
    from sklearn.linear_model import Ridge

    def fit(rows: np.ndarray, penalty: float) -> Ridge:
        return Ridge(penalty * len(rows)).fit(inputs[rows], moves[rows])

    cut = np.quantile(times[known].astype("datetime64[us]").astype(np.int64), 0.8)
    early = times[known].astype("datetime64[us]").astype(np.int64) <= cut
    penalty = RIDGE_PENALTIES[-1]
    if 2 <= early.sum() < len(known):
        rows, held_out = known[early], known[~early]
        errors = [
            float(np.square(fit(rows, penalty).predict(inputs[held_out]) - moves[held_out]).sum())
            for penalty in RIDGE_PENALTIES
        ]
        penalty = RIDGE_PENALTIES[int(np.argmin(errors))]
    return fit(known, penalty).predict(inputs).astype(np.float64)


class _StopWatch:
    """Ends CatBoost after an iteration once a stop was asked for."""

    def __init__(self, should_stop: ShouldStop) -> None:
        self.should_stop = should_stop

    def after_iteration(self, info: object) -> bool:
        return not self.should_stop()


def _fit_catboost(
    inputs: np.ndarray, moves: np.ndarray, known: np.ndarray, seed: int, should_stop: ShouldStop
) -> np.ndarray:
    """Return the moves that gradient boosting predicts; their train mean where nothing varies that it could learn from."""
    from catboost import CatBoostRegressor

    if np.ptp(moves[known]) == 0 or not np.ptp(inputs[known], axis=0).any():
        return np.full(len(inputs), moves[known].mean())
    model = CatBoostRegressor(
        iterations=TREES,
        depth=4,
        learning_rate=0.05,
        random_seed=seed,
        thread_count=2,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(inputs[known], moves[known], callbacks=[_StopWatch(should_stop)])
    require_going(should_stop)
    return model.predict(inputs)
