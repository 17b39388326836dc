"""Columns that know the target's future are found however they are written; honest ones are not accused."""

import numpy as np
import pandas as pd
import pytest

from core.findings.model import Finding, Severity

ROWS = 600
CODES = {"knows-the-future", "same-row-direction"}


def market(seed: int = 3, start: float = 100.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(random.normal(0, 0.01, ROWS)))
    frame = pd.DataFrame({"date": pd.bdate_range("2020-01-01", periods=ROWS, unit="us"), "close": close})
    frame["open"] = np.r_[start, close[:-1]] * np.exp(random.normal(0, 0.0005, ROWS))
    frame["high"] = frame[["open", "close"]].max(axis=1) * np.exp(random.uniform(0, 0.01, ROWS))
    frame["low"] = frame[["open", "close"]].min(axis=1) * np.exp(-random.uniform(0, 0.01, ROWS))
    return frame.assign(noise=random.normal(size=ROWS), other=50 * np.exp(np.cumsum(random.normal(0, 0.01, ROWS))))


def told(bench, frame: pd.DataFrame, target: str = "close", **settings) -> dict[tuple[str, str], Finding]:
    findings = bench.profile(frame, target, **settings).findings
    return {(finding.code, finding.column): finding for finding in findings if finding.code in CODES}


LEAKS = {
    "the next value": lambda close: close.shift(-1),
    "in other units": lambda close: 0.01 * close.shift(-1) - 7,
    "with a little noise": lambda close: close.shift(-1) + np.random.default_rng(9).normal(0, 0.02, ROWS),
    "the next change": lambda close: close.shift(-1) - close,
    "the next return": lambda close: close.shift(-1) / close - 1,
    "the next direction": lambda close: (close.shift(-1) > close).astype(float),
    "the opposite of the next direction": lambda close: -np.sign(close.shift(-1) - close),
    "a label in words": lambda close: pd.Series(np.where(close.shift(-1) > close, "buy", "sell")),
    "the rank of the next return": lambda close: (close.shift(-1) / close).rank(),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_a_column_that_knows_the_next_row_is_a_problem_to_be_dropped(bench, kind):
    frame = market()
    found = told(bench, frame.assign(label=LEAKS[kind](frame["close"])))
    assert list(found) == [("knows-the-future", "label")]
    finding = found["knows-the-future", "label"]
    assert finding.severity == Severity.PROBLEM and finding.remedy.value == ("label",)
    assert "of close" in finding.title


@pytest.mark.parametrize("target", ["close", "open", "high", "noise", "other"])
def test_honest_columns_are_not_accused(bench, target):
    frame = market()
    frame["return"] = frame["close"].pct_change()
    frame["mean"] = frame["close"].rolling(20).mean()
    frame["weekday"] = np.arange(ROWS) % 5 * 1.0
    assert told(bench, frame, target) == {}


def test_a_target_that_its_own_past_tells_accuses_nobody(bench):
    swing = np.sin(np.arange(ROWS) / 20) + 1e-3 * np.random.default_rng(2).normal(size=ROWS)
    frame = market()[["date", "noise"]].assign(close=swing, twin=np.cos(np.arange(ROWS) / 20))
    assert told(bench, frame) == {}


def test_a_return_as_target_and_a_label_of_zeros_and_ones(bench):
    frame = market()
    frame["change"] = frame["close"].pct_change().fillna(0)
    found = told(bench, frame.assign(label=frame["change"].shift(-1)), "change")
    assert list(found) == [("knows-the-future", "label")]
    frame["up"] = (frame["change"] > 0).astype(float)
    tomorrow = frame["up"].shift(-1) + np.random.default_rng(4).normal(0, 0.05, ROWS)
    found = told(bench, frame[["date", "up", "noise"]].assign(label=tomorrow), "up")
    assert list(found) == [("knows-the-future", "label")]


def test_only_train_rows_are_looked_at(bench):
    frame = market()
    label = np.random.default_rng(5).normal(size=ROWS)
    late = np.where(np.arange(ROWS) >= 420, frame["close"].shift(-1), label)
    assert told(bench, frame.assign(label=late)) == {}
    early = np.where(np.arange(ROWS) < 420, frame["close"].shift(-1), label)
    assert list(told(bench, frame.assign(label=early))) == [("knows-the-future", "label")]


def test_what_ends_with_the_same_row_is_told_as_that(bench):
    frame = market().assign(open=lambda at: at["close"] * np.exp(np.random.default_rng(6).normal(0, 0.01, ROWS)))
    words = np.where(frame["close"] > frame["open"], "Increasing", "Decreasing")
    found = told(bench, frame.assign(direction=words))
    assert list(found) == [("same-row-direction", "direction")]
    finding = found["same-row-direction", "direction"]
    assert "close ended above open, of the same row" in finding.title
    assert finding.severity == Severity.WARNING and finding.remedy.value == ("direction",)
    rose = (frame["close"].diff() > 0).astype(float)
    found = told(bench, frame.assign(rose=rose))
    assert "close rose since the row before" in found["same-row-direction", "rose"].title


def test_series_of_a_panel_are_followed_apart(bench):
    parts = [market(seed, start).assign(ticker=ticker) for seed, start, ticker in ((3, 100, "a"), (4, 5, "b"))]
    parts = [part.assign(label=part["close"].shift(-1)) for part in parts]
    frame = pd.concat(parts, ignore_index=True)
    assert list(told(bench, frame, series="ticker")) == [("knows-the-future", "label")]
    assert told(bench, frame.drop(columns="label"), series="ticker") == {}


def test_the_order_of_columns_changes_nothing(bench):
    frame = market().assign(b=lambda at: at["close"].shift(-1), a=lambda at: at["close"].shift(-1) * 2)
    assert told(bench, frame) == told(bench, frame[frame.columns[::-1]])


def test_too_few_rows_accuse_nobody(bench):
    frame = market().head(120)
    assert told(bench, frame.assign(label=frame["close"].shift(-1))) == {}
