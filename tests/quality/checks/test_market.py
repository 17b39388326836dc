"""Market sense: planted faults of prices and volumes are counted exactly, and sound or foreign data stay silent."""

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.builtin import write_sample
from core.errors.model import Stopped
from core.findings.model import Finding, Severity
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.quality.profile import profile_dataset
from core.recipe.model import Recipe

ROWS = 400
CODES = {
    "ohlc-disorder",
    "one-price-bars",
    "volumes-swapped",
    "zero-volume",
    "looks-like-split",
    "bad-tick",
    "weekend-rows",
    "adjusted-close",
    "adjusted-equals-close",
}


def market(rows: int = ROWS, seed: int = 3, start: float = 100.0) -> pd.DataFrame:
    """Bars of a calm stock on working days."""
    random = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
    opening = close * np.exp(random.normal(0, 0.004, rows))
    frame = pd.DataFrame({"date": pd.bdate_range("2020-01-01", periods=rows, unit="us"), "open": opening})
    frame["high"] = np.maximum(opening, close) * np.exp(random.uniform(0, 0.01, rows))
    frame["low"] = np.minimum(opening, close) * np.exp(-random.uniform(0, 0.01, rows))
    return frame.assign(close=close, volume=random.lognormal(10, 1, rows).round())


def told(bench, frame: pd.DataFrame, **settings) -> dict[str, Finding]:
    findings = [f for f in bench.profile(frame, **settings).findings if f.code in CODES]
    by_code = {finding.code: finding for finding in findings}
    assert len(by_code) == len(findings)
    return by_code


def lines(*places: int) -> tuple[int, ...]:
    return tuple(place + 2 for place in places)


@pytest.mark.parametrize("series", [None, "ticker"])
def test_a_sound_market_gives_no_finding(bench, series):
    frame = market()
    if series:
        frame = pd.concat([frame.assign(ticker="a"), market(seed=4, start=3.0).assign(ticker="b")])
    assert told(bench, frame, series=series) == {}


def test_columns_of_other_things_are_not_taken_for_prices(bench):
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=ROWS, unit="us")})
    frame["open tickets"] = random.integers(0, 50, ROWS).astype(float)
    frame["high priority"] = random.integers(0, 9, ROWS).astype(float)
    frame["low priority"] = random.integers(5, 90, ROWS).astype(float)
    frame["close"] = random.integers(0, 400, ROWS).astype(float)
    frame["price var"] = random.normal(size=ROWS)
    frame["volume"] = 0.0
    assert told(bench, frame) == {}


def test_rows_out_of_order_are_counted_and_listed(bench):
    frame = market()
    frame.loc[[20, 390], "open"] = frame["high"] * 1.01
    frame.loc[21, "close"] = frame.loc[21, "low"] * 0.99
    frame.loc[[22, 23], ["high", "low"]] = frame.loc[[22, 23], ["low", "high"]].to_numpy()
    # Rounding in the last digit is no fault.
    frame.loc[30, "open"] = frame.loc[30, "high"] * (1 + 1e-8)
    found = told(bench, frame)["ohlc-disorder"]
    assert (found.count, found.rows, found.severity) == (5, lines(20, 21, 22, 23, 390), Severity.WARNING)
    assert "high is below low in 2 rows" in found.detail
    assert found.column == "close" and found.remedy is None


def test_each_bar_of_a_wide_file_is_judged_by_its_own_columns(bench):
    names = ("open", "high", "low", "close")
    parts = [
        market(seed=seed).rename(columns={n: f"{ticker}_{n}" for n in names})
        for seed, ticker in ((3, "AAPL"), (4, "KO"))
    ]
    frame = parts[0].drop(columns="volume").merge(parts[1].drop(columns="volume"), on="date")
    frame.loc[50, "KO_low"] *= 1.07
    found = told(bench, frame)
    assert set(found) == {"ohlc-disorder"}
    assert (found["ohlc-disorder"].count, found["ohlc-disorder"].column) == (1, "KO_close")
    assert told(bench, frame[frame.columns[::-1]]) == found


def test_headers_that_are_mixed_up_are_a_problem(bench):
    frame = market().rename(columns={"high": "low", "low": "high"})
    found = told(bench, frame)["ohlc-disorder"]
    assert found.severity == Severity.PROBLEM and "named wrongly" in found.detail


@pytest.mark.parametrize(
    ("ratio", "words"), [(2.0, "2 for 1"), (1.5, "3 for 2"), (3.0, "3 for 1"), (4.0, "4 for 1"), (0.1, "1 for 10")]
)
def test_a_split_is_told_with_its_ratio_and_date(bench, ratio, words):
    frame = market()
    frame.loc[250:, ["open", "high", "low", "close"]] /= ratio
    found = told(bench, frame)
    assert set(found) == {"looks-like-split"}
    assert f"{words} on {frame['date'][250]:%Y-%m-%d}" in found["looks-like-split"].detail
    assert (found["looks-like-split"].count, found["looks-like-split"].rows) == (1, lines(250))


def test_a_split_of_a_lone_column_is_told_in_its_own_series_only(bench):
    frame = pd.concat(
        [market(seed=seed, start=start).assign(ticker=ticker) for seed, start, ticker in ((3, 100, "a"), (4, 50, "b"))]
    )
    frame = frame[["date", "ticker", "close"]].rename(columns={"close": "nasdaq"}).reset_index(drop=True)
    assert told(bench, frame, series="ticker") == {}
    frame.loc[ROWS + 100 :, "nasdaq"] /= 2
    assert told(bench, frame, series="ticker")["looks-like-split"].rows == lines(ROWS + 100)


def test_a_true_crash_is_no_split(bench):
    frame, wild = market(), np.random.default_rng(6).normal(0, 0.06, 60)
    within_the_day = frame.copy()
    within_the_day.loc[250, ["low", "close"]] /= 2
    within_the_day.loc[251:, ["open", "high", "low", "close"]] /= 2
    assert told(bench, within_the_day) == {}
    overnight = frame[["date", "close"]].copy()
    overnight.loc[250:, "close"] /= 2
    overnight.loc[251:310, "close"] *= np.exp(np.cumsum(wild))
    assert told(bench, overnight) == {}


def test_an_adjusted_close_that_falls_too_shows_a_true_crash(bench):
    frame = market()
    frame.loc[250:, ["open", "high", "low", "close"]] /= 2
    dividend = np.where(np.arange(ROWS) < 100, 0.99, 1.0)
    assert "looks-like-split" not in told(bench, frame.assign(**{"Adj Close": frame["close"] * dividend}))
    smooth = frame["close"] * dividend * np.where(np.arange(ROWS) < 250, 0.5, 1.0)
    assert "does not jump there" in told(bench, frame.assign(**{"Adj Close": smooth}))["looks-like-split"].detail


def test_bad_ticks_that_come_back_are_counted(bench):
    frame = market()
    frame.loc[[60, 61], "close"] *= 1.3
    frame.loc[[120, 300], "close"] *= [0.6, 1.5]
    frame["low"] = frame[["low", "close"]].min(axis=1)
    frame["high"] = frame[["high", "close"]].max(axis=1)
    found = told(bench, frame)
    assert set(found) == {"bad-tick"}
    # Two rows are a move, not a tick.
    assert (found["bad-tick"].count, found["bad-tick"].rows) == (2, lines(120, 300))
    assert "close" in found["bad-tick"].title


def test_wild_days_are_no_bad_ticks(bench):
    random = np.random.default_rng(8)
    steps = random.normal(0, np.where(np.abs(np.arange(ROWS) - 200) < 20, 0.08, 0.006))
    steps[200:202] = 0.12, -0.12
    frame = market()[["date"]].assign(close=100 * np.exp(np.cumsum(steps)))
    assert told(bench, frame) == {}


def crypto(swapped: slice, rows: int = ROWS) -> pd.DataFrame:
    """Hourly bars with a volume in coins and one in money that hold each other's values in some rows."""
    frame = market(rows, start=9000.0).assign(date=pd.date_range("2020-09-01", periods=rows, freq="h", unit="us"))
    frame["Volume USD"] = frame["volume"] * frame["close"] * np.random.default_rng(9).uniform(0.98, 1.02, rows)
    frame = frame.rename(columns={"volume": "Volume BTC"})
    pair = ["Volume BTC", "Volume USD"]
    frame.loc[swapped, pair] = frame.loc[swapped, pair[::-1]].to_numpy()
    return frame


def test_volumes_that_change_places_at_a_date_are_told_with_date_and_count(bench):
    frame = crypto(slice(0, 219))
    frame.loc[100:102, ["Volume BTC", "Volume USD"]] = 0.0
    found = told(bench, frame)
    assert set(found) == {"volumes-swapped"}
    swap = found["volumes-swapped"]
    assert (swap.count, swap.severity, swap.rows) == (217, Severity.PROBLEM, lines(*range(10)))
    assert swap.title == "Volume BTC and Volume USD hold each other's values in 217 rows, the last on 2020-09-10 03:00"
    assert "2020-09-01 to 2020-09-10 03:00 (217 rows)" in swap.detail
    assert swap.remedy.value == ("Volume BTC", "Volume USD")
    newest_first = frame.iloc[::-1].reset_index(drop=True)
    assert told(bench, newest_first)["volumes-swapped"].title == swap.title


def test_a_swap_that_train_rows_do_not_show_has_no_remedy(bench):
    found = told(bench, crypto(slice(350, ROWS)))["volumes-swapped"]
    assert found.remedy is None and found.count == 350


def test_volumes_of_two_kinds_that_keep_their_places_are_silent(bench):
    assert told(bench, crypto(slice(0, 0))) == {}
    assert told(bench, crypto(slice(0, ROWS))) == {}
    frame = market(start=1.1).rename(columns={"volume": "volume EUR"})
    assert told(bench, frame.assign(**{"volume USD": frame["volume EUR"] * frame["close"]})) == {}


def test_rows_without_volume_in_which_the_price_moved(bench):
    frame = market()
    frame.loc[10:19, "volume"] = 0
    frame.loc[5, "volume"] = np.nan
    frame.loc[15, "close"] = frame.loc[14, "close"]
    frame.loc[15, ["low", "high"]] = frame.loc[15, ["open", "close"]].agg(["min", "max"]).to_numpy()
    found = told(bench, frame)
    assert set(found) == {"zero-volume"}
    assert (found["zero-volume"].count, found["zero-volume"].column) == (9, "volume")
    assert "2020-01-15 to 2020-01-28 (10 rows)" in found["zero-volume"].detail
    assert found["zero-volume"].remedy is None
    frame.loc[0:100, "volume"] = 0
    assert told(bench, frame)["zero-volume"].remedy.value == ("volume",)


def test_runs_of_one_price_are_quotes(bench):
    frame = market()
    for name in ("open", "high", "low"):
        frame.loc[0:99, name] = frame["close"]
    found = told(bench, frame)
    assert set(found) == {"one-price-bars"}
    assert (found["one-price-bars"].count, found["one-price-bars"].severity) == (100, Severity.WARNING)
    assert "2020-01-01 to 2020-05-19 (100 rows)" in found["one-price-bars"].detail
    few = market()
    for name in ("open", "high", "low"):
        few.loc[[3, 4, 80, 200], name] = few["close"]
    assert told(bench, few) == {}


def test_a_few_weekend_rows_among_working_days(bench):
    frame = market()
    assert frame["date"][47] == pd.Timestamp("2020-03-06")
    frame.loc[47, "date"] = pd.Timestamp("2020-03-07")
    found = told(bench, frame)
    assert set(found) == {"weekend-rows"}
    assert (found["weekend-rows"].count, found["weekend-rows"].rows) == (1, lines(47))
    every_day = market().assign(date=pd.date_range("2020-01-01", periods=ROWS, unit="us"))
    assert told(bench, every_day) == {}


def test_a_series_that_trades_on_weekends_does_not_accuse_its_neighbour(bench):
    stock, coin = market().assign(ticker="a"), market(seed=4).assign(ticker="b")
    coin["date"] = pd.date_range("2020-01-01", periods=ROWS, unit="us")
    assert told(bench, pd.concat([stock, coin]), series="ticker") == {}
    stock.loc[47, "date"] = pd.Timestamp("2020-03-07")
    assert told(bench, pd.concat([stock, coin], ignore_index=True), series="ticker")["weekend-rows"].rows == lines(47)


def test_an_adjusted_close_is_the_same_or_looks_ahead(bench):
    frame = market()
    same = told(bench, frame.assign(adjclose=frame["close"] * (1 + 1e-9)))
    assert set(same) == {"adjusted-equals-close"} and same["adjusted-equals-close"].count == ROWS
    early = np.where(np.arange(ROWS) < 300, 0.98, 1.0)
    found = told(bench, frame.assign(**{"Adj Close": frame["close"] * early}))
    assert set(found) == {"adjusted-close"}
    assert (found["adjusted-close"].count, found["adjusted-close"].severity) == (300, Severity.WARNING)
    assert f"equal after {frame['date'][299]:%Y-%m-%d}" in found["adjusted-close"].detail
    cut = told(bench, frame.assign(**{"Adj Close": frame["close"] * 0.98}))["adjusted-close"]
    assert "differ in the last row too" in cut.detail


def test_a_fault_of_many_columns_is_told_twenty_times_and_then_counted(bench):
    bars = market()
    frame = pd.concat(
        [bars[["date"]], *(bars[["close"]].rename(columns={"close": f"t{n}"}) for n in range(30))], axis=1
    )
    frame.loc[250:, [f"t{n}" for n in range(30)]] /= 2
    findings = [finding for finding in bench.profile(frame).findings if finding.code in CODES]
    assert len(findings) == 21 and findings[-1].title == "10 more columns jump as in a split"


def test_looking_stops_when_asked(bench):
    dataset = bench.dataset(market())
    asked = []

    class Watcher:
        def step(self, done: int, total: int, text: str) -> None:
            asked.append(text)

        def metric(self, name: str, step: int, value: float) -> None:
            raise AssertionError(name)

    profile_dataset(dataset, None, bench.eras(dataset), progress=Watcher())
    assert "Prices and volumes" in asked
    with pytest.raises(Stopped):
        profile_dataset(dataset, None, bench.eras(dataset), should_stop=lambda: "Columns" in asked)


@pytest.mark.parametrize("name", ["sp500-drivers", "sp500-nasdaq-long", "three-markets-panel"])
def test_the_samples_hold_no_fault_of_a_market(name, tmp_path):
    write_sample(name, tmp_path / "sample.csv")
    dataset = ingest_step.read(tmp_path / "sample.csv", Recipe(), tmp_path / "tables")
    codes = {finding.code for finding in quality_step.profile(Context(dataset=dataset, recipe=Recipe())).findings}
    assert codes & CODES <= {"adjusted-equals-close"}
