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


def count_inputs(windows: Windows) -> int:
    """Return how many inputs a flattened window has."""
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
    """Sums of squares and products of inputs and outcomes, from which ridge regressions are solved at any penalty.

    Products of a block are in float32, which standardised inputs allow, and their sums in float64.
    """

    def __init__(self, inputs: int, outcomes: int) -> None:
        # The outcomes and a constant are more columns.
        self.inputs = inputs
        self.products = np.zeros((inputs + outcomes + 1, inputs + outcomes + 1))

    def add(self, inputs: np.ndarray, outcomes: np.ndarray) -> None:
        block = np.empty((len(inputs), len(self.products)), dtype=np.float32)
        block[:, : self.inputs], block[:, self.inputs : -1], block[:, -1] = inputs, outcomes, 1
        self.products += block.T @ block

    def __add__(self, other: "_Moments") -> "_Moments":
        both = _Moments(self.inputs, len(self.products) - self.inputs - 1)
        both.products = self.products + other.products
        return both

    def solve(self, penalty: float) -> np.ndarray:
        """Return the coefficients of the inputs and the intercept of each outcome, float64 (inputs + 1, outcomes)."""
        from scipy.linalg import solve

        count = self.products[-1, -1]
        means = self.products[-1, :-1] / count
        centred = self.products[:-1, :-1] - count * np.outer(means, means)
        gram = centred[: self.inputs, : self.inputs]
        gram[np.diag_indices_from(gram)] += penalty * count
        coefficients = solve(gram, centred[: self.inputs, self.inputs :], assume_a="pos")
        return np.vstack([coefficients, means[self.inputs :] - means[: self.inputs] @ coefficients])

    def squared_errors(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the sum of squared errors of each outcome with these coefficients on the rows added, float64 (outcomes,)."""
        outcomes = np.eye(coefficients.shape[1])
        weights = np.vstack([-coefficients[:-1], outcomes, -coefficients[-1:]])
        errors: np.ndarray = (weights * (self.products @ weights)).sum(axis=0)
        return errors


@dataclass(frozen=True, eq=False, kw_only=True)
class Ridge:
    """Ridge regressions on the same windows: coefficients of flattened inputs and intercepts, float64 (inputs + 1, outcomes)."""

    windows: Windows
    scale: _TrainRange
    coefficients: np.ndarray

    def predict(self, positions: np.ndarray, should_stop: ShouldStop) -> np.ndarray:
        """Return the predicted outcomes at int (n,) positions, float64 (n, outcomes); raises `Stopped`."""
        predicted = np.empty((len(positions), self.coefficients.shape[1]))
        for part, inputs in _flat_blocks(self.windows, positions, should_stop, self.scale):
            predicted[part] = inputs @ self.coefficients[:-1] + self.coefficients[-1]
        return _column(self.windows.unit.take(positions).series_scale) * predicted


def fit_ridges(windows: Windows, outcomes: np.ndarray, should_stop: ShouldStop) -> Ridge:
    """Fit ridge regressions of several outcomes on the windows of the train era, in the scale of each series, as the network is.

    Each penalty is chosen on the last fifth of the train era, and the fit repeated on all of it. Only the products of inputs are
    kept, at most 2,000 by 2,000, and windows are flattened block by block, so memory does not grow with the rows. Inputs are
    standardised and bounded by their train range: a line goes on for ever, the network does not.

    Parameters
    ----------
    windows
        The windows of all eras.
    outcomes
        float64 (windows, outcomes); those of other eras are not read.
    should_stop
        Polled before each block; raises `Stopped`.
    """
    train = windows.samples.of(Era.TRAIN)
    scale = _measure_range(windows, train)
    outcomes = outcomes / _column(windows.unit.series_scale)
    unit = np.sqrt(np.mean(outcomes[train] ** 2, axis=0))
    unit = np.where(unit > 0, unit, 1.0)
    times = windows.samples.origin_times[train].astype("datetime64[us]").astype(np.int64)
    is_early = times <= np.quantile(times, 0.8)
    early, late = (
        _measure(windows, outcomes / unit, train[rows], scale, should_stop) for rows in (is_early, ~is_early)
    )
    chosen = np.full(len(unit), len(RIDGE_PENALTIES) - 1)
    if 2 <= is_early.sum() < len(train):
        chosen = np.argmin([late.squared_errors(early.solve(penalty)) for penalty in RIDGE_PENALTIES], axis=0)
    whole = early + late
    coefficients = np.empty((whole.inputs + 1, len(unit)))
    for place in np.unique(chosen):
        picked = chosen == place
        coefficients[:, picked] = whole.solve(RIDGE_PENALTIES[place])[:, picked]
    return Ridge(windows=windows, scale=scale, coefficients=unit * coefficients)


def fit_ridge(windows: Windows, excess: np.ndarray, should_stop: ShouldStop) -> np.ndarray:
    """Return the excess that ridge regression on the windows predicts, float64 (windows,).

    Parameters
    ----------
    windows
        The windows of all eras.
    excess
        float64 (windows,), the outcome less that of persistence.
    should_stop
        Polled before each block; raises `Stopped`.
    """
    fitted = fit_ridges(windows, excess[:, None], should_stop)
    return fitted.predict(np.arange(len(windows.ends)), should_stop)[:, 0]


def _column(scale: float | np.ndarray) -> np.ndarray:
    """Return one number, or one each of n rows, as a column beside several outcomes."""
    return np.reshape(scale, (-1, 1))


def _measure(
    windows: Windows, outcomes: np.ndarray, positions: np.ndarray, scale: _TrainRange, should_stop: ShouldStop
) -> _Moments:
    moments = _Moments(count_inputs(windows), outcomes.shape[1])
    for part, inputs in _flat_blocks(windows, positions, should_stop, scale):
        moments.add(inputs, outcomes[positions[part]])
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
        float64 (windows,), the outcome less that of persistence. It is fitted in the scale of each series, as the network is.
    seed
        Seed of CatBoost.
    should_stop
        Polled between trees; raises `Stopped`.
    """
    from catboost import CatBoostRegressor

    scale = windows.unit.series_scale
    excess = excess / scale
    most = _MOST_CELLS // count_inputs(windows)
    choosing, _ = split_validation(windows.samples)
    train, validation = (_space_evenly(rows, most) for rows in (windows.samples.of(Era.TRAIN), choosing))
    inputs = _flatten(windows, train, should_stop)
    if np.ptp(excess[train]) == 0 or not np.ptp(inputs, axis=0).any():
        return scale * np.full(len(excess), excess[train].mean())
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
    return scale * predicted


def _flatten(windows: Windows, positions: np.ndarray, should_stop: ShouldStop) -> np.ndarray:
    return np.concatenate([block for _, block in _flat_blocks(windows, positions, should_stop)])


def _space_evenly(positions: np.ndarray, most: int) -> np.ndarray:
    return positions[np.linspace(0, len(positions) - 1, min(len(positions), most)).astype(np.int64)]
