"""Market checks: planted faults of prices and volumes are counted exactly, and clean or unrelated data report nothing."""

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.builtin import write_sample
from core.errors.model import Stopped
from core.findings.limit import FurtherFindings
from core.findings.market import (
    AdjustedClose,
    AdjustedEqualsClose,
    BadTick,
    LooksLikeSplit,
    OhlcDisorder,
    OnePriceBars,
    Span,
    Spans,
    SplitOnDate,
    VolumesSwapped,
    WeekendRows,
    ZeroVolume,
)
from core.findings.model import Finding, Severity
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.quality.profile import profile_dataset
from core.recipe.model import Recipe

ROWS = 400
KINDS = (
    AdjustedClose,
    AdjustedEqualsClose,
    BadTick,
    LooksLikeSplit,
    OhlcDisorder,
    OnePriceBars,
    VolumesSwapped,
    WeekendRows,
    ZeroVolume,
)
CODES = {kind.code for kind in KINDS}
PRICES = ["open", "high", "low", "close"]


def market(rows: int = ROWS, seed: int = 3, start: float = 100.0) -> pd.DataFrame:
    """Return bars of a calm stock on business days."""
    random = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
    opening = close * np.exp(random.normal(0, 0.004, rows))
    frame = pd.DataFrame({"date": pd.bdate_range("2020-01-01", periods=rows, unit="us"), "open": opening})
    frame["high"] = np.maximum(opening, close) * np.exp(random.uniform(0, 0.01, rows))
    frame["low"] = np.minimum(opening, close) * np.exp(-random.uniform(0, 0.01, rows))
    return frame.assign(close=close, volume=random.lognormal(10, 1, rows).round())


def reported(bench, frame: pd.DataFrame, **settings) -> dict[str, Finding]:
    """Return the market findings by code; a code may be reported once only."""
    findings = [f for f in bench.profile(frame, **settings).findings if f.code in CODES]
    by_code = {finding.code: finding for finding in findings}
    assert len(by_code) == len(findings)
    return by_code


def lines(*places: int) -> tuple[int, ...]:
    return tuple(place + 2 for place in places)


def day(stamp: str) -> np.datetime64:
    return np.datetime64(stamp, "us")


@pytest.mark.silent(
    "ohlc-disorder",
    "one-price-bars",
    "volumes-swapped",
    "zero-volume",
    "looks-like-split",
    "bad-tick",
    "weekend-rows",
    "adjusted-close",
    "adjusted-equals-close",
)
@pytest.mark.parametrize("series", [None, "ticker"])
def test_a_clean_market_has_no_finding(bench, series):
    frame = market()
    if series:
        frame = pd.concat([frame.assign(ticker="a"), market(seed=4, start=3.0).assign(ticker="b")])
    assert reported(bench, frame, series=series) == {}


@pytest.mark.silent("ohlc-disorder", "zero-volume", "bad-tick")
def test_columns_that_only_have_names_of_prices_are_not_checked(bench):
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=ROWS, unit="us")})
    frame["open tickets"] = random.integers(0, 50, ROWS).astype(float)
    frame["high priority"] = random.integers(0, 9, ROWS).astype(float)
    frame["low priority"] = random.integers(5, 90, ROWS).astype(float)
    frame["close"] = random.integers(0, 400, ROWS).astype(float)
    frame["price var"] = random.normal(size=ROWS)
    frame["volume"] = 0.0
    assert reported(bench, frame) == {}


@pytest.mark.fires("ohlc-disorder")
def test_inconsistent_bars_are_counted_and_listed(bench):
    frame = market()
    frame.loc[[20, 390], "open"] = frame["high"] * 1.01
    frame.loc[21, "close"] = frame.loc[21, "low"] * 0.99
    frame.loc[[22, 23], ["high", "low"]] = frame.loc[[22, 23], ["low", "high"]].to_numpy()
    # Rounding in the last digit is no fault.
    frame.loc[30, "open"] = frame.loc[30, "high"] * (1 + 1e-8)
    found = reported(bench, frame)["ohlc-disorder"]
    assert isinstance(found, OhlcDisorder)
    assert (found.count, found.rows, found.severity) == (5, lines(20, 21, 22, 23, 390), Severity.WARNING)
    assert (found.crossed, found.known) == (2, ROWS)
    assert found.column == "close" and found.remedy is None


@pytest.mark.silent("ohlc-disorder")
def test_rounding_in_the_last_digit_is_not_an_inconsistent_bar(bench):
    frame = market()
    frame.loc[::3, "open"] = frame["high"] * (1 + 1e-8)
    assert reported(bench, frame) == {}


def test_each_bar_of_a_wide_file_is_checked_by_its_own_columns(bench):
    parts = [
        market(seed=seed).rename(columns={n: f"{ticker}_{n}" for n in PRICES})
        for seed, ticker in ((3, "AAPL"), (4, "KO"))
    ]
    frame = parts[0].drop(columns="volume").merge(parts[1].drop(columns="volume"), on="date")
    frame.loc[50, "KO_low"] *= 1.07
    found = reported(bench, frame)
    assert set(found) == {"ohlc-disorder"}
    assert (found["ohlc-disorder"].count, found["ohlc-disorder"].column) == (1, "KO_close")
    assert reported(bench, frame[frame.columns[::-1]]) == found


def test_mislabelled_columns_are_a_problem(bench):
    frame = market().rename(columns={"high": "low", "low": "high"})
    found = reported(bench, frame)["ohlc-disorder"]
    assert isinstance(found, OhlcDisorder)
    assert found.severity == Severity.PROBLEM
    assert found.crossed > 0.5 * found.known


@pytest.mark.fires("looks-like-split")
@pytest.mark.parametrize(
    ("ratio", "shares"), [(2.0, (2, 1)), (1.5, (3, 2)), (3.0, (3, 1)), (4.0, (4, 1)), (0.1, (1, 10))]
)
def test_a_split_is_reported_with_its_ratio_and_date(bench, ratio, shares):
    frame = market()
    frame.loc[250:, PRICES] /= ratio
    found = reported(bench, frame)
    assert set(found) == {"looks-like-split"}
    split = found["looks-like-split"]
    assert isinstance(split, LooksLikeSplit)
    assert split.splits == (SplitOnDate(time=frame["date"][250].to_datetime64(), new=shares[0], old=shares[1]),)
    assert (split.count, split.rows) == (1, lines(250))
    assert split.others_jump and not split.adjusted_is_smooth


def test_a_split_of_a_single_column_is_reported_for_its_own_series_only(bench):
    frame = pd.concat(
        [market(seed=seed, start=start).assign(ticker=ticker) for seed, start, ticker in ((3, 100, "a"), (4, 50, "b"))]
    )
    frame = frame[["date", "ticker", "close"]].rename(columns={"close": "nasdaq"}).reset_index(drop=True)
    assert reported(bench, frame, series="ticker") == {}
    frame.loc[ROWS + 100 :, "nasdaq"] /= 2
    split = reported(bench, frame, series="ticker")["looks-like-split"]
    assert isinstance(split, LooksLikeSplit)
    assert split.rows == lines(ROWS + 100) and not split.others_jump


@pytest.mark.silent("looks-like-split")
def test_a_real_crash_is_not_a_split(bench):
    frame, volatile = market(), np.random.default_rng(6).normal(0, 0.06, 60)
    intraday = frame.copy()
    intraday.loc[250, ["low", "close"]] /= 2
    intraday.loc[251:, PRICES] /= 2
    assert reported(bench, intraday) == {}
    overnight = frame[["date", "close"]].copy()
    overnight.loc[250:, "close"] /= 2
    overnight.loc[251:310, "close"] *= np.exp(np.cumsum(volatile))
    assert reported(bench, overnight) == {}


def test_an_adjusted_close_that_falls_too_identifies_a_real_crash(bench):
    frame = market()
    frame.loc[250:, PRICES] /= 2
    dividend = np.where(np.arange(ROWS) < 100, 0.99, 1.0)
    assert "looks-like-split" not in reported(bench, frame.assign(**{"Adj Close": frame["close"] * dividend}))
    smooth = frame["close"] * dividend * np.where(np.arange(ROWS) < 250, 0.5, 1.0)
    split = reported(bench, frame.assign(**{"Adj Close": smooth}))["looks-like-split"]
    assert isinstance(split, LooksLikeSplit) and split.adjusted_is_smooth


@pytest.mark.fires("bad-tick")
def test_bad_ticks_that_revert_are_counted(bench):
    frame = market()
    frame.loc[[60, 61], "close"] *= 1.3
    frame.loc[[120, 300], "close"] *= [0.6, 1.5]
    frame["low"] = frame[["low", "close"]].min(axis=1)
    frame["high"] = frame[["high", "close"]].max(axis=1)
    found = reported(bench, frame)
    assert set(found) == {"bad-tick"}
    tick = found["bad-tick"]
    assert isinstance(tick, BadTick)
    # A move that lasts two rows is not a tick.
    assert (tick.count, tick.rows) == (2, lines(120, 300))
    assert "close" in tick.columns
    assert tick.times == tuple(frame["date"][[120, 300]].to_numpy("datetime64[us]"))


@pytest.mark.silent("bad-tick")
def test_volatile_days_are_not_bad_ticks(bench):
    random = np.random.default_rng(8)
    steps = random.normal(0, np.where(np.abs(np.arange(ROWS) - 200) < 20, 0.08, 0.006))
    steps[200:202] = 0.12, -0.12
    frame = market()[["date"]].assign(close=100 * np.exp(np.cumsum(steps)))
    assert reported(bench, frame) == {}


def crypto(swapped: slice, rows: int = ROWS) -> pd.DataFrame:
    """Return hourly bars with a volume in coins and one in money that are swapped in some rows."""
    frame = market(rows, start=9000.0).assign(date=pd.date_range("2020-09-01", periods=rows, freq="h", unit="us"))
    frame["Volume USD"] = frame["volume"] * frame["close"] * np.random.default_rng(9).uniform(0.98, 1.02, rows)
    frame = frame.rename(columns={"volume": "Volume BTC"})
    pair = ["Volume BTC", "Volume USD"]
    frame.loc[swapped, pair] = frame.loc[swapped, pair[::-1]].to_numpy()
    return frame


@pytest.mark.fires("volumes-swapped")
def test_swapped_volumes_are_reported_with_date_and_count(bench):
    frame = crypto(slice(0, 219))
    frame.loc[100:102, ["Volume BTC", "Volume USD"]] = 0.0
    found = reported(bench, frame)
    assert set(found) == {"volumes-swapped"}
    swap = found["volumes-swapped"]
    assert isinstance(swap, VolumesSwapped)
    assert (swap.count, swap.severity, swap.rows) == (217, Severity.PROBLEM, lines(*range(10)))
    assert (swap.volumes, swap.last) == (("Volume BTC", "Volume USD"), day("2020-09-10T03:00"))
    run = Span(start=day("2020-09-01"), stop=day("2020-09-10T03:00"), rows=217)
    assert swap.spans == Spans(longest=(run,), shorter=0)
    assert swap.ratio_swapped == pytest.approx(1 / 9000, rel=0.2)
    assert swap.ratio_otherwise == pytest.approx(9000, rel=0.2)
    assert swap.remedy and (swap.remedy.field, swap.remedy.value) == ("swap_back", ("Volume BTC", "Volume USD"))
    newest_first = reported(bench, frame.iloc[::-1].reset_index(drop=True))["volumes-swapped"]
    assert isinstance(newest_first, VolumesSwapped)
    assert (newest_first.spans, newest_first.last, newest_first.money) == (swap.spans, swap.last, "Volume USD")


def test_a_swap_without_both_kinds_in_train_has_no_remedy(bench):
    found = reported(bench, crypto(slice(350, ROWS)))["volumes-swapped"]
    assert found.remedy is None and found.count == 350


@pytest.mark.silent("volumes-swapped")
def test_consistent_volumes_of_two_units_are_not_swapped(bench):
    assert reported(bench, crypto(slice(0, 0))) == {}
    assert reported(bench, crypto(slice(0, ROWS))) == {}
    frame = market(start=1.1).rename(columns={"volume": "volume EUR"})
    assert reported(bench, frame.assign(**{"volume USD": frame["volume EUR"] * frame["close"]})) == {}


@pytest.mark.fires("zero-volume")
def test_zero_volumes_are_reported_if_the_price_moved(bench):
    frame = market()
    frame.loc[10:19, "volume"] = 0
    frame.loc[5, "volume"] = np.nan
    frame.loc[15, "close"] = frame.loc[14, "close"]
    frame.loc[15, ["low", "high"]] = frame.loc[15, ["open", "close"]].agg(["min", "max"]).to_numpy()
    found = reported(bench, frame)
    assert set(found) == {"zero-volume"}
    zeros = found["zero-volume"]
    assert isinstance(zeros, ZeroVolume)
    assert (zeros.count, zeros.column) == (9, "volume")
    assert zeros.spans.longest == (Span(start=day("2020-01-15"), stop=day("2020-01-28"), rows=10),)
    assert zeros.remedy is None
    frame.loc[0:100, "volume"] = 0
    remedy = reported(bench, frame)["zero-volume"].remedy
    assert remedy and remedy.value == ("volume",)


@pytest.mark.silent("zero-volume")
def test_zero_volumes_are_plausible_if_the_price_did_not_move(bench):
    frame = market()
    frame.loc[10:19, "volume"] = 0
    frame.loc[10:19, PRICES] = frame.loc[9, PRICES].to_numpy()
    assert "zero-volume" not in reported(bench, frame)


@pytest.mark.fires("one-price-bars")
def test_runs_of_bars_with_one_price_are_reported(bench):
    frame = market()
    for name in ("open", "high", "low"):
        frame.loc[0:99, name] = frame["close"]
    found = reported(bench, frame)
    assert set(found) == {"one-price-bars"}
    flat = found["one-price-bars"]
    assert isinstance(flat, OnePriceBars)
    assert (flat.count, flat.severity) == (100, Severity.WARNING)
    assert flat.spans.longest == (Span(start=day("2020-01-01"), stop=day("2020-05-19"), rows=100),)


@pytest.mark.silent("one-price-bars")
def test_a_few_scattered_bars_with_one_price_are_not_reported(bench):
    few = market()
    for name in ("open", "high", "low"):
        few.loc[[3, 4, 80, 200], name] = few["close"]
    assert reported(bench, few) == {}


@pytest.mark.fires("weekend-rows")
def test_a_few_weekend_rows_among_business_days_are_reported(bench):
    frame = market()
    assert frame["date"][47] == pd.Timestamp("2020-03-06")
    frame.loc[47, "date"] = pd.Timestamp("2020-03-07")
    found = reported(bench, frame)
    assert set(found) == {"weekend-rows"}
    assert (found["weekend-rows"].count, found["weekend-rows"].rows) == (1, lines(47))


@pytest.mark.silent("weekend-rows")
def test_a_market_that_trades_every_day_has_no_odd_weekend_rows(bench):
    every_day = market().assign(date=pd.date_range("2020-01-01", periods=ROWS, unit="us"))
    assert reported(bench, every_day) == {}


def test_weekend_rows_are_judged_series_by_series(bench):
    stock, coin = market().assign(ticker="a"), market(seed=4).assign(ticker="b")
    coin["date"] = pd.date_range("2020-01-01", periods=ROWS, unit="us")
    assert reported(bench, pd.concat([stock, coin]), series="ticker") == {}
    stock.loc[47, "date"] = pd.Timestamp("2020-03-07")
    both = pd.concat([stock, coin], ignore_index=True)
    assert reported(bench, both, series="ticker")["weekend-rows"].rows == lines(47)


@pytest.mark.fires("adjusted-equals-close")
@pytest.mark.silent("adjusted-close")
def test_an_adjusted_close_that_equals_the_close_is_redundant(bench):
    frame = market()
    same = reported(bench, frame.assign(adjclose=frame["close"] * (1 + 1e-9)))
    assert set(same) == {"adjusted-equals-close"} and same["adjusted-equals-close"].count == ROWS


@pytest.mark.fires("adjusted-close")
@pytest.mark.silent("adjusted-equals-close")
def test_an_adjusted_close_that_differs_looks_ahead(bench):
    frame = market()
    early = np.where(np.arange(ROWS) < 300, 0.98, 1.0)
    found = reported(bench, frame.assign(**{"Adj Close": frame["close"] * early}))
    assert set(found) == {"adjusted-close"}
    adjusted = found["adjusted-close"]
    assert isinstance(adjusted, AdjustedClose)
    assert (adjusted.count, adjusted.known, adjusted.severity) == (300, ROWS, Severity.WARNING)
    assert adjusted.equal_after == frame["date"][299].to_datetime64() and adjusted.ends_equal
    truncated = reported(bench, frame.assign(**{"Adj Close": frame["close"] * 0.98}))["adjusted-close"]
    assert isinstance(truncated, AdjustedClose)
    assert truncated.equal_after is None and not truncated.ends_equal


def test_beyond_twenty_findings_of_a_code_the_rest_are_summed_up(bench):
    bars = market()
    names = [f"t{number}" for number in range(30)]
    frame = pd.concat([bars[["date"]], *(bars[["close"]].rename(columns={"close": name}) for name in names)], axis=1)
    frame.loc[250:, names] /= 2
    findings = [finding for finding in bench.profile(frame).findings if finding.code in CODES]
    assert len(findings) == 21
    assert isinstance(findings[-1], FurtherFindings)
    assert (findings[-1].count, findings[-1].claim) == (10, LooksLikeSplit.plural)


def test_the_checks_report_progress_and_stop_on_request(bench):
    dataset = bench.dataset(market())
    steps = []

    class Watcher:
        def step(self, done: int, total: int, text: str) -> None:
            steps.append(text)

        def metric(self, name: str, step: int, value: float) -> None:
            raise AssertionError(name)

    profile_dataset(dataset, None, bench.eras(dataset), progress=Watcher())
    assert "Prices and volumes" in steps
    with pytest.raises(Stopped):
        profile_dataset(dataset, None, bench.eras(dataset), should_stop=lambda: "Columns" in steps)


@pytest.mark.parametrize("name", ["sp500-drivers", "sp500-nasdaq-long", "three-markets-panel"])
def test_the_samples_have_no_market_finding(name, tmp_path):
    write_sample(name, tmp_path / "sample.csv")
    dataset = ingest_step.read(tmp_path / "sample.csv", Recipe(), tmp_path / "tables")
    codes = {finding.code for finding in quality_step.profile(Context(dataset=dataset, recipe=Recipe())).findings}
    assert codes & CODES <= {"adjusted-equals-close"}
