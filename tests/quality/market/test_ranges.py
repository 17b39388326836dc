"""Which high and low columns show how far a price moved."""

import numpy as np
import pandas as pd
import pytest

from core.quality.profile import QualityProfile
from tests.data.bars import make_bars
from tests.quality.conftest import Bench

ROWS = 400


def profile_of(bench: Bench, frame: pd.DataFrame, ignore: tuple[str, ...] = ()) -> QualityProfile:
    return bench.profile(frame, "close", ignore=ignore)


def test_the_high_and_low_of_an_instrument_show_its_range(bench: Bench) -> None:
    bars = make_bars(ROWS)
    bars["adj_close"] = 0.5 * bars["close"]
    bars["gold_close"] = make_bars(ROWS, seed=9)["close"]
    found = profile_of(bench, bars)
    assert found.bar_of("close") == found.bar_of("adj_close") == ("high", "low")
    assert found.bar_of("gold_close") is None
    assert found.bar_of("high") is None


def one_price(bars: pd.DataFrame, which: np.ndarray) -> None:
    for name in ("open", "high", "low"):
        bars.loc[which, name] = bars.loc[which, "close"]


@pytest.mark.parametrize("bad", [0.02, 0.1])
@pytest.mark.parametrize("fault", ["one price", "crossed", "missing"])
def test_a_few_bad_bars_do_no_harm_and_many_end_it(bench: Bench, fault: str, bad: float) -> None:
    bars = make_bars(ROWS)
    broken = np.random.default_rng(1).random(ROWS) < bad
    if fault == "one price":
        one_price(bars, broken)
    elif fault == "crossed":
        bars.loc[broken, ["high", "low"]] = bars.loc[broken, ["low", "high"]].to_numpy()
    else:
        bars.loc[broken, "high"] = np.nan
    assert (profile_of(bench, bars).bar_of("close") is not None) is (bad < 0.05)


def test_only_train_rows_decide(bench: Bench) -> None:
    bars = make_bars(ROWS)
    one_price(bars, np.arange(ROWS) >= 300)
    assert profile_of(bench, bars).bar_of("close") == ("high", "low")


def test_bars_of_something_else_and_ignored_columns_are_not_used(bench: Bench) -> None:
    bars = make_bars(ROWS)
    assert profile_of(bench, bars, ignore=("low",)).bar_of("close") is None
    bars[["high", "low"]] *= 3
    assert profile_of(bench, bars).bar_of("close") is None
