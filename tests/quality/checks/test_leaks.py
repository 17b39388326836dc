"""Features that leak the target's future are found in whatever form they are written; legitimate ones are not accused."""

import numpy as np
import pandas as pd
import pytest

from core.findings.look_ahead import KnowsTheFuture, SameRowDirection
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


def reported(bench, frame: pd.DataFrame, target: str = "close", **settings) -> dict[tuple[str, str | None], Finding]:
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
    "a text label": lambda close: pd.Series(np.where(close.shift(-1) > close, "buy", "sell")),
    "the rank of the next return": lambda close: (close.shift(-1) / close).rank(),
}
OF_THE_DIRECTION = {
    "the next direction",
    "the opposite of the next direction",
    "a text label",
    "the rank of the next return",
}


@pytest.mark.fires("knows-the-future")
@pytest.mark.parametrize("kind", LEAKS)
def test_a_feature_that_contains_the_next_row_is_a_problem(bench, kind):
    frame = market()
    found = reported(bench, frame.assign(label=LEAKS[kind](frame["close"])))
    assert list(found) == [("knows-the-future", "label")]
    finding = found["knows-the-future", "label"]
    assert isinstance(finding, KnowsTheFuture)
    assert finding.severity == Severity.PROBLEM and finding.remedy.value == ("label",)
    assert finding.target == "close"
    assert finding.leaks == ("direction" if kind in OF_THE_DIRECTION else "value")


@pytest.mark.silent("knows-the-future", "same-row-direction")
@pytest.mark.parametrize("target", ["close", "open", "high", "noise", "other"])
def test_legitimate_features_are_not_accused(bench, target):
    frame = market()
    frame["return"] = frame["close"].pct_change()
    frame["mean"] = frame["close"].rolling(20).mean()
    frame["weekday"] = np.arange(ROWS) % 5 * 1.0
    assert reported(bench, frame, target) == {}


def test_no_feature_is_accused_if_the_target_is_predictable_from_its_own_past(bench):
    swing = np.sin(np.arange(ROWS) / 20) + 1e-3 * np.random.default_rng(2).normal(size=ROWS)
    frame = market()[["date", "noise"]].assign(close=swing, twin=np.cos(np.arange(ROWS) / 20))
    assert reported(bench, frame) == {}


def test_leaks_of_a_return_and_of_a_binary_target_are_found(bench):
    frame = market()
    frame["change"] = frame["close"].pct_change().fillna(0)
    found = reported(bench, frame.assign(label=frame["change"].shift(-1)), "change")
    assert list(found) == [("knows-the-future", "label")]
    frame["up"] = (frame["change"] > 0).astype(float)
    tomorrow = frame["up"].shift(-1) + np.random.default_rng(4).normal(0, 0.05, ROWS)
    found = reported(bench, frame[["date", "up", "noise"]].assign(label=tomorrow), "up")
    assert list(found) == [("knows-the-future", "label")]


def test_only_train_rows_are_checked(bench):
    frame = market()
    label = np.random.default_rng(5).normal(size=ROWS)
    late = np.where(np.arange(ROWS) >= 420, frame["close"].shift(-1), label)
    assert reported(bench, frame.assign(label=late)) == {}
    early = np.where(np.arange(ROWS) < 420, frame["close"].shift(-1), label)
    assert list(reported(bench, frame.assign(label=early))) == [("knows-the-future", "label")]


@pytest.mark.fires("same-row-direction")
def test_a_label_of_the_same_row_is_reported_as_such(bench):
    frame = market().assign(open=lambda at: at["close"] * np.exp(np.random.default_rng(6).normal(0, 0.01, ROWS)))
    words = np.where(frame["close"] > frame["open"], "Increasing", "Decreasing")
    found = reported(bench, frame.assign(direction=words))
    assert list(found) == [("same-row-direction", "direction")]
    finding = found["same-row-direction", "direction"]
    assert isinstance(finding, SameRowDirection)
    assert (finding.price, finding.opening) == ("close", "open")
    assert finding.severity == Severity.WARNING and finding.remedy.value == ("direction",)
    rose = (frame["close"].diff() > 0).astype(float)
    finding = reported(bench, frame.assign(rose=rose))["same-row-direction", "rose"]
    assert isinstance(finding, SameRowDirection)
    assert (finding.price, finding.opening) == ("close", None)


def test_the_series_of_a_panel_are_followed_separately(bench):
    parts = [market(seed, start).assign(ticker=ticker) for seed, start, ticker in ((3, 100, "a"), (4, 5, "b"))]
    parts = [part.assign(label=part["close"].shift(-1)) for part in parts]
    frame = pd.concat(parts, ignore_index=True)
    assert list(reported(bench, frame, series="ticker")) == [("knows-the-future", "label")]
    assert reported(bench, frame.drop(columns="label"), series="ticker") == {}


def test_the_order_of_columns_does_not_matter(bench):
    frame = market().assign(b=lambda at: at["close"].shift(-1), a=lambda at: at["close"].shift(-1) * 2)
    assert reported(bench, frame) == reported(bench, frame[frame.columns[::-1]])


def test_with_too_few_rows_no_feature_is_accused(bench):
    frame = market().head(120)
    assert reported(bench, frame.assign(label=frame["close"].shift(-1))) == {}
