"""Scores of one model on one era, and the test of its directions."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.text.format import format_percent

EraName = Literal["test", "validation"]
Loss = Literal["squared_error", "qlike", "log_loss"]

FEWEST_FOR_TESTS = 8
SIGNIFICANT = 0.05

# The models in the order of tables, and their names.
LABELS = {
    "lstm": "LSTM",
    "persistence": "Persistence",
    "mean": "Train mean",
    "drift": "Drift",
    "ar": "Autoregression",
    "har": "HAR",
    "seasonal": "Seasonal naive",
    "theta": "Theta",
    "linear": "Linear",
    "catboost": "CatBoost",
}

_NAIVE_PHRASES = {"persistence": "the last value", "mean": "the train mean", "drift": "a constant drift"}
_NAIVE_PHRASES_OF_DIRECTION = {"persistence": "the last direction", "mean": "the train frequency"}


@dataclass(frozen=True, kw_only=True)
class SignalTest:
    """A statistic and its p-value."""

    statistic: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of one model on one era; None if a score does not exist.

    The model is judged by `mean_loss`, and `r2_oos` is 1 - loss / loss of the best naive forecast, `r2_interval` its 95% interval
    from the variance of Diebold-Mariano, with the naive loss taken as known. `cw` holds the one-sided
    Clark-West test against each naive forecast: a small p-value means a signal. `dm_statistic` (Diebold-Mariano, two-sided)
    compares the losses with those of the best naive forecast, and is negative if the model is more accurate;
    `dm_lstm_statistic` compares with the LSTM.

    The other scores are of levels, in the target's unit, for information; of probabilities, whose mean squared error is `brier`, if
    a direction is predicted. `pt_p_value` (Pesaran-Timmermann) is one-sided: small
    if directions are predicted better than by chance.
    """

    n: int
    mean_loss: float
    r2_oos: float | None
    rmse: float
    mae: float
    mase: float | None
    directional_accuracy: float | None
    cw: dict[str, SignalTest] = field(default_factory=dict)
    dm_statistic: float | None = None
    dm_p_value: float | None = None
    r2_interval: tuple[float, float] | None = None
    dm_lstm_statistic: float | None = None
    dm_lstm_p_value: float | None = None
    pt_statistic: float | None = None
    pt_p_value: float | None = None
    brier: float | None = None

    @property
    def signal_p(self) -> float | None:
        """The largest Clark-West p-value: that against the naive forecast that is hardest to beat."""
        return max((test.p_value for test in self.cw.values()), default=None)

    def has_signal(self, naive: tuple[str, ...]) -> bool:
        """Return whether the model has a significant signal beyond each of these naive forecasts."""
        return all(name in self.cw and self.cw[name].p_value < SIGNIFICANT for name in naive)


def naive_phrase(name: str, loss: Loss) -> str:
    """Return a naive forecast within a sentence.

    Examples
    --------
    >>> naive_phrase("mean", "squared_error"), naive_phrase("mean", "log_loss")
    ('the train mean', 'the train frequency')
    """
    return (_NAIVE_PHRASES_OF_DIRECTION if loss == "log_loss" else _NAIVE_PHRASES)[name]


def beside(gain: float) -> str:
    """Return how a loss compares with another, by the share that it is lower.

    Examples
    --------
    >>> beside(0.02), beside(-0.1)
    ('2% below', '10% above')
    """
    return f"{format_percent(abs(gain))} {'below' if gain >= 0 else 'above'}"


def model_label(name: str, loss: Loss) -> str:
    """Return the name of a model in tables and charts; the mean of directions is a frequency."""
    return "Train frequency" if loss == "log_loss" and name == "mean" else LABELS.get(name, name)


def naive_names(scores: Collection[str]) -> tuple[str, ...]:
    """Return the naive forecasts to beat: persistence, and the train mean, or the drift if the mean is no rival.

    The mean of a return is its drift: it is not counted twice.
    """
    return tuple(name for name in ("persistence", "mean" if "mean" in scores else "drift") if name in scores)


def naive_rival(scores: dict[str, Scores]) -> str:
    """Return the naive forecast with the lowest loss."""
    return min(naive_names(scores), key=lambda name: scores[name].mean_loss, default="persistence")


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
