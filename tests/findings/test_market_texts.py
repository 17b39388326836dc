"""The texts of market findings, as a user reads them."""

import numpy as np
import pytest

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
from core.findings.model import Finding

BAR = ("open", "high", "low", "close")
RUN = Span(start=np.datetime64("2020-01-15"), stop=np.datetime64("2020-01-28T16:30"), rows=10)
DAY = Span(start=np.datetime64("2021-05-03"), stop=np.datetime64("2021-05-03"), rows=1)
TEXTS = [
    (
        OhlcDisorder(bar=BAR, open_outside=2, close_outside=1, crossed=1, known=400, rows=(2,), count=4),
        "open, high, low, close are inconsistent in 4 rows",
        (
            "open is not between low and high in 2 rows; close is not between low and high in 1 row; high is "
            "below low in 1 row. Open and close must lie between low and high."
        ),
        None,
    ),
    (
        OhlcDisorder(bar=BAR, open_outside=0, close_outside=0, crossed=390, known=400, rows=(2,), count=390),
        "open, high, low, close are inconsistent in 390 rows",
        (
            "high is below low in 390 rows. Open and close must lie between low and high. The columns may be "
            "mislabelled."
        ),
        None,
    ),
    (
        OnePriceBars(bar=BAR, spans=Spans(longest=(RUN, DAY), shorter=0), train_share=0.2, rows=(2,), count=11),
        "open, high, low, close are equal in 11 rows",
        (
            "They hold one quote, not a trading range, so ranges and candles carry no information. Affected: "
            "2020-01-15 to 2020-01-28 16:30:00 (10 rows), 2021-05-03."
        ),
        None,
    ),
    (
        VolumesSwapped(
            volumes=("BTC", "USD"),
            money="USD",
            spans=Spans(longest=(RUN,), shorter=2),
            last=np.datetime64("2020-01-28T16:30"),
            ratio_swapped=1 / 9020,
            ratio_otherwise=9020.0,
            in_train=True,
            rows=(2,),
            count=10,
        ),
        "BTC and USD are swapped in 10 rows, most recently on 2020-01-28 16:30:00",
        (
            "The median of USD / BTC is 0.000111 in these rows and 9,020 in the others: one column counts units, "
            "the other money. Swapped: 2020-01-15 to 2020-01-28 16:30:00 (10 rows), and 2 shorter runs."
        ),
        "Swap BTC and USD back",
    ),
    (
        ZeroVolume(column="volume", spans=Spans(longest=(RUN,), shorter=1), is_frequent=True, rows=(2,), count=10),
        "volume is 0 in 10 rows in which the price moved",
        (
            "If the price moved, something was traded, so these zeros are missing values. Zeros: 2020-01-15 to "
            "2020-01-28 16:30:00 (10 rows), and 1 shorter run."
        ),
        "Drop volume",
    ),
    (
        LooksLikeSplit(
            column="close",
            splits=(SplitOnDate(time=np.datetime64("2020-08-31"), new=4, old=1),),
            others_jump=True,
            adjusted_is_smooth=True,
            rows=(2,),
            count=1,
        ),
        "close jumps as in a stock split, once",
        (
            "Possible splits: 4-for-1 on 2020-08-31. The other prices of these rows jump with it. The adjusted "
            "close does not jump. A split leaves the holding's value unchanged, but to a model it looks like a "
            "crash. Use split-adjusted prices."
        ),
        None,
    ),
    (
        LooksLikeSplit(
            column="close",
            splits=(SplitOnDate(time=np.datetime64("2020-08-31"), new=1, old=10),),
            others_jump=False,
            adjusted_is_smooth=False,
            rows=(2,),
            count=6,
        ),
        "close jumps as in a stock split, 6 times",
        (
            "Possible splits: 1-for-10 on 2020-08-31 and 5 more. A split leaves the holding's value unchanged, "
            "but to a model it looks like a crash. Use split-adjusted prices."
        ),
        None,
    ),
    (
        BadTick(columns=("close",), times=(np.datetime64("2020-08-31"),), multiple=12, rows=(2,), count=1),
        "close spikes and reverts within one row, once",
        (
            "A return of more than 12 times the typical size that the next row reverses is probably a bad tick, "
            "or a trade far from the market: 2020-08-31."
        ),
        None,
    ),
    (
        BadTick(columns=("high", "close"), times=(np.datetime64("2020-08-31T10:00"),), multiple=12, rows=(2,), count=7),
        "high, close spike and revert within one row, 7 times",
        (
            "A return of more than 12 times the typical size that the next row reverses is probably a bad tick, "
            "or a trade far from the market: 2020-08-31 10:00:00 and 6 more."
        ),
        None,
    ),
    (
        WeekendRows(column="date", rows=(2,), count=1),
        "1 row of date falls on a Saturday or Sunday",
        (
            "No other weekend has rows. Markets are closed then: the dates may be wrong, or the rows may repeat a "
            "Friday."
        ),
        None,
    ),
    (
        AdjustedClose(
            column="Adj Close",
            close="Close",
            known=400,
            equal_after=np.datetime64("2020-08-31"),
            ends_equal=True,
            rows=(2,),
            count=300,
        ),
        "Adj Close differs from Close in 300 of 400 rows",
        (
            "Every dividend and split rewrites its history, so its level reveals later ones (look-ahead). Its "
            "percentage changes do not: predict those. The two are equal after 2020-08-31."
        ),
        None,
    ),
    (
        AdjustedClose(
            column="Adj Close", close="Close", known=400, equal_after=None, ends_equal=True, rows=(2,), count=300
        ),
        "Adj Close differs from Close in 300 of 400 rows",
        (
            "Every dividend and split rewrites its history, so its level reveals later ones (look-ahead). Its "
            "percentage changes do not: predict those. The two are equal in the last row of most series."
        ),
        None,
    ),
    (
        AdjustedClose(
            column="Adj Close", close="Close", known=400, equal_after=None, ends_equal=False, rows=(2,), count=300
        ),
        "Adj Close differs from Close in 300 of 400 rows",
        (
            "Every dividend and split rewrites its history, so its level reveals later ones (look-ahead). Its "
            "percentage changes do not: predict those. They still differ in the last row: the adjusted events "
            "come after this file ends, or there is another cause."
        ),
        None,
    ),
    (
        AdjustedEqualsClose(column="Adj Close", close="Close", count=400),
        "Adj Close equals Close in all 400 rows",
        "Nothing was adjusted, as for an index: one of the two is enough.",
        None,
    ),
]
PLURALS = {
    OhlcDisorder: "have inconsistent OHLC bars",
    OnePriceBars: "have bars with a single price",
    VolumesSwapped: "are swapped with another volume column in some rows",
    ZeroVolume: "are 0 in rows in which the price moved",
    LooksLikeSplit: "jump as in a stock split",
    BadTick: "spike and revert within one row",
    AdjustedClose: "are adjusted for later dividends or splits",
    AdjustedEqualsClose: "equal the close",
}


@pytest.mark.parametrize(("finding", "title", "detail", "button"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str, button: str | None) -> None:
    assert finding.title == title
    assert finding.detail == detail
    assert (finding.remedy.label if finding.remedy else None) == button


@pytest.mark.parametrize("kind", PLURALS)
def test_plural(kind: type[Finding]) -> None:
    assert kind.plural == PLURALS[kind]
