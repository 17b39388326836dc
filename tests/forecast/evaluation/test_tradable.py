"""Which targets are backtested: by their behaviour, their name, and the user's word."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.tradable import Obstacle, find_obstacle
from core.quality.market.prices import is_named_like_price
from tests.forecast.evaluation.test_rivals import volatility


@dataclass
class Quality:
    """As much of a profile as is looked at."""

    names: tuple[str, ...]
    price_like: bool = True

    @property
    def columns(self):
        return [SimpleNamespace(name=name) for name in self.names]

    def column(self, name):
        assert name in self.names
        return SimpleNamespace(price_like=self.price_like)


def obstacle(w, tradable=None, price_like=True, target="close", others=()):
    task = replace(w.task, target=target)
    ready = SimpleNamespace(features=w.features, samples=w.samples, task=task)
    loss = choose_loss(w.features, w.samples, w.task)
    return find_obstacle(tradable, Quality((target, *others), price_like), ready, loss)


def test_a_price_with_the_name_of_a_price_is_tradable(world, random_walk):
    w = world(random_walk(300, 1))
    assert obstacle(w) is None
    assert obstacle(w, target="unrate") is Obstacle.NO_PRICE_NAME
    assert obstacle(w, target="sp500") is Obstacle.NO_PRICE_NAME
    assert obstacle(w, target="sp500", others=("sp500_volume",)) is None
    assert obstacle(w, price_like=False) is Obstacle.NO_PRICE


def test_behaviour_rules_a_target_out_whatever_its_name(world):
    assert obstacle(world(volatility(800, 0))) is Obstacle.VOLATILITY
    assert obstacle(world(5 + np.random.default_rng(1).normal(size=300))) is Obstacle.MEAN_REVERTS
    daily = 500 + np.random.default_rng(2).normal(size=(700, 21)).cumsum().reshape(700, 21)
    months = (np.datetime64("1950-01", "M") + np.arange(700)).astype("datetime64[us]")
    assert obstacle(world(daily.mean(axis=1), times=months)) is Obstacle.AVERAGED
    assert obstacle(world(daily[:, -1], times=months)) is None


def test_the_direction_of_a_price_is_tradable_and_that_of_an_average_or_a_return_is_not(world, random_walk):
    price = world(random_walk(300, 1), predict="direction")
    assert obstacle(price) is None
    returns = replace(price, task=replace(price.task, above=0.0))
    assert obstacle(returns) is Obstacle.MEAN_REVERTS
    daily = 500 + np.random.default_rng(2).normal(size=(700, 21)).cumsum().reshape(700, 21)
    months = (np.datetime64("1950-01", "M") + np.arange(700)).astype("datetime64[us]")
    assert obstacle(world(daily.mean(axis=1), times=months, predict="direction")) is Obstacle.AVERAGED


def test_a_forecast_of_volatility_is_never_traded(world, random_walk):
    w = world(random_walk(300, 1), predict="volatility")
    assert obstacle(w, tradable=True) is Obstacle.VOLATILITY_PREDICTED


def test_the_users_word_wins(world, random_walk):
    assert obstacle(world(volatility(800, 0)), tradable=True, price_like=False, target="vix") is None
    assert obstacle(world(random_walk(300, 1)), tradable=False) is Obstacle.SWITCHED_OFF


def test_each_obstacle_that_a_user_can_overrule_says_how():
    texts = {each: each.text for each in Obstacle}
    assert len(set(texts.values())) == len(Obstacle)
    silent = {each for each, text in texts.items() if "evaluation.tradable" not in text}
    assert silent == {Obstacle.NO_ROWS, Obstacle.VOLATILITY_PREDICTED}


PRICES = ["close", "Adj Close", "AAPL.Close", "open", "last_price", "Settle", "price", "Schlusskurs", "btc_usd_close"]
OTHERS = [
    "high",
    "Low",
    "volume",
    "vix",
    "VIX_close",
    "us10y_yield_close",
    "unemployment_rate",
    "Real Price",
    "cpi",
    "y",
    "",
]


@pytest.mark.parametrize("name", PRICES)
def test_names_of_prices(name):
    assert is_named_like_price(name, [name, "other"])


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_other_figures(name):
    assert not is_named_like_price(name, [name, "other"])


def test_a_ticker_needs_a_price_or_volume_of_its_own():
    assert is_named_like_price("SPY", ["SPY", "SPY Volume"])
    assert is_named_like_price("spy", ["spy", "SPY.Open"])
    assert not is_named_like_price("SPY", ["SPY", "QQQ Volume", "volume"])
