"""Whether the target can be bought and sold, so that a backtest means anything."""

from enum import StrEnum
from typing import TYPE_CHECKING

from core.forecast.evaluation.doubts import averaging_autocorrelation
from core.forecast.evaluation.scores import Loss
from core.quality.market.prices import is_named_like_price
from core.samples.samples import train_mean

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile
    from core.samples.prepare import Prepared

_SWITCH = "If it can be bought and sold, set “Tradable” to Yes (evaluation.tradable) and train again."


class Obstacle(StrEnum):
    """Why there is no backtest."""

    SWITCHED_OFF = "switched_off"
    VOLATILITY_PREDICTED = "volatility_predicted"
    VOLATILITY = "volatility"
    MEAN_REVERTS = "mean_reverts"
    AVERAGED = "averaged"
    NO_PRICE = "no_price"
    NO_PRICE_NAME = "no_price_name"
    NO_ROWS = "no_rows"

    @property
    def text(self) -> str:
        """The reason, and how to run a backtest anyway."""
        match self:
            case Obstacle.SWITCHED_OFF:
                return "No backtest: the recipe states that the target cannot be bought and sold (evaluation.tradable)."
            case Obstacle.VOLATILITY_PREDICTED:
                return "No backtest: the forecast is one of volatility, which cannot be bought and sold."
            case Obstacle.NO_ROWS:
                return "No backtest: no predicted row of the era is followed by two more, for the fill and the gain."
        return f"No backtest: {_REASONS[self]}. {_SWITCH}"


_REASONS = {
    Obstacle.VOLATILITY: "the target behaves like a volatility",
    Obstacle.MEAN_REVERTS: "on the train era the mean forecasts the target better than its last value does, as for a return",
    Obstacle.AVERAGED: "the target looks like the average of a period, which is no price that anyone can trade at",
    Obstacle.NO_PRICE: "the target does not drift like a price",
    Obstacle.NO_PRICE_NAME: "the target is not named like a price",
}


def find_obstacle(tradable: bool | None, quality: "QualityProfile", ready: "Prepared", loss: Loss) -> Obstacle | None:
    """Return why the target cannot be traded, or None if it can.

    Without the user's word it can if it drifts like a price and is positive, is neither a volatility nor an average of a period,
    and is named like a price or an instrument.

    Parameters
    ----------
    tradable
        The user's word, or None.
    quality
        The profile of the data.
    ready, loss
        The features, samples and task, and what models are judged by.
    """
    if ready.task.predict == "volatility":
        return Obstacle.VOLATILITY_PREDICTED
    if tradable is not None:
        return None if tradable else Obstacle.SWITCHED_OFF
    features, samples, target = ready.features, ready.samples, ready.task.target
    if loss == "qlike":
        return Obstacle.VOLATILITY
    mean_reverts = ready.task.above is not None if ready.task.is_direction else train_mean(samples) is not None
    if mean_reverts:
        return Obstacle.MEAN_REVERTS
    if averaging_autocorrelation(features, samples, ready.task) is not None:
        return Obstacle.AVERAGED
    if not quality.column(target).price_like:
        return Obstacle.NO_PRICE
    is_named = is_named_like_price(target, [column.name for column in quality.columns])
    return None if is_named else Obstacle.NO_PRICE_NAME
