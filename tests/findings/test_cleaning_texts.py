"""The texts of the findings of cleaning, as a user reads them."""

import pytest

from core.findings.cleaning import (
    CannotKeep,
    ClipNotPossible,
    ClippedLevel,
    ColumnNotFound,
    CutAtGaps,
    DiedLater,
    KeptAndDropped,
    NoFeatures,
    NotAFeature,
    RepeatedTimes,
    RowsDropped,
    RowsIncomplete,
    TransformUndefined,
)
from core.findings.model import Finding, Severity

INFO, WARNING, PROBLEM = Severity.INFO, Severity.WARNING, Severity.PROBLEM
NO_LATER_VALUES = "Columns are judged on the train era alone."

TEXTS = [
    (NoFeatures(count=None), INFO, "The target is the only column", "Models can still use the target's own past."),
    (
        NoFeatures(count=4),
        PROBLEM,
        "All feature columns are dropped",
        "Loosen a threshold or keep a column manually. Models can still use the target's own past.",
    ),
    (
        NotAFeature(column="ticker", role="series", setting="keep"),
        INFO,
        "Cannot keep 'ticker': it is the series column, not a feature",
        "",
    ),
    (
        NotAFeature(column="close", role="target", setting="drop"),
        INFO,
        "Cannot drop 'close': it is the target column, not a feature",
        "",
    ),
    (
        NotAFeature(column="close", role="target", setting="returns"),
        INFO,
        "Cannot take the return of 'close': it is the target column, not a feature",
        "Whether the model predicts a level or a change is a training setting.",
    ),
    (
        NotAFeature(column="close", role="target", setting="clip_columns"),
        INFO,
        "Cannot clip 'close': it is the target column, not a feature",
        "A separate setting clips the training outcomes.",
    ),
    (CannotKeep(column="note", kind="category"), WARNING, "Cannot keep 'note': models cannot use text", ""),
    (CannotKeep(column="due", kind="time"), WARNING, "Cannot keep 'due': models cannot use dates", ""),
    (CannotKeep(column="blank", kind="empty"), WARNING, "Cannot keep 'blank': it has no values", ""),
    (KeptAndDropped(column="vix"), WARNING, "'vix' is set to be both kept and dropped: it is kept", ""),
    (
        ColumnNotFound(column="vixx", setting="log", columns=("vix", "gold")),
        WARNING,
        "Cannot take the logarithm of 'vixx': there is no such column",
        "The nearest name is 'vix'. Columns listed under Ignore count as missing.",
    ),
    (
        ColumnNotFound(column="oil", setting="difference", columns=()),
        WARNING,
        "Cannot take the difference of 'oil': there is no such column",
        "Columns listed under Ignore count as missing.",
    ),
    (
        DiedLater(column="oil", since="2018-05-01T00:00:00", before_test=True, fill="forward"),
        PROBLEM,
        "'oil' is kept but stops updating around 2018-05-01: it has no valid values after that",
        f"{NO_LATER_VALUES} Rows without a value are lost: drop the column to keep them.",
    ),
    (
        DiedLater(column="oil", since="2018-05-01", before_test=False, fill="median"),
        WARNING,
        "'oil' is kept but stops updating around 2018-05-01: it has no valid values after that",
        f"{NO_LATER_VALUES} Its later rows are filled with the training median.",
    ),
    (
        ClippedLevel(columns=("gold",), price_like=("gold",)),
        WARNING,
        "'gold' drifts and is clipped as a level",
        "Later values beyond the training range become a flat line. Clip a return or a difference instead.",
    ),
    (
        ClippedLevel(columns=("gold", "rate"), price_like=()),
        WARNING,
        "2 columns drift and are clipped as levels, such as 'gold'",
        "Later values beyond the training range become a flat line. Clip a return or a difference instead.",
    ),
    (
        RepeatedTimes(count=10, total=1000, keep="last", disagreeing=0, columns=()),
        INFO,
        "Left out 10 of 1,000 rows that repeat a time stamp of their series",
        "Of each time stamp, its last valid value is kept in every column. The rows never disagree: where both have a value, it "
        "is the same.",
    ),
    (
        RepeatedTimes(count=11, total=1000, keep="mean", disagreeing=12, columns=("close", "vix")),
        WARNING,
        "Left out 11 of 1,000 rows that repeat a time stamp of their series",
        "Of each time stamp, the mean of its valid values is kept in every column. 12 values of close, vix differ between such "
        "rows.",
    ),
    (
        RowsIncomplete(column="vix", rows=(2,), count=60, total=5000, missing=58, only_missing=55),
        WARNING,
        "60 of 5,000 rows (1.2%) are incomplete; 'vix' has no value in 58 of them",
        "In 55 of them, no other column is missing. A model cannot use a window with such a row if the missing column is among "
        "its inputs.",
    ),
    (
        RowsIncomplete(column="vix", rows=(2,), count=5, total=5000, missing=5, only_missing=0),
        INFO,
        "5 of 5,000 rows (0.1%) are incomplete; 'vix' has no value in 5 of them",
        "Other columns are missing in the same rows. A model cannot use a window with such a row if the missing column is among "
        "its inputs.",
    ),
    (
        RowsDropped(column="close", rows=(2,), count=5, total=5000),
        INFO,
        "Dropped 5 of 5,000 rows (0.1%): 'close' has no value in them",
        "The target is never filled.",
    ),
    (
        TransformUndefined(column="vix", transform="log", count=2, total=4),
        WARNING,
        "The log of 'vix' is undefined in 2 of 4 rows",
        "The logarithm of 0 or less is undefined.",
    ),
    (
        TransformUndefined(column="vix", transform="log return", count=2, total=4000),
        INFO,
        "The log return of 'vix' is undefined in 2 of 4,000 rows",
        "The logarithm of 0 or less is undefined, and so is the return of the row after it.",
    ),
    (
        TransformUndefined(column="vix", transform="difference", count=2, total=4),
        WARNING,
        "The difference of 'vix' is undefined in 2 of 4 rows",
        "The row before has no value.",
    ),
    (
        TransformUndefined(column="vix", transform="return", count=2, total=4),
        WARNING,
        "The return of 'vix' is undefined in 2 of 4 rows",
        "The row before is 0 or has no value.",
    ),
    (
        ClipNotPossible(columns=("a", "b", "c", "d", "e", "f", "g")),
        INFO,
        "Not clipped by robust z-score: a, b, c, d, e and 2 more",
        "At least half of their training values are equal, so the median absolute deviation is 0. "
        "Clip at a quantile instead.",
    ),
    (
        CutAtGaps(rows=(8,), count=1, max_gap=5),
        INFO,
        "Split at 1 gap longer than 5 sampling intervals",
        "Fills, lags and windows never cross a split, so each part needs a full window of its own rows before its "
        "first forecast.",
    ),
]
LABELS = [
    (DiedLater(column="oil", since="2018-05-01", before_test=True, fill="none"), "Drop oil"),
    (ClippedLevel(columns=("gold", "rate"), price_like=("gold",)), "Take the returns of 1 column"),
    (
        RowsIncomplete(column="vix", rows=(2,), count=5, total=50, missing=5, only_missing=0),
        "Drop vix",
    ),
]
PLURALS = {
    ColumnNotFound: "are named in the recipe, but not in the data",
    DiedLater: "are kept, but have no valid values after some date",
    TransformUndefined: "have no log, difference or return in some rows",
}


@pytest.mark.parametrize(("finding", "severity", "title", "detail"), TEXTS)
def test_texts(finding: Finding, severity: Severity, title: str, detail: str) -> None:
    assert (finding.severity, finding.title, finding.detail) == (severity, title, detail)


@pytest.mark.parametrize(("finding", "label"), LABELS)
def test_labels_of_remedies(finding: Finding, label: str) -> None:
    assert finding.remedy is not None
    assert finding.remedy.label == label


def test_findings_without_a_remedy() -> None:
    assert RowsDropped(column="close", rows=(2,), count=5, total=50).remedy is None
    assert ClippedLevel(columns=("rate",), price_like=()).remedy is None


@pytest.mark.parametrize("kind", PLURALS)
def test_plurals(kind: type[Finding]) -> None:
    assert kind.plural == PLURALS[kind]
