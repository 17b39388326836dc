"""Rivals that see the network's own windows, flattened: ridge regression and CatBoost."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.data.eras import Era
from core.forecast.network.windows import Windows
from core.progress import ShouldStop, TreeCallback, require_going
from core.samples.samples import split_validation

MOST_INPUTS = 2000
# Relative to the variance of standardised inputs; hundreds of correlated inputs need the large ones.
RIDGE_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3, 1e4)
TREES, PATIENCE = 500, 30
_MOST_CELLS = 20_000_000
_BLOCK_CELLS = 4_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class _TrainRange:
    """The lowest and highest train value of each feature, its mean and its standard deviation, float32 (features,)."""

    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    def standardise(self, batch: np.ndarray) -> np.ndarray:
        """Return windows, float32 (k, window, features), bounded by the range and standardised."""
        return (np.clip(batch, self.low, self.high) - self.mean) / self.std


def _measure_range(windows: Windows, train: np.ndarray) -> _TrainRange:
    rows = windows.ends[train]
    # By column, in float64: squares of the largest float32 values overflow.
    columns = (windows.inputs[rows, place].astype(np.float64) for place in range(windows.inputs.shape[1]))
    found = np.array([(values.min(), values.max(), values.mean(), values.std()) for values in columns])
    low, high, mean, std = found.astype(np.float32).T
    # A deviation that float32 cannot tell from 0 is the rounding error of a constant.
    varies = std > 1e-6 * np.maximum(np.abs(low), np.abs(high))
    return _TrainRange(low=low, high=high, mean=mean, std=np.where(varies, std, np.float32(1)))


def flatten_windows(windows: Windows, positions: np.ndarray, scale: _TrainRange | None = None) -> np.ndarray:
    """Return windows as rows of at most 2,000 inputs, float32 (k, inputs).

    The most recent rows of each window are kept as they are, newest first. If not all fit, the rest enter by the mean of each
    feature. The newest row and the mean are always kept, whatever the number of features.

    Parameters
    ----------
    windows
        The windows.
    positions
        int (k,), which windows.
    scale
        Bounds and standardises the features; they are left as they are without it.
    """
    batch = windows.batch(positions)[:, ::-1]
    if scale is not None:
        batch = scale.standardise(batch)
    kept = _rows_kept(windows)
    recent = batch[:, :kept].reshape(len(positions), -1)
    return recent if kept == windows.window else np.hstack([recent, batch[:, kept:].mean(axis=1)])


def _rows_kept(windows: Windows) -> int:
    features = windows.inputs.shape[1]
    if features * windows.window <= MOST_INPUTS:
        return windows.window
    return max(1, MOST_INPUTS // features - 1)


def _count_inputs(windows: Windows) -> int:
    kept = _rows_kept(windows)
    return (kept + (kept < windows.window)) * windows.inputs.shape[1]


def _flat_blocks(
    windows: Windows, positions: np.ndarray, should_stop: ShouldStop, scale: _TrainRange | None = None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield flattened windows, float32, with their place in `positions`, in blocks of bounded memory."""
    rows = max(1, _BLOCK_CELLS // (windows.inputs.shape[1] * windows.window))
    for start in range(0, len(positions), rows):
        require_going(should_stop)
        part = slice(start, start + rows)
        yield part, flatten_windows(windows, positions[part], scale)


class _Moments:
    """Sums of squares and products of inputs and an outcome, from which ridge regression is solved at any penalty.

    Products of a block are in float32, which standardised inputs allow, and their sums in float64.
    """

    def __init__(self, inputs: int) -> None:
        # The outcome and a constant are two more columns.
        self.products = np.zeros((inputs + 2, inputs + 2))

    def add(self, inputs: np.ndarray, outcome: np.ndarray) -> None:
        block = np.empty((len(inputs), len(self.products)), dtype=np.float32)
        block[:, :-2], block[:, -2], block[:, -1] = inputs, outcome, 1
        self.products += block.T @ block

    def __add__(self, other: "_Moments") -> "_Moments":
        both = _Moments(len(self.products) - 2)
        both.products = self.products + other.products
        return both

    def solve(self, penalty: float) -> np.ndarray:
        """Return the coefficients of the inputs and the intercept, float64 (inputs + 1,)."""
        from scipy.linalg import solve

        count = self.products[-1, -1]
        means = self.products[-1, :-1] / count
        centred = self.products[:-1, :-1] - count * np.outer(means, means)
        gram = centred[:-1, :-1]
        gram[np.diag_indices_from(gram)] += penalty * count
        coefficients = solve(gram, centred[:-1, -1], assume_a="pos")
        return np.r_[coefficients, means[-1] - means[:-1] @ coefficients]

    def squared_error(self, coefficients: np.ndarray) -> float:
        """Return the sum of squared errors of these coefficients on the rows added."""
        weights = np.r_[-coefficients[:-1], 1.0, -coefficients[-1]]
        return float(weights @ self.products @ weights)


def fit_ridge(windows: Windows, excess: np.ndarray, should_stop: ShouldStop) -> np.ndarray:
    """Return the excess that ridge regression on the windows predicts, float64 (windows,).

    The penalty is chosen on the last fifth of the train era, and the fit repeated on all of it. Only the products of inputs are
    kept, at most 2,000 by 2,000, and windows are flattened block by block, so memory does not grow with the rows. Inputs are
    standardised and bounded by their train range: a line goes on for ever, the network does not.

    Parameters
    ----------
    windows
        The windows of all eras.
    excess
        float64 (windows,), the outcome less that of persistence.
    should_stop
        Polled before each block; raises `Stopped`.
    """
    train = windows.samples.of(Era.TRAIN)
    scale = _measure_range(windows, train)
    unit = float(np.sqrt(np.mean(excess[train] ** 2))) or 1.0
    times = windows.samples.origin_times[train].astype("datetime64[us]").astype(np.int64)
    is_early = times <= np.quantile(times, 0.8)
    early, late = (
        _measure(windows, excess / unit, train[which], scale, should_stop) for which in (is_early, ~is_early)
    )
    penalty = RIDGE_PENALTIES[-1]
    if 2 <= is_early.sum() < len(train):
        penalty = min(RIDGE_PENALTIES, key=lambda each: late.squared_error(early.solve(each)))
    coefficients = unit * (early + late).solve(penalty)
    predicted = np.empty(len(windows.ends))
    for part, inputs in _flat_blocks(windows, np.arange(len(windows.ends)), should_stop, scale):
        predicted[part] = inputs @ coefficients[:-1] + coefficients[-1]
    return predicted


def _measure(
    windows: Windows, outcome: np.ndarray, positions: np.ndarray, scale: _TrainRange, should_stop: ShouldStop
) -> _Moments:
    moments = _Moments(_count_inputs(windows))
    for part, inputs in _flat_blocks(windows, positions, should_stop, scale):
        moments.add(inputs, outcome[positions[part]])
    return moments


def fit_catboost(windows: Windows, excess: np.ndarray, seed: int, should_stop: ShouldStop) -> np.ndarray:
    """Return the excess that CatBoost on the windows predicts, float64 (windows,); the train mean if nothing varies.

    As the network, it keeps the trees of the lowest validation loss. It is fitted on at most 20 million cells: evenly spaced
    train windows, if there are more.

    Parameters
    ----------
    windows
        The windows of all eras.
    excess
        float64 (windows,), the outcome less that of persistence.
    seed
        Seed of CatBoost.
    should_stop
        Polled between trees; raises `Stopped`.
    """
    from catboost import CatBoostRegressor

    most = _MOST_CELLS // _count_inputs(windows)
    choosing, _ = split_validation(windows.samples)
    train, validation = (_space_evenly(rows, most) for rows in (windows.samples.of(Era.TRAIN), choosing))
    inputs = _flatten(windows, train, should_stop)
    if np.ptp(excess[train]) == 0 or not np.ptp(inputs, axis=0).any():
        return np.full(len(excess), excess[train].mean())
    model = CatBoostRegressor(
        iterations=TREES,
        depth=4,
        learning_rate=0.05,
        # A quarter of the default: hundreds of inputs are fitted in the time of twenty, with no loss on noisy outcomes.
        border_count=64,
        random_seed=seed,
        thread_count=2,
        allow_writing_files=False,
        verbose=False,
    )
    held_out = (_flatten(windows, validation, should_stop), excess[validation]) if len(validation) else None
    model.fit(
        inputs,
        excess[train],
        eval_set=held_out,
        early_stopping_rounds=PATIENCE if held_out else None,
        callbacks=[TreeCallback(should_stop)],
    )
    require_going(should_stop)
    predicted = np.empty(len(excess))
    for part, block in _flat_blocks(windows, np.arange(len(excess)), should_stop):
        predicted[part] = model.predict(block)
    return predicted


def _flatten(windows: Windows, positions: np.ndarray, should_stop: ShouldStop) -> np.ndarray:
    return np.concatenate([block for _, block in _flat_blocks(windows, positions, should_stop)])


def _space_evenly(positions: np.ndarray, most: int) -> np.ndarray:
    return positions[np.linspace(0, len(positions) - 1, min(len(positions), most)).astype(np.int64)]
