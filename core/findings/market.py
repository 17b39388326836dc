"""Findings about prices and volumes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.findings.model import Finding, Remedy, Severity, drop_column
from core.text.format import format_count, format_number, format_time

MISLABELLED, MANY_BROKEN_BARS, MANY_SINGLE_PRICES = 0.5, 0.05, 0.1


@dataclass(frozen=True, kw_only=True)
class Span:
    """A run of affected rows: its first and last time, and its number of affected rows."""

    start: np.datetime64
    stop: np.datetime64
    rows: int

    def __str__(self) -> str:
        if self.rows == 1:
            return format_time(self.start)
        return f"{format_time(self.start)} to {format_time(self.stop)} ({format_count(self.rows, 'row')})"


@dataclass(frozen=True, kw_only=True)
class Spans:
    """The longest runs of affected rows in order of time, and how many shorter ones there are."""

    longest: tuple[Span, ...]
    shorter: int

    def __str__(self) -> str:
        more = f", and {self.shorter:,} shorter run{'' if self.shorter == 1 else 's'}" if self.shorter else ""
        return ", ".join(map(str, self.longest)) + more


@dataclass(frozen=True, kw_only=True)
class SplitOnDate:
    """A suspected split: `new` shares replace `old` ones from `time` on."""

    time: np.datetime64
    new: int
    old: int

    def __str__(self) -> str:
        return f"{self.new}-for-{self.old} on {format_time(self.time)}"


class OhlcDisorder(Finding, code="ohlc-disorder"):
    """An open or close lies outside its bar's low and high, or a high is below the low.

    Compare the listed rows with another source. If most bars are affected, the columns are probably mislabelled.
    """

    bar: tuple[str, str, str, str]
    open_outside: int
    close_outside: int
    crossed: int
    known: int
    rows: tuple[int, ...]
    count: int
    plural = "have inconsistent OHLC bars"

    @property
    def column(self) -> str:
        return self.bar[3]

    @property
    def severity(self) -> Severity:
        return Severity.PROBLEM if self.count > MANY_BROKEN_BARS * self.known else Severity.WARNING

    @property
    def title(self) -> str:
        return f"{', '.join(self.bar)} are inconsistent in {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        opening, high, low, close = self.bar
        counts = {
            f"{opening} is not between {low} and {high}": self.open_outside,
            f"{close} is not between {low} and {high}": self.close_outside,
            f"{high} is below {low}": self.crossed,
        }
        found = "; ".join(f"{what} in {format_count(count, 'row')}" for what, count in counts.items() if count)
        mislabelled = " The columns may be mislabelled." if self.count > MISLABELLED * self.known else ""
        return f"{found}. Open and close must lie between low and high.{mislabelled}"


class OnePriceBars(Finding, code="one-price-bars"):
    """Open, high, low and close are equal in runs of at least five rows.

    Don't build features from ranges or candles over these rows: they are single quotes.
    """

    bar: tuple[str, str, str, str]
    spans: Spans
    train_share: float
    rows: tuple[int, ...]
    count: int
    plural = "have bars with a single price"

    @property
    def column(self) -> str:
        return self.bar[3]

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.train_share > MANY_SINGLE_PRICES else Severity.INFO

    @property
    def title(self) -> str:
        return f"{', '.join(self.bar)} are equal in {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        return f"They hold one quote, not a trading range, so ranges and candles carry no information. Affected: {self.spans}."


class VolumesSwapped(Finding, code="volumes-swapped"):
    """Two volume columns, in units and in money, hold each other's values in some rows.

    Swap them back, which exchanges the two values in every row whose own price says that they are swapped. Or drop both.
    """

    volumes: tuple[str, str]
    money: str
    spans: Spans
    last: np.datetime64
    ratio_swapped: float
    ratio_otherwise: float
    in_train: bool
    rows: tuple[int, ...]
    count: int
    severity = Severity.PROBLEM
    plural = "are swapped with another volume column in some rows"

    @property
    def column(self) -> str:
        return self.volumes[0]

    @property
    def title(self) -> str:
        one, other = self.volumes
        return f"{one} and {other} are swapped in {format_count(self.count, 'row')}, most recently on {format_time(self.last)}"

    @property
    def detail(self) -> str:
        one, other = self.volumes
        return (
            f"The median of {other} / {one} is {format_number(self.ratio_swapped)} in these rows and "
            f"{format_number(self.ratio_otherwise)} in the others: one column counts units, the other money. "
            f"Swapped: {self.spans}."
        )

    @property
    def remedy(self) -> Remedy | None:
        if not self.in_train:
            return None
        one, other = self.volumes
        units = other if self.money == one else one
        label = f"Swap {one} and {other} back"
        return Remedy(label=label, section="cleaning", field="swap_back", value=(units, self.money))


class ZeroVolume(Finding, code="zero-volume"):
    """A volume is 0 in rows in which the price moved.

    Treat 0 as missing in this column. If large parts of the train era are affected, drop it.
    """

    column: str
    spans: Spans
    is_frequent: bool
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    plural = "are 0 in rows in which the price moved"

    @property
    def title(self) -> str:
        return f"{self.column} is 0 in {format_count(self.count, 'row')} in which the price moved"

    @property
    def detail(self) -> str:
        return f"If the price moved, something was traded, so these zeros are missing values. Zeros: {self.spans}."

    @property
    def remedy(self) -> Remedy | None:
        return drop_column(self.column) if self.is_frequent else None


class LooksLikeSplit(Finding, code="looks-like-split"):
    """A price jumps by the ratio of a stock split and stays at its new level.

    Use split-adjusted prices.
    """

    column: str
    splits: tuple[SplitOnDate, ...]
    others_jump: bool
    adjusted_is_smooth: bool
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    plural = "jump as in a stock split"

    @property
    def title(self) -> str:
        return f"{self.column} jumps as in a stock split, {_times(self.count)}"

    @property
    def detail(self) -> str:
        others = " The other prices of these rows jump with it." if self.others_jump else ""
        adjusted = " The adjusted close does not jump." if self.adjusted_is_smooth else ""
        return (
            f"Possible splits: {_list(self.splits, self.count)}.{others}{adjusted} A split leaves the holding's value "
            "unchanged, but to a model it looks like a crash. Use split-adjusted prices."
        )


class BadTick(Finding, code="bad-tick"):
    """A price makes an extreme move that the next row reverses.

    Check the listed rows against another source, and correct or clear the wrong prices.
    """

    columns: tuple[str, ...]
    times: tuple[np.datetime64, ...]
    multiple: int
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    plural = "spike and revert within one row"

    @property
    def column(self) -> str:
        return self.columns[0]

    @property
    def title(self) -> str:
        verb = "spikes and reverts" if len(self.columns) == 1 else "spike and revert"
        return f"{', '.join(self.columns)} {verb} within one row, {_times(self.count)}"

    @property
    def detail(self) -> str:
        return (
            f"A return of more than {self.multiple} times the typical size that the next row reverses is probably a bad tick, "
            f"or a trade far from the market: {_list(map(format_time, self.times), self.count)}."
        )


class WeekendRows(Finding, code="weekend-rows"):
    """A few rows fall on weekends in a series that otherwise has none.

    Check the dates: they may be shifted, or the rows may repeat a Friday.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        verb = "falls" if self.count == 1 else "fall"
        return f"{format_count(self.count, 'row')} of {self.column} {verb} on a Saturday or Sunday"

    @property
    def detail(self) -> str:
        return "No other weekend has rows. Markets are closed then: the dates may be wrong, or the rows may repeat a Friday."


class AdjustedClose(Finding, code="adjusted-close"):
    """An adjusted close differs from the close, so its history contains later adjustments.

    Predict its percentage changes, which later adjustments leave unchanged.
    """

    column: str
    close: str
    known: int
    equal_after: np.datetime64 | None
    ends_equal: bool
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    plural = "are adjusted for later dividends or splits"

    @property
    def title(self) -> str:
        return f"{self.column} differs from {self.close} in {self.count:,} of {format_count(self.known, 'row')}"

    @property
    def detail(self) -> str:
        if self.equal_after is not None:
            ending = f"The two are equal after {format_time(self.equal_after)}."
        elif self.ends_equal:
            ending = "The two are equal in the last row of most series."
        else:
            ending = "They still differ in the last row: the adjusted events come after this file ends, or there is another cause."
        return (
            "Every dividend and split rewrites its history, so its level reveals later ones (look-ahead). Its percentage changes "
            f"do not: predict those. {ending}"
        )


class AdjustedEqualsClose(Finding, code="adjusted-equals-close"):
    """An adjusted close equals the close in every row.

    Keep one of the two.
    """

    column: str
    close: str
    count: int
    severity = Severity.INFO
    plural = "equal the close"

    @property
    def title(self) -> str:
        return f"{self.column} equals {self.close} in all {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        return "Nothing was adjusted, as for an index: one of the two is enough."


def _list(shown: Iterable[object], count: int) -> str:
    texts = list(map(str, shown))
    more = count - len(texts)
    return ", ".join(texts) + (f" and {more:,} more" if more else "")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
