"""The forecasting task: outcome and horizon, and conversion between outcomes and levels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.errors.cleaning import NoTargetChosen
from core.text.format import format_number

if TYPE_CHECKING:
    from core.quality.profile import ColumnProfile, QualityProfile
    from core.recipe.model import Recipe


Predict = Literal["level", "difference", "return", "log_return", "volatility", "direction"]

# The realised volatilities that enter as features: those of a day, a week and a month (HAR).
HAR_ROWS = (1, 5, 22)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What every model predicts: `predict` of `target` over `horizon` rows.

    For `volatility` the levels are those of realised volatility, and the outcome is its log change. For `direction` they are
    probabilities of a rise, and the outcome is 1 after a rise, else 0. `above` is set if the target mean-reverts: its direction is
    then whether it ends above this value, since reversion alone would predict most of its rises and falls.

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
    above: float | None = None

    @property
    def is_direction(self) -> bool:
        """Whether a probability is predicted."""
        return self.predict == "direction"

    @property
    def label(self) -> str:
        """The outcome in words: "log return of close over 1 row", "level of vix after 5 rows"."""
        link = "after" if self.predict == "level" or self.above is not None else "over"
        rows = f"{self.horizon} row{'s' if self.horizon > 1 else ''}"
        return f"{self.predict.replace('_', ' ')} of {self.target} {link} {rows}"

    @property
    def quantity(self) -> str:
        """What levels are levels of: the target, its volatility, or the probability of its rise."""
        if self.is_direction:
            return f"probability that {self.event}"
        return f"volatility of {self.target}" if self.predict == "volatility" else self.target

    @property
    def event(self) -> str:
        """What a direction is the probability of, in words: "close rises", "ret is above 0"."""
        return f"{self.target} rises" if self.above is None else f"{self.target} is above {format_number(self.above)}"

    @property
    def volatility_rows(self) -> tuple[int, ...]:
        """Rows of the realised volatilities that enter as features."""
        return HAR_ROWS if self.predict == "volatility" else ()

    def change(self, base: np.ndarray, future: np.ndarray) -> np.ndarray:
        """Return the outcomes between target values at the origin and at the horizon.

        All float64, shape (n,), NaN if undefined.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.predict in ("level", "direction"):
                return np.asarray(future, dtype=np.float64)
            if self.predict == "difference":
                return future - base
            change = future / base - 1 if self.predict == "return" else np.log(future / base)
        return np.where(np.isfinite(change), change, np.nan)

    def level(self, base: np.ndarray, change: np.ndarray) -> np.ndarray:
        """Return the target values that outcomes imply; the inverse of `change`.

        `base` are the target values at the origin. All float64, shape (n,).
        """
        if self.predict in ("level", "direction"):
            return np.asarray(change, dtype=np.float64)
        if self.predict == "difference":
            return base + change
        return base * (1 + change) if self.predict == "return" else base * np.exp(change)

    def no_change(self, base: np.ndarray) -> np.ndarray:
        """Return the outcomes that persistence predicts, float64 of shape (n,) as `base`.

        0 for a direction: models predict its probability itself.
        """
        return np.asarray(base, dtype=np.float64) if self.predict == "level" else np.zeros(len(base))


def _suits_logs(column: "ColumnProfile") -> bool:
    """Return whether a column is positive, skewed to the right and persistent, but does not drift: its logs are well-behaved."""
    is_persistent = column.train.autocorrelation is not None and not column.mean_reverts
    return is_persistent and column.is_positive_and_skewed and not column.drifts


def natural_change(column: "ColumnProfile") -> Literal["level", "difference", "log_return"]:
    """Return how a column is best compared from row to row, judged on the train era.

    By the log return if it is price-like or suits logs, by its level if it mean-reverts within one row (a return, say), since
    its difference would be mostly reversion, and else by the difference.
    """
    if column.price_like or _suits_logs(column):
        return "log_return"
    return "level" if column.mean_reverts and not column.drifts else "difference"


def resolve_task(recipe: "Recipe", profile: "QualityProfile") -> Task:
    """Return the task of a recipe; if it does not say what to predict, the target's `natural_change`.

    Raises `NoTargetChosen`.
    """
    if profile.roles.target is None:
        raise NoTargetChosen
    target = profile.column(profile.roles.target)
    predict, horizon = recipe.training.predict or natural_change(target), recipe.training.horizon
    above = None
    if predict == "direction" and natural_change(target) == "level":
        low, high = target.train.min or 0.0, target.train.max or 0.0
        above = 0.0 if low < 0 < high else target.train.mean
    return Task(target=target.name, predict=predict, horizon=horizon, above=above)
