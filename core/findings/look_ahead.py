"""Findings about columns that hold values which a forecaster would not have had yet."""

from collections.abc import Sequence
from typing import Literal

from core.findings.model import Finding, Remedy, Severity, drop_column
from core.text.format import format_count, format_list, format_percent

LookAheadEvidence = Literal["next row", "later rows", "both sides", "next price"]

_LISTED = 8
_RHYTHMS = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


class KnowsTheFuture(Finding, code="knows-the-future"):
    """A feature predicts the target's next value or direction almost perfectly.

    Drop it, or find out how it is computed: it probably uses later rows or is misaligned by one row.
    """

    column: str
    target: str
    leaks: Literal["value", "direction"]
    severity = Severity.PROBLEM
    plural = "leak what the target does next"

    @property
    def title(self) -> str:
        return f"{self.column} leaks the next {self.leaks} of {self.target}"

    @property
    def detail(self) -> str:
        return (
            f"It predicts the next {self.leaks} almost perfectly over the train rows, which no legitimate feature does. It was "
            "probably computed from future rows, or is misaligned by one row (look-ahead). A model trained on it looks perfect "
            "and is worthless."
        )

    @property
    def remedy(self) -> Remedy:
        return drop_column(self.column)


class SuspectedLookAhead(Finding, code="suspected-look-ahead"):
    """A column explains more of the target's future than a legitimate column could.

    Find out how it is computed. Set a publication delay, or confirm that it is known at forecast time. While it is chosen,
    there is no verdict.
    """

    column: str
    target: str
    evidence: LookAheadEvidence
    lead: int
    share: float
    delay: int
    severity = Severity.PROBLEM
    plural = "are suspected of look-ahead"

    @property
    def title(self) -> str:
        return f"{self.column} is suspected of look-ahead"

    @property
    def detail(self) -> str:
        rows = "the next row" if self.lead == 1 else f"the next {self.lead:,} rows"
        share = f"It explains {format_percent(self.share)} of the change of {self.target} over {rows}"
        match self.evidence:
            case "both sides":
                why = "and weighs the rows before and after alike, as a centred window does"
            case "next price":
                why = f"and is as close to {self.target} as its next change: it looks like a price of the next row"
            case "next row":
                why = "beyond what the target's own past tells; a legitimate column rarely explains 40%"
            case _:
                why = "beyond what the target's own past tells; a legitimate column rarely explains 70%"
        return f"{share}, {why}. If it is computed from later rows, no forecast can use it."

    @property
    def remedy(self) -> Remedy:
        return _set_delays(((self.column, self.delay),))


class SameRowDirection(Finding, code="same-row-direction"):
    """A feature only restates whether a price rose in the same row.

    Drop it: it adds nothing to the prices, and leaks the target if both are taken from the same row.
    """

    column: str
    price: str
    opening: str | None
    severity = Severity.WARNING
    plural = "only restate the direction of the same row"

    @property
    def title(self) -> str:
        what = f"{self.price} rose" if self.opening is None else f"{self.price} ended above {self.opening}"
        return f"{self.column} only restates whether {what} in the same row"

    @property
    def detail(self) -> str:
        return (
            "It is known only when the row has ended and adds nothing to the prices. Used to explain the same row, it leaks the "
            "answer."
        )

    @property
    def remedy(self) -> Remedy:
        return drop_column(self.column)


class RaggedEdge(Finding, code="ragged-edge"):
    """Columns without other gaps have no values yet in the last rows.

    Set their publication delay, or the model is trained with values that were not yet available.
    """

    # Each column with its number of empty time stamps at the end, the most first.
    missing: tuple[tuple[str, int], ...]

    @property
    def column(self) -> str:
        return self.missing[0][0]

    @property
    def count(self) -> int:
        return len(self.missing)

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.count > 1 else Severity.INFO

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'column')} end{'s' if self.count == 1 else ''} before the last time stamp"

    @property
    def detail(self) -> str:
        named = format_list([f"{name} ({stamps:,})" for name, stamps in self.missing], _LISTED)
        return (
            f"Time stamps without a value at the end: {named}. Values that are published late now were late in the past too: set "
            "a publication delay, or the model would see values that were not yet available (look-ahead)."
        )

    @property
    def remedy(self) -> Remedy:
        return _set_delays(self.missing)


class PeriodFigures(Finding, code="period-figures"):
    """Columns hold one figure per day, week, month, quarter or year from its first row on.

    Set a publication delay of at least one period if the rows are dated by period, not by release.
    """

    # Each column with its period and the usual rows of one period, the longest first.
    figures: tuple[tuple[str, str, int], ...]
    severity = Severity.WARNING

    @property
    def column(self) -> str:
        return self.figures[0][0]

    @property
    def count(self) -> int:
        return len(self.figures)

    @property
    def title(self) -> str:
        periods = dict.fromkeys(period for _, period, _ in self.figures)
        verb = "holds" if self.count == 1 else "hold"
        return (
            f"{format_count(self.count, 'column')} {verb} one figure per {' or '.join(periods)}, from its first row on"
        )

    @property
    def detail(self) -> str:
        named = format_list([f"{name} ({_RHYTHMS[period]})" for name, period, _ in self.figures], _LISTED)
        return (
            f"{named}. Figures are published after the period they describe, often weeks later. If these rows are dated by period, "
            "not by release, the model would see values that were not yet available (look-ahead): set a publication delay of at "
            "least one period."
        )

    @property
    def remedy(self) -> Remedy:
        return _set_delays([(name, rows) for name, _, rows in self.figures])


def _set_delays(delays: Sequence[tuple[str, int]]) -> Remedy:
    names = delays[0][0] if len(delays) == 1 else f"these {len(delays):,} columns"
    return Remedy(
        label=f"Set a delay for {names}", section="ingest", field="availability_lag", value=tuple(sorted(delays))
    )
