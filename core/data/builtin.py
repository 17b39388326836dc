"""Built-in data sets: daily market data from the package `arch`, partly faulty on purpose."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors.data import UnknownSample
from core.io.atomic import write_atomically


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A built-in data set; `target` is the column to forecast."""

    name: str
    title: str
    description: str
    target: str


_SAMPLES = (
    Sample(
        name="sp500-drivers",
        title="S&P 500 with market drivers",
        description="The S&P 500 from 2014 to 2018 with its volume, the Nasdaq, the VIX, oil and corporate bond yields. Three "
        "columns are deliberately broken: one is constant, one is just a row ID, one (the Nasdaq volume) stops updating.",
        target="sp500",
    ),
    Sample(
        name="sp500-nasdaq-long",
        title="S&P 500 and Nasdaq, twenty years",
        description="Daily open, high, low, close and volume of both indices from 1999 to 2018.",
        target="sp500_close",
    ),
    Sample(
        name="three-markets-panel",
        title="Three markets in one column",
        description="S&P 500, Nasdaq and oil, stacked: a column names the market of each row. Oil has neither volume nor range, "
        "so both are missing in a third of the rows. Corporate bond yields are the latest published on each day.",
        target="close",
    ),
)
_DEAD_AFTER = 0.40


def list_samples() -> tuple[Sample, ...]:
    """Return the built-in data sets.

    Examples
    --------
    >>> [sample.name for sample in list_samples()]
    ['sp500-drivers', 'sp500-nasdaq-long', 'three-markets-panel']
    """
    return _SAMPLES


def write_sample(name: str, path: Path) -> None:
    """Write a built-in data set as CSV; raises `UnknownSample` on an unknown name."""
    makers = {
        "sp500-drivers": _drivers,
        "sp500-nasdaq-long": _two_indices,
        "three-markets-panel": _three_markets,
    }
    if name not in makers:
        raise UnknownSample(name=name, known=tuple(makers))
    frame = makers[name]()
    frame["date"] = frame["date"].dt.strftime("%Y-%m-%d")
    write_atomically(path, frame.to_csv(index=False, lineterminator="\n").encode())


def _load(name: str) -> pd.DataFrame:
    from importlib import import_module

    return import_module(f"arch.data.{name}").load().sort_index()


def _drivers() -> pd.DataFrame:
    vix = _load("vix")["vix"].dropna()
    sp500 = _load("sp500").loc[vix.index[0] : vix.index[-1]]
    nasdaq = _load("nasdaq").reindex(sp500.index)
    yields = _load("default")
    days = sp500.index
    volume = nasdaq["Volume"] / 1e6
    rows = len(days)
    return pd.DataFrame(
        {
            "date": days,
            "sp500": sp500["Adj Close"].round(2).to_numpy(),
            "sp500_volume": sp500["Volume"].to_numpy(),
            "sp500_range": ((sp500["High"] - sp500["Low"]) / sp500["Close"]).round(6).to_numpy(),
            "nasdaq": nasdaq["Adj Close"].round(2).to_numpy(),
            "nasdaq_range": ((nasdaq["High"] - nasdaq["Low"]) / nasdaq["Close"]).round(6).to_numpy(),
            "vix": vix.reindex(days).to_numpy(),
            "wti": _load("wti").iloc[:, 0].reindex(days).to_numpy(),
            "yield_aaa": _when_published(yields["AAA"], days),
            "yield_baa": _when_published(yields["BAA"], days),
            "dead_feed": volume.where(np.arange(rows) < int(_DEAD_AFTER * rows)).round(2).to_numpy(),
            "lot_size": 100,
            "row_id": np.random.default_rng(0).permutation(rows) + 100_000,
        }
    )


def _when_published(monthly: pd.Series, days: pd.DatetimeIndex) -> np.ndarray:
    """Return the latest monthly figure published by each day, shape (days,), float64.

    A figure is taken to be published one month after its month ends.
    """
    published = monthly.dropna()
    published.index = published.index.to_period("M").to_timestamp(how="start") + pd.DateOffset(months=2)
    figures: np.ndarray = published.reindex(days, method="ffill").to_numpy()
    return figures


def _two_indices() -> pd.DataFrame:
    parts = []
    for name in ("sp500", "nasdaq"):
        part = _load(name)
        part.columns = [f"{name}_{column.lower().replace(' ', '_')}" for column in part.columns]
        parts.append(part)
    frame = pd.concat(parts, axis=1).round(2)
    return frame.rename_axis("date").reset_index()


def _three_markets() -> pd.DataFrame:
    yields = _load("default")
    parts = []
    for market, name in (("S&P 500", "sp500"), ("Nasdaq", "nasdaq"), ("WTI oil", "wti")):
        source = _load(name)
        priced = "Adj Close" in source
        parts.append(
            pd.DataFrame(
                {
                    "date": source.index,
                    "market": market,
                    "close": source["Adj Close" if priced else source.columns[0]].round(2).to_numpy(),
                    "volume": source["Volume"].to_numpy() if priced else np.nan,
                    "range": ((source["High"] - source["Low"]) / source["Close"]).round(6).to_numpy()
                    if priced
                    else np.nan,
                    "yield_aaa": _when_published(yields["AAA"], source.index),
                    "yield_baa": _when_published(yields["BAA"], source.index),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["date"] >= parts[0]["date"].iloc[0]].reset_index(drop=True)
