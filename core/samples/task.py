"""The forecasting task: what is predicted, over which horizon, and the way back to the target's unit."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.recipe.model import Recipe

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile


Predict = Literal["level", "difference", "return", "log_return"]

# Below this correlation of neighbours the mean is a nearer guess of the next value than the last value is.
_NEARER_TO_MEAN = 0.5

_WORDS = {"level": "level", "difference": "difference", "return": "return", "log_return": "log return"}


@dataclass(frozen=True, kw_only=True)
class Task:
    """The question put to every model: `predict` of `target` over `horizon` rows.

    Examples
    --------
    >>> task = Task(target="close", predict="return", horizon=1)
    >>> task.change(np.array([100.0]), np.array([102.0]))
    array([0.02])
    >>> task.level(np.array([100.0]), np.array([0.02]))
    array([102.])
    """

    target: str
    predict: Predict
    horizon: int

    @property
    def label(self) -> str:
        """The question in words: `log return of close over 1 row`; a level has no span: `level of return after 1 row`."""
        link = "after" if self.predict == "level" else "over"
        return f"{_WORDS[self.predict]} of {self.target} {link} {self.horizon} row{'s' if self.horizon > 1 else ''}"

    def change(self, base: np.ndarray, future: np.ndarray) -> np.ndarray:
        """Return the outcome that leads from the target's value `base` to its value `future`; NaN where there is none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.predict == "level":
                return np.asarray(future, dtype=np.float64)
            if self.predict == "difference":
                return future - base
            change = future / base - 1 if self.predict == "return" else np.log(future / base)
        return np.where(np.isfinite(change), change, np.nan)

    def level(self, base: np.ndarray, change: np.ndarray) -> np.ndarray:
        """Return the target's value, in its own unit, that an outcome leads to from `base`."""
        if self.predict == "level":
            return np.asarray(change, dtype=np.float64)
        if self.predict == "difference":
            return base + change
        return base * (1 + change) if self.predict == "return" else base * np.exp(change)

    def no_change(self, base: np.ndarray) -> np.ndarray:
        """Return the outcome that persistence predicts: nothing moves."""
        return np.asarray(base, dtype=np.float64) if self.predict == "level" else np.zeros(len(base))


def resolve_task(recipe: Recipe, profile: "QualityProfile") -> Task:
    """Return the task of a recipe; left open, a price-like target is predicted by its log return, others by difference.

    What comes back to its mean within a row, as returns do, is predicted as it is: its difference would mostly be the way back.
    """
    target = profile.column(profile.roles.target)
    memory = target.train.autocorrelation
    comes_back = not target.drifts and memory is not None and memory < _NEARER_TO_MEAN
    habit = "log_return" if target.price_like else "level" if comes_back else "difference"
    return Task(target=target.name, predict=recipe.training.predict or habit, horizon=recipe.training.horizon)
