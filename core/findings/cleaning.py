"""Findings of cleaning: on the plan of columns, and on changed or dropped rows."""

from functools import lru_cache
from typing import Literal

from core.findings.model import Finding, Remedy, Severity, drop_column
from core.text.format import format_count, format_list, format_percent
from core.text.nearest import suggest_names

Setting = Literal["keep", "drop", "log", "difference", "returns", "clip_columns"]

MOST_NAMED = 5
WARNING_SHARE = 0.01
UNUSABLE = {
    "text": "models cannot use text",
    "category": "models cannot use text",
    "time": "models cannot use dates",
    "empty": "it has no values",
}
_ACTIONS: dict[Setting, str] = {
    "keep": "keep",
    "drop": "drop",
    "log": "take the logarithm of",
    "difference": "take the difference of",
    "returns": "take the return of",
    "clip_columns": "clip",
}
_UNDEFINED = {
    "log": "The logarithm of 0 or less is undefined.",
    "difference": "The row before has no value.",
    "log return": "The logarithm of 0 or less is undefined, and so is the return of the row after it.",
    "return": "The row before is 0 or has no value.",
}


def _severity(count: int, total: int) -> Severity:
    return Severity.WARNING if count > WARNING_SHARE * total else Severity.INFO


# A slider plans again at every move, with the same names.
_suggest = lru_cache(maxsize=64)(suggest_names)


class NoFeatures(Finding, code="no-features"):
    """The data have no feature column, or the plan drops every one of them.

    Loosen a threshold, or keep a column manually. Models can still use the target's own past.
    """

    count: int | None

    @property
    def severity(self) -> Severity:
        return Severity.PROBLEM if self.count else Severity.INFO

    @property
    def title(self) -> str:
        return "All feature columns are dropped" if self.count else "The target is the only column"

    @property
    def detail(self) -> str:
        past = "Models can still use the target's own past."
        return f"Loosen a threshold or keep a column manually. {past}" if self.count else past


class NotAFeature(Finding, code="not-a-feature"):
    """A cleaning setting names the time, series or target column.

    Remove the name from the setting. The target is always kept; its own settings are in training and in clipping.
    """

    column: str
    role: Literal["time", "series", "target"]
    setting: Setting
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Cannot {_ACTIONS[self.setting]} '{self.column}': it is the {self.role} column, not a feature"

    @property
    def detail(self) -> str:
        if self.role != "target" or self.setting in ("keep", "drop"):
            return ""
        if self.setting == "clip_columns":
            return "A separate setting clips the training outcomes."
        return "Whether the model predicts a level or a change is a training setting."


class CannotKeep(Finding, code="cannot-keep"):
    """A column to be kept manually holds text, dates or nothing, so no model can use it.

    Remove the name from the manually kept columns, or correct how the column is read.
    """

    column: str
    kind: str
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Cannot keep '{self.column}': {UNUSABLE[self.kind]}"


class KeptAndDropped(Finding, code="kept-and-dropped"):
    """A column is named both to be kept and to be dropped; it is kept.

    Remove the name from one of the two settings.
    """

    column: str
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"'{self.column}' is set to be both kept and dropped: it is kept"


class ColumnNotFound(Finding, code="unknown-column"):
    """A cleaning setting names a column that the data do not have.

    Correct the name. An unknown name is ignored; all other settings apply.
    """

    column: str
    setting: Setting
    columns: tuple[str, ...]
    severity = Severity.WARNING
    plural = "are named in the recipe, but not in the data"

    @property
    def title(self) -> str:
        return f"Cannot {_ACTIONS[self.setting]} '{self.column}': there is no such column"

    @property
    def detail(self) -> str:
        return f"{_suggest(self.column, self.columns)} Columns listed under Ignore count as missing.".strip()


class DiedLater(Finding, code="died-later"):
    """A kept column has no valid values after some date in or after the train era.

    Drop it, or its later rows are filled with a constant or lost. Decisions use the train era alone, so it is not dropped
    automatically. It is a problem if the test era has no values at all.
    """

    column: str
    since: str
    before_test: bool
    fill: Literal["forward", "median", "none"]
    plural = "are kept, but have no valid values after some date"

    @property
    def severity(self) -> Severity:
        return Severity.PROBLEM if self.before_test else Severity.WARNING

    @property
    def title(self) -> str:
        return f"'{self.column}' is kept but stops updating around {self.since[:10]}: it has no valid values after that"

    @property
    def detail(self) -> str:
        if self.fill == "median":
            effect = "Its later rows are filled with the training median."
        else:
            effect = "Rows without a value are lost: drop the column to keep them."
        return f"Columns are judged on the train era alone. {effect}"

    @property
    def remedy(self) -> Remedy:
        return drop_column(self.column)


class ClippedLevel(Finding, code="clipped-level"):
    """Columns that drift like a price are clipped as levels.

    Later values beyond the training range become a flat line. Clip a return or a difference of the column.
    """

    columns: tuple[str, ...]
    price_like: tuple[str, ...]
    severity = Severity.WARNING

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def title(self) -> str:
        if len(self.columns) == 1:
            return f"'{self.columns[0]}' drifts and is clipped as a level"
        return f"{len(self.columns):,} columns drift and are clipped as levels, such as '{self.columns[0]}'"

    @property
    def detail(self) -> str:
        return "Later values beyond the training range become a flat line. Clip a return or a difference instead."

    @property
    def remedy(self) -> Remedy | None:
        if not self.price_like:
            return None
        label = f"Take the returns of {format_count(len(self.price_like), 'column')}"
        return Remedy(label=label, section="cleaning", field="returns", value=self.price_like)


class RepeatedTimes(Finding, code="repeated-times"):
    """Rows repeat a time stamp of their series; one row per time stamp is kept.

    Choose which value is kept, or the mean. A warning above 1% of the rows.
    """

    count: int
    total: int
    keep: Literal["first", "last", "mean"]
    disagreeing: int
    columns: tuple[str, ...]

    @property
    def severity(self) -> Severity:
        return _severity(self.count, self.total)

    @property
    def title(self) -> str:
        return f"Left out {self.count:,} of {self.total:,} rows that repeat a time stamp of their series"

    @property
    def detail(self) -> str:
        kept = "the mean of its valid values" if self.keep == "mean" else f"its {self.keep} valid value"
        first = f"Of each time stamp, {kept} is kept in every column."
        if not self.disagreeing:
            return f"{first} The rows never disagree: where both have a value, it is the same."
        differ = format_count(self.disagreeing, "value")
        return f"{first} {differ} of {format_list(self.columns)} differ between such rows."


class RowsDropped(Finding, code="rows-dropped"):
    """Rows are dropped because the target has no value.

    The target is never filled. A warning above 1% of the rows.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    total: int
    detail = "The target is never filled."

    @property
    def severity(self) -> Severity:
        return _severity(self.count, self.total)

    @property
    def title(self) -> str:
        share = format_percent(self.count / self.total)
        return f"Dropped {self.count:,} of {self.total:,} rows ({share}): '{self.column}' has no value in them"


class RowsIncomplete(Finding, code="rows-incomplete"):
    """Rows lack a feature after filling and transforming.

    Drop or fill the column that lacks most values. A warning above 1% of the rows.
    """

    column: str
    rows: tuple[int, ...]
    count: int
    total: int
    missing: int
    only_missing: int

    @property
    def severity(self) -> Severity:
        return _severity(self.count, self.total)

    @property
    def title(self) -> str:
        share = format_percent(self.count / self.total)
        return (
            f"{self.count:,} of {self.total:,} rows ({share}) are incomplete; "
            f"'{self.column}' has no value in {self.missing:,} of them"
        )

    @property
    def detail(self) -> str:
        if self.only_missing:
            others = f"In {self.only_missing:,} of them, no other column is missing."
        else:
            others = "Other columns are missing in the same rows."
        return f"{others} A model cannot use a window with such a row if the missing column is among its inputs."

    @property
    def remedy(self) -> Remedy:
        return drop_column(self.column)


class TransformUndefined(Finding, code="change-undefined"):
    """The log, difference or return of a column is undefined in some rows, and missing there.

    Choose another transformation of the column. A warning above 1% of the rows.
    """

    column: str
    transform: Literal["log", "difference", "log return", "return"]
    count: int
    total: int
    plural = "have no log, difference or return in some rows"

    @property
    def severity(self) -> Severity:
        return _severity(self.count, self.total)

    @property
    def title(self) -> str:
        return f"The {self.transform} of '{self.column}' is undefined in {self.count:,} of {self.total:,} rows"

    @property
    def detail(self) -> str:
        return _UNDEFINED[self.transform]


class ClipNotPossible(Finding, code="clip-not-possible"):
    """Columns cannot be clipped by robust z-score: their median absolute deviation is 0.

    Clip them at a quantile.
    """

    columns: tuple[str, ...]
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return len(self.columns)

    @property
    def title(self) -> str:
        return f"Not clipped by robust z-score: {format_list(self.columns, MOST_NAMED)}"

    @property
    def detail(self) -> str:
        return (
            "At least half of their training values are equal, so the median absolute deviation is 0. "
            "Clip at a quantile instead."
        )


class CutAtGaps(Finding, code="cut-at-gaps"):
    """Series are split at gaps longer than the limit.

    Fills, lags and windows never cross a split. Raise the limit if the gaps are expected. `rows` are the first lines after
    each gap.
    """

    rows: tuple[int, ...]
    count: int
    max_gap: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return (
            f"Split at {format_count(self.count, 'gap')} longer than {format_count(self.max_gap, 'sampling interval')}"
        )

    @property
    def detail(self) -> str:
        return (
            "Fills, lags and windows never cross a split, so each part needs a full window of its own rows "
            "before its first forecast."
        )


class VolumesSwappedBack(Finding, code="volumes-swapped-back"):
    """Two swapped volumes were exchanged in some rows, as the recipe asks.

    Nothing to do. Each row is judged by its own two volumes and price, so new rows are treated alike.
    """

    column: str
    money: str
    rows: tuple[int, ...]
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"{self.column} and {self.money} were swapped back in {format_count(self.count, 'row')}"
