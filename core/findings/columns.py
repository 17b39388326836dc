"""Findings about single columns, and about pairs of columns."""

from dataclasses import dataclass

from core.findings.model import Finding, Remedy, Severity, drop_column
from core.text.format import format_correlation, format_count, format_list, format_percent, format_time

_MOST_NAMED = 5


class _ColumnFault(Finding):
    """A fault that spoils a column: a feature can be dropped, the target cannot."""

    column: str
    is_target: bool

    @property
    def severity(self) -> Severity:
        return Severity.PROBLEM if self.is_target else Severity.WARNING

    @property
    def remedy(self) -> Remedy | None:
        return None if self.is_target else drop_column(self.column)


class TargetMissing(Finding, code="target-missing"):
    """The target has missing or otherwise bad values.

    Its rows are dropped, because a target is never filled. If there are many, check the source of the column.
    """

    column: str
    bad_ratio: float
    is_high: bool
    rows: tuple[int, ...]
    count: int

    @property
    def severity(self) -> Severity:
        return Severity.PROBLEM if self.is_high else Severity.WARNING

    @property
    def title(self) -> str:
        return f"{_the_target(self.column)} is missing in {format_count(self.count, 'row')}"

    @property
    def detail(self) -> str:
        return f"That is {format_percent(self.bad_ratio)} of the rows. The target is never filled, so these rows are dropped."


class TargetDrifts(Finding, code="target-drifts"):
    """The target is a level that drifts, as a price does.

    Predict its change. That is the default for such a target.
    """

    column: str
    autocorrelation: float | None
    price_like: bool
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{_the_target(self.column)} drifts"

    @property
    def detail(self) -> str:
        change = "log return" if self.price_like else "difference"
        return (
            f"Lag-1 autocorrelation {format_correlation(self.autocorrelation)} in the train era: a forecast of the level looks "
            f"good by repeating the last value. By default its {change} is predicted instead."
        )


class TargetFewValues(Finding, code="target-few-values"):
    """The target takes two to five distinct values in the train era.

    These are probably classes. Choose a numeric target, or read the forecast as a tendency.
    """

    column: str
    distinct: int
    lowest: float
    highest: float
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{_the_target(self.column)} takes only {self.distinct} distinct values"

    @property
    def detail(self) -> str:
        return (
            f"They range from {self.lowest:.6g} to {self.highest:.6g}, so they are probably classes, such as up and down, not a "
            "quantity. The forecast is a number between them: read it as a tendency."
        )


class TextColumn(Finding, code="text-column"):
    """A column other than the time column and the series column holds text or dates.

    Nothing needs to be done: models use numeric columns only.
    """

    column: str
    holds_dates: bool
    severity = Severity.INFO
    plural = "hold text or dates"

    @property
    def title(self) -> str:
        return f"{self.column} holds {'dates' if self.holds_dates else 'text'}"

    @property
    def detail(self) -> str:
        return "Models use numeric columns only, so this column is left out."


class ManyBadValues(_ColumnFault, code="many-bad-values"):
    """More than 30% of a column's train values are bad.

    Bad values are missing, unreadable or infinite, or missing-value codes. Drop the column, or check its source. If it is the
    target, choose another period or another target.
    """

    bad_ratio: float
    missing: int
    infinite: int
    sentinel: int
    train_rows: int
    rows: tuple[int, ...]
    plural = "have many bad values in the train era"

    @property
    def count(self) -> int:
        return self.missing + self.infinite + self.sentinel

    @property
    def title(self) -> str:
        return f"{self.column} has bad values in {format_percent(self.bad_ratio)} of the train rows"

    @property
    def detail(self) -> str:
        return (
            f"{self.missing:,} missing or unreadable, {self.infinite:,} infinite and {self.sentinel:,} missing-value codes "
            f"in {format_count(self.train_rows, 'train row')}."
        )


class ConstantColumn(_ColumnFault, code="constant-column"):
    """All valid train values of a column are equal.

    Drop it: nothing can be learned from it. If it is the target, choose another one.
    """

    constant: float | None
    train_rows: int
    plural = "are constant in the train era"

    @property
    def title(self) -> str:
        return f"{self.column} is constant in the train era"

    @property
    def detail(self) -> str:
        constant = "the same" if self.constant is None else f"{self.constant:.6g}"
        return f"Every valid value in {format_count(self.train_rows, 'train row')} is {constant}. Nothing can be learned from it."


class IdentifierLike(_ColumnFault, code="identifier-like"):
    """A column holds nearly unique texts or integers, sequential or random, like an ID.

    Drop it, unless you know that it is a measurement.
    """

    unique_ratio: float
    is_text: bool
    severity = Severity.WARNING
    plural = "look like identifiers"

    @property
    def title(self) -> str:
        return f"{self.column} looks like an identifier"

    @property
    def detail(self) -> str:
        kind = "texts" if self.is_text else "integers, sequential or random, like an ID"
        return f"{format_percent(self.unique_ratio)} of its valid train values are unique {kind}."


class DeadFeed(_ColumnFault, code="dead-feed"):
    """A column has no valid values from some time until the end of the file.

    Drop it, or end the file where it ends. Without values in the test era it cannot be used at all.
    """

    last_valid: str
    stamps: int
    gap_ratio: float
    in_test: bool
    train_bad_ratio: float | None
    count: int
    plural = "have no valid values after some date"

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.in_test else Severity.PROBLEM

    @property
    def title(self) -> str:
        return f"{self.column} has no valid values after {format_time(self.last_valid)}"

    @property
    def detail(self) -> str:
        test = "" if self.in_test else " It has no valid values in the test era."
        return (
            f"It is missing in the last {self.count:,} of {format_count(self.stamps, 'time stamp')}; "
            f"{format_percent(self.gap_ratio)} of the rows before are bad.{test}{_train_share(self.train_bad_ratio)}"
        )


class LateStart(_ColumnFault, code="late-start"):
    """A column has no valid values at the start of the file.

    Drop it, or start the file where it starts. Rows without a value cannot be used.
    """

    first_valid: str
    stamps: int
    train_bad_ratio: float | None
    rows: tuple[int, ...]
    count: int
    plural = "have no valid values before some date"

    @property
    def severity(self) -> Severity:
        return Severity.INFO if self.train_bad_ratio is None else Severity.WARNING

    @property
    def title(self) -> str:
        return f"{self.column} has no valid values before {format_time(self.first_valid)}"

    @property
    def detail(self) -> str:
        return (
            f"It is missing in the first {self.count:,} of {format_count(self.stamps, 'time stamp')}; rows without a value "
            f"cannot be used.{_train_share(self.train_bad_ratio)}"
        )


class _TreatedAsMissing(Finding):
    """Cells that hold a number which is no value."""

    column: str
    share: float
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING

    @property
    def detail(self) -> str:
        verb = "is" if self.count == 1 else "are"
        return (
            f"{format_count(self.count, 'cell')}, {format_percent(self.share)} of the rows, {verb} treated as missing."
        )


class SentinelValues(_TreatedAsMissing, code="sentinel-values"):
    """A column holds codes that mean missing, such as -999.

    They are treated as missing. If they are real values, remove them from the list of missing-value codes.
    """

    plural = "hold missing-value codes"

    @property
    def title(self) -> str:
        return f"{self.column} holds missing-value codes"


class InfiniteValues(_TreatedAsMissing, code="infinite-values"):
    """A column holds infinite values.

    They are treated as missing. They often come from a division by zero: check how the column was computed.
    """

    plural = "hold infinite values"

    @property
    def title(self) -> str:
        return f"{self.column} holds infinite values"


class StaleRun(Finding, code="stale-run"):
    """A column repeats one value for longer than chance explains.

    Check whether the feed was frozen over the listed rows, and clear them if it was.
    """

    column: str
    repeated: float
    since: str
    series: str | None
    rows: tuple[int, ...]
    count: int
    severity = Severity.WARNING
    plural = "repeat one value for unusually long"

    @property
    def title(self) -> str:
        where = "" if self.series is None else f" in {self.series}"
        return f"{self.column} repeats {self.repeated:.6g} for {format_count(self.count, 'row')}{where}"

    @property
    def detail(self) -> str:
        return f"This starts on {format_time(self.since)} and lasts longer than chance explains: the feed may have been frozen."


class NearDuplicate(Finding, code="near-duplicate"):
    """A column is nearly a linear copy of the target or of a better column in the train era.

    Drop it: it adds no information, and importance is shared between copies.
    """

    column: str
    other: str
    correlation: float
    on_changes: bool
    severity = Severity.WARNING
    plural = "repeat another column"

    @property
    def title(self) -> str:
        return f"{self.column} repeats {self.other}"

    @property
    def detail(self) -> str:
        on_changes = ", on levels and on changes" if self.on_changes else ""
        return f"Their correlation in the train era is {self.correlation:.6f}{on_changes}."

    @property
    def remedy(self) -> Remedy:
        return drop_column(self.column)


class CorrelationsLimited(Finding, code="correlations-limited"):
    """The file has more numeric columns than are correlated with each other.

    Nothing needs to be done. To see the correlations of other columns, ignore some.
    """

    target: str | None
    shown: int
    numeric: int
    compared: int
    not_compared: int
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return self.numeric - self.shown

    @property
    def title(self) -> str:
        return f"Correlations over all rows are computed for {self.shown:,} of {self.numeric:,} numeric columns"

    @property
    def detail(self) -> str:
        if self.not_compared:
            compared = f"{self.compared:,} columns are checked for duplicates, the other {self.not_compared:,} are not"
        else:
            compared = "All columns are checked for duplicates"
        chosen = "the first ones by name, because there is no numeric target"
        if self.target is not None:
            chosen = f"the columns most correlated with {self.target} in the train era"
        return f"These are {chosen}. {compared}."


class RelationsNotJudged(Finding, code="relations-not-judged"):
    """Relations with the target cannot be tested: too few common train rows, or no variation.

    Nothing needs to be done: these features count as unrelated.
    """

    features: tuple[str, ...]
    fewest_rows: int
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return len(self.features)

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'relation')} with the target could not be tested"

    @property
    def detail(self) -> str:
        return (
            f"Fewer than {self.fewest_rows} train rows have valid values in both columns, or one of the two does not vary: "
            f"{format_list(self.features, _MOST_NAMED)}."
        )


class RelationsCoarse(Finding, code="relations-coarse"):
    """There are so many features that relations are tested with fewer random shifts.

    Ignore features that you don't need, for more precise p-values.
    """

    shifts: int
    usual_shifts: int
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Relations of {format_count(self.count, 'feature')} are tested with less precision"

    @property
    def detail(self) -> str:
        return (
            f"Each feature was compared with {self.shifts:,} circular shifts of itself instead of {self.usual_shifts:,}, because "
            "there are so many features."
        )


@dataclass(frozen=True, kw_only=True)
class ExamplePair:
    """Two columns, and their correlations on levels and on changes."""

    one: str
    other: str
    levels: float
    changes: float


class SharedTrend(Finding, code="shared-trend"):
    """Columns that correlate strongly on levels hardly correlate on changes.

    Compare such columns by their changes: two unrelated series that drift correlate on levels.
    """

    strong: int
    strong_above: float
    weak_below: float
    example: ExamplePair | None
    rows_used: int
    train_rows: int
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return shared_trends_text(self.strong, self.count, self.strong_above, self.weak_below)

    @property
    def detail(self) -> str:
        example = ""
        if self.example is not None:
            levels, changes = format_correlation(self.example.levels), format_correlation(self.example.changes)
            example = f" {self.example.one} and {self.example.other}: {levels} on levels, {changes} on changes."
        computed = f"Computed on {sampled_rows_text(self.rows_used, self.train_rows)}."
        return f"They share a trend, which is no evidence of a relation.{example} {computed}"


def shared_trends_text(strong: int, vanished: int, strong_above: float, weak_below: float) -> str:
    """Return how many strong correlations on levels vanish on changes, without a full stop.

    Parameters
    ----------
    strong, vanished
        The numbers of pairs that are strong on levels, and of those among them that are weak on changes.
    strong_above, weak_below
        The limits of strong and weak correlations.

    Examples
    --------
    >>> shared_trends_text(28, 27, 0.7, 0.3)
    '27 of 28 pairs that correlate above 0.7 on levels fall below 0.3 on changes'
    """
    if not strong:
        return f"No pair correlates above {strong_above} on levels"
    if strong == 1:
        verb = "falls" if vanished else "does not fall"
        return f"The only pair that correlates above {strong_above} on levels {verb} below {weak_below} on changes"
    number = {0: f"None of {strong:,}", strong: f"All {strong:,}"}.get(vanished, f"{vanished:,} of {strong:,}")
    verb = "falls" if vanished <= 1 else "fall"
    return f"{number} pairs that correlate above {strong_above} on levels {verb} below {weak_below} on changes"


def sampled_rows_text(rows: int, train_rows: int) -> str:
    """Return on how many train rows something was computed.

    Examples
    --------
    >>> sampled_rows_text(2000, 7000)
    '2,000 of 7,000 train rows, in evenly spaced stretches'
    """
    if rows == train_rows:
        return format_count(rows, "train row")
    return f"{rows:,} of {format_count(train_rows, 'train row')}, in evenly spaced stretches"


def _the_target(name: str) -> str:
    """Return the target with its name, which is left out if it is "target"."""
    return "The target" if name.casefold() == "target" else f"The target {name}"


def _train_share(bad_ratio: float | None) -> str:
    return "" if bad_ratio is None else f" {format_percent(bad_ratio)} of the train rows are bad."
