"""Suspected leaks: indicators that look ahead are named, honest columns never are, and a delay or the user's word clears them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.findings.look_ahead import SuspectedLookAhead
from core.quality.checks.suspected_leaks import SuspectedLeak, find_suspected_leaks, open_suspicions
from core.recipe.model import IngestSettings

Column = Callable[[pd.Series, np.random.Generator], pd.Series]


def noisy_next_return(share: float) -> Column:
    def make(close: pd.Series, chance: np.random.Generator) -> pd.Series:
        following = close.pct_change().shift(-1)
        return following + chance.normal(0, following.std() * np.sqrt((1 - share) / share), len(close))

    return make


def next_open(close: pd.Series, chance: np.random.Generator) -> pd.Series:
    moves = np.log(close.shift(-1) / close)
    return close * np.exp(0.3 * moves + chance.normal(0, moves.std() * np.sqrt(0.21), len(close)))


def centred(close: pd.Series, window: int) -> pd.Series:
    return close.rolling(window, center=True).mean()


LEAKS: dict[str, Column] = {
    "next value": lambda close, _: close.shift(-1),
    "next sign": lambda close, _: np.sign(close.shift(-1) - close),
    "forward return over 5": lambda close, _: close.shift(-5) / close - 1,
    "forward return over 10": lambda close, _: close.shift(-10) / close - 1,
    "forward volatility": lambda close, _: close.pct_change().rolling(10).std().shift(-10),
    "centred mean of 5": lambda close, _: centred(close, 5),
    "centred mean of 21": lambda close, _: centred(close, 21),
    "centred mean of 51": lambda close, _: centred(close, 51),
    "centred z-score of 5": lambda close, _: (close - centred(close, 5)) / close.rolling(5, center=True).std(),
    "centred z-score of 21": lambda close, _: (close - centred(close, 21)) / close.rolling(21, center=True).std(),
    "chikou span": lambda close, _: close.shift(-26),
    "centred detrended price": lambda close, _: close - close.rolling(20).mean().shift(-11),
    "next return, R2 0.5": noisy_next_return(0.5),
    "next return, R2 0.65": noisy_next_return(0.65),
    "next return, R2 0.8": noisy_next_return(0.8),
    "next open": next_open,
}
HONEST: dict[str, Column] = {
    "mean of 20": lambda close, _: close.rolling(20).mean(),
    "mean of 100": lambda close, _: close.rolling(100).mean(),
    "relative strength": lambda close, _: (
        close.diff().clip(lower=0).rolling(14).mean() / close.diff().abs().rolling(14).mean()
    ),
    "lag": lambda close, _: close.shift(3),
    "volatility": lambda close, _: close.pct_change().rolling(20).std(),
    "z-score": lambda close, _: (close - close.rolling(20).mean()) / close.rolling(20).std(),
    "difference of two means": lambda close, _: close.ewm(12).mean() - close.ewm(26).mean(),
    "running maximum": lambda close, _: close.rolling(50).max(),
    "another walk": lambda close, chance: pd.Series(50 * np.exp(chance.normal(0, 0.01, len(close)).cumsum())),
    "noise": lambda close, chance: pd.Series(chance.normal(size=len(close))),
    "open of the row": lambda close, chance: close.shift(1) * np.exp(chance.normal(0, 0.003, len(close))),
    "high of the row": lambda close, chance: close * np.exp(np.abs(chance.normal(0, 0.005, len(close)))),
    "trend": lambda close, chance: pd.Series(np.arange(len(close)) + chance.normal(size=len(close))),
}


def walk(seed: int, rows: int = 1000, freedom: float = np.inf) -> tuple[pd.Series, np.random.Generator]:
    chance = np.random.default_rng(seed)
    moves = chance.normal(size=rows) if np.isinf(freedom) else chance.standard_t(freedom, rows)
    return pd.Series(100 * np.exp(np.cumsum(0.01 * moves))), chance


def suspected(close: pd.Series, columns: dict[str, pd.Series]) -> dict[str, SuspectedLeak]:
    frame = pd.DataFrame({"close": close} | columns)
    first = np.arange(len(frame)) == 0
    return {leak.column: leak for leak in find_suspected_leaks(frame, "close", first)}


def leading(seed: int, share: float, memory: float, rows: int = 1000) -> dict[str, SuspectedLeak]:
    """A column that honestly leads the target: it explains this share of the next change."""
    chance = np.random.default_rng(seed)
    noise = chance.normal(size=rows)
    signal = np.zeros(rows)
    for row in range(1, rows):
        signal[row] = memory * signal[row - 1] + noise[row] * np.sqrt(1 - memory**2)
    moves = np.r_[0, signal[:-1]] + chance.normal(0, np.sqrt((1 - share) / share), rows)
    close = pd.Series(100 * np.exp(np.cumsum(0.005 * moves)))
    return suspected(close, {"signal": pd.Series(signal), "index": pd.Series(np.exp(0.01 * np.cumsum(signal)))})


@pytest.mark.parametrize("name", LEAKS)
def test_a_column_that_looks_ahead_is_suspected(name: str) -> None:
    close, chance = walk(1)
    assert set(suspected(close, {name: LEAKS[name](close, chance)})) == {name}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_column_is_never_suspected(name: str) -> None:
    close, chance = walk(1)
    assert not suspected(close, {name: HONEST[name](close, chance)})


@pytest.mark.parametrize("share", [0.1, 0.25])
@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_a_leading_column_is_honest(share: float, memory: float) -> None:
    assert not leading(1, share, memory)


@pytest.mark.parametrize("name", ["next value", "forward return over 10", "centred mean of 21", "chikou span"])
def test_the_delay_clears_a_column_and_one_row_less_does_not(name: str) -> None:
    close, chance = walk(2)
    values = LEAKS[name](close, chance)
    delay = suspected(close, {"x": values})["x"].delay
    assert delay == {"next value": 1, "forward return over 10": 10, "centred mean of 21": 10, "chikou span": 26}[name]
    assert not suspected(close, {"x": values.shift(delay)})
    assert suspected(close, {"x": values.shift(delay - 1)})


def test_nothing_crosses_series() -> None:
    close, _ = walk(3, 600)
    frame = pd.DataFrame({"close": close, "x": close.shift(-1)})
    first = np.arange(len(frame)) % 300 == 0
    changed = frame.copy()
    changed.loc[299, "x"] = 1e6
    assert find_suspected_leaks(changed, "close", first) == find_suspected_leaks(frame, "close", first)


def test_a_target_of_returns_is_judged_as_it_is() -> None:
    close, chance = walk(4)
    returns = close.pct_change().fillna(0)
    found = suspected(
        returns, {"next": returns.shift(-1), "noisy": noisy_next_return(0.65)(close, chance), "lag": returns.shift(2)}
    )
    assert set(found) == {"next", "noisy"}


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_the_unit_of_the_target_changes_nothing(unit: float) -> None:
    close, chance = walk(8)
    volatility = 0.01 * np.exp(
        np.log(close / 100).rolling(40, min_periods=1).mean() + chance.normal(0, 0.3, len(close))
    )
    columns = {"next": volatility.shift(-1), "smooth": centred(volatility, 21), "lag": volatility.shift(2)}
    assert {name: leak.delay for name, leak in suspected(unit * volatility, columns).items()} == {
        name: leak.delay for name, leak in suspected(volatility, columns).items()
    }
    assert set(suspected(unit * volatility, columns)) == {"next", "smooth"}


def test_a_bad_cell_of_the_target_changes_little() -> None:
    close, _ = walk(9)
    columns = {"smooth": centred(close, 21), "trailing": close.rolling(21).mean()}
    close[500] = np.nan
    assert set(suspected(close, columns)) == {"smooth"}


def test_a_delay_or_the_word_of_the_user_answers_a_suspicion() -> None:
    leaks = [SuspectedLeak(column=name, evidence="later rows", lead=5, share=0.9, delay=5) for name in "abc"]
    settings = IngestSettings(availability_lag={"a": 5, "b": 4}, known_at_origin=("c",))
    assert [leak.column for leak in open_suspicions(leaks, settings)] == ["b"]


@pytest.mark.fires("suspected-look-ahead")
def test_quality_names_the_column_and_offers_its_delay(bench) -> None:
    close, _ = walk(5)
    dates = pd.bdate_range("2018-01-01", periods=len(close), unit="us")
    frame = pd.DataFrame(
        {"date": dates, "close": close, "mean": close.rolling(20).mean(), "centred": centred(close, 21)}
    )
    profile = bench.profile(frame, "close")
    (finding,) = [finding for finding in profile.findings if isinstance(finding, SuspectedLookAhead)]
    assert (finding.column, finding.remedy.value) == ("centred", (("centred", 10),))
    assert [leak.column for leak in profile.suspected_leaks] == ["centred"]


@pytest.mark.silent("suspected-look-ahead")
def test_the_prices_of_a_bar_are_no_leak_of_its_open(bench) -> None:
    close, chance = walk(6)
    opening = close.shift(1).fillna(100.0)
    dates = pd.bdate_range("2018-01-01", periods=len(close), unit="us")
    bars = pd.DataFrame({"date": dates, "open": opening, "close": close})
    bars["high"] = bars[["open", "close"]].max(axis=1) * np.exp(np.abs(chance.normal(0, 0.002, len(close))))
    bars["low"] = bars[["open", "close"]].min(axis=1) * np.exp(-np.abs(chance.normal(0, 0.002, len(close))))
    for target in ("open", "close", "high", "low"):
        bench.profile(bars, target)


def test_rows_after_the_train_era_change_nothing(bench) -> None:
    close, _ = walk(7)
    dates = pd.bdate_range("2018-01-01", periods=len(close), unit="us")
    frame = pd.DataFrame(
        {"date": dates, "close": close, "centred": centred(close, 21), "mean": close.rolling(20).mean()}
    )
    later = frame.copy()
    later.loc[720:, ["close", "centred", "mean"]] *= 3
    assert bench.profile(later, "close").suspected_leaks == bench.profile(frame, "close").suspected_leaks


@pytest.mark.simulation
def test_few_leaks_are_missed_and_no_honest_column_is_accused() -> None:
    missed, accused, honest = 0, 0, 0
    for seed in range(20):
        for freedom in (np.inf, 4.0):
            close, chance = walk(seed, 1200, freedom)
            leaks = {name: make(close, chance) for name, make in LEAKS.items()}
            fair = {name: make(close, chance) for name, make in HONEST.items()}
            missed += len(leaks) - len(suspected(close, leaks))
            accused += len(suspected(close, fair))
            honest += len(fair)
        for share in (0.1, 0.25):
            for memory in (0.0, 0.5):
                accused += len(leading(seed, share, memory))
                honest += 2
    print(f"missed {missed} of {40 * len(LEAKS)}, accused {accused} of {honest}")
    assert missed <= 0.02 * 40 * len(LEAKS)
    assert accused == 0
