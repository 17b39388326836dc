"""Out-of-sample forecasts of many questions at once by ridge regressions on an expanding window."""

from dataclasses import dataclass

import numpy as np

from core.quality.forecastability.timeline import Cut, Places

# The penalty weighs as much as this many rows: it fades as the window grows.
_PENALTY = 10.0
# Standardised features are clipped, or one bad tick would decide a fit.
_CLIP = 8.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """The features and outcomes of some questions, ready for regression.

    `inputs` (questions, 1 + features, n): a constant and the standardised features; `outcome` (questions, n). Both are
    float32, and 0 in rows that are not `usable` (questions, n), bool.
    """

    inputs: np.ndarray
    outcome: np.ndarray
    usable: np.ndarray

    def add(self, more: np.ndarray) -> "Design":
        """Return the design with more standardised features, float32 (questions, features, n), without NaN."""
        inputs = np.concatenate([self.inputs, more * self.usable[:, None]], axis=1)
        return Design(inputs=inputs, outcome=self.outcome, usable=self.usable)


def lay_out(features: np.ndarray, outcome: np.ndarray, early: Places) -> Design:
    """Return the design of features (questions, features, n) and outcomes (questions, n); rows with a NaN are not used.

    Features are standardised by their mean and deviation over the rows `early`.
    """
    usable = np.isfinite(outcome) & np.isfinite(features).all(axis=1)
    inputs = np.empty((len(features), features.shape[1] + 1, features.shape[2]), dtype=np.float32)
    inputs[:, 0] = usable
    scaled = inputs[:, 1:]
    scaled[:] = np.where(usable[:, None], features, np.float32(0))
    count = np.maximum(usable[:, early].sum(axis=1), 1)[:, None]
    known = scaled[..., early].astype(np.float64)
    mean = known.sum(axis=-1) / count
    variance = np.square(known, out=known).sum(axis=-1) / count - mean**2
    scaled -= mean[..., None].astype(np.float32)
    scaled *= (1 / np.sqrt(np.where(variance > 1e-9, variance, np.inf)))[..., None].astype(np.float32)
    np.clip(scaled, -_CLIP, _CLIP, out=scaled)
    scaled *= usable[:, None]
    return Design(inputs=inputs, outcome=np.where(usable, outcome, 0.0).astype(np.float32), usable=usable)


def fit_early(design: Design, early: Places) -> np.ndarray:
    """Return the residuals of a ridge fitted on the rows `early`, (questions, early rows); 0 in rows not used."""
    inputs, outcome = design.inputs[..., early], design.outcome[:, early]
    weights = _solve(inputs @ inputs.swapaxes(1, 2), (inputs @ outcome[..., None])[..., 0])
    residuals: np.ndarray = outcome - (weights[:, None] @ inputs)[:, 0]
    return residuals


def forecast(design: Design, cuts: list[Cut]) -> np.ndarray:
    """Return the forecasts of a ridge that is fitted again at each cut, (questions, n); NaN before the first and if not usable.

    Sums of squares and products are accumulated, so the fits together take one pass over the rows.
    """
    questions, size, _ = design.inputs.shape
    squares, products = np.zeros((questions, size, size)), np.zeros((questions, size))
    predicted = np.full(design.outcome.shape, np.nan, dtype=np.float32)
    for cut in cuts:
        inputs = design.inputs[..., cut.learn]
        squares += inputs @ inputs.swapaxes(1, 2)
        products += (inputs @ design.outcome[:, cut.learn, None])[..., 0]
        weights = _solve(squares, products)
        predicted[:, cut.forecast] = (weights[:, None] @ design.inputs[..., cut.forecast])[:, 0]
    predicted[~design.usable] = np.nan
    return predicted


def _solve(squares: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Return the weights, float32 (questions, size); the constant, the first of them, is not penalised."""
    penalty = np.full(squares.shape[-1], _PENALTY)
    # Without any row yet, the constant is 0.
    penalty[0] = 1e-9
    weights: np.ndarray = np.linalg.solve(squares + np.diag(penalty), products[..., None])[..., 0].astype(np.float32)
    return weights
