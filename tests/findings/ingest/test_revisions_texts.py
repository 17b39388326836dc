"""What the findings on a newer file say."""

import pytest

from core.findings.catalogue import all_findings
from core.findings.ingest.revisions import (
    ColumnsGone,
    ColumnsNew,
    EarliestChange,
    HistoryRestated,
    KindsChanged,
    NotCompared,
    RowGroup,
    RowsGone,
    RowsNew,
    SeriesNotComparable,
)

NONE = RowGroup(0, ())
ONE = RowGroup(1, ("2024-01-31",))
MANY = RowGroup(12, ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"))

TEXTS = [
    (
        HistoryRestated(
            column="close",
            restated=2,
            filled=1,
            emptied=1,
            largest=0.5,
            earliest=EarliestChange(time="2024-01-06", series=None, old=None, new=101.25),
            rows=(7,),
        ),
        "close was restated: 2 values changed, 1 missing value filled, 1 value removed",
        "The earliest change is at 2024-01-06: a missing value became 101.25. The largest change is 50% of "
        "the old value.",
        None,
    ),
    (
        HistoryRestated(
            column="x",
            restated=1,
            filled=0,
            emptied=0,
            largest=100.0,
            earliest=EarliestChange(time="2024-01-05", series="B", old=0.25, new=25.25),
            rows=(7,),
        ),
        "x was restated: 1 value changed",
        "The earliest change is at 2024-01-05 in B: 0.25 became 25.25. The largest change is 100 times the old value.",
        None,
    ),
    (
        HistoryRestated(
            column="mood",
            restated=0,
            filled=2,
            emptied=2,
            largest=None,
            earliest=EarliestChange(time="2024-01-05", series=None, old="up", new=None),
            rows=(7,),
        ),
        "mood was restated: 2 missing values filled, 2 values removed",
        "The earliest change is at 2024-01-05: 'up' became a missing value.",
        None,
    ),
    (
        SeriesNotComparable(series_column="ticker", is_old=True),
        "Rows cannot be matched: only the earlier file has several series, in ticker",
        "",
        None,
    ),
    (
        SeriesNotComparable(series_column="ticker", is_old=False),
        "Rows cannot be matched: only the current file has several series, in ticker",
        "",
        None,
    ),
    (RowsGone(removed=ONE, series=()), "1 row of the earlier file is missing", "First time stamp: 2024-01-31.", None),
    (
        RowsGone(removed=MANY, series=("C",)),
        "12 rows of the earlier file are missing",
        "First time stamps: 2024-01-01, 2024-01-02, 2024-01-03. Missing series: C.",
        None,
    ),
    (
        RowsNew(after=MANY, inside=ONE, before=NONE, series=("D",)),
        "13 new rows",
        "12 after the earlier end. First time stamps: 2024-01-01, 2024-01-02, 2024-01-03. 1 within the "
        "earlier range. First time stamp: 2024-01-31. New series: D.",
        None,
    ),
    (
        RowsNew(after=NONE, inside=NONE, before=ONE, series=()),
        "1 new row",
        "1 before the earlier start. First time stamp: 2024-01-31.",
        None,
    ),
    (ColumnsGone(columns=("mood",)), "Column mood of the earlier file is missing", "", None),
    (
        ColumnsGone(columns=("mood", "volume")),
        "2 columns of the earlier file are missing",
        "Columns: mood, volume.",
        None,
    ),
    (ColumnsNew(columns=("feeling",)), "Column feeling is new", "", None),
    (ColumnsNew(columns=("feeling", "x")), "2 columns are new", "Columns: feeling, x.", None),
    (
        KindsChanged(changes=(("volume", "integer", "number"),), not_compared=()),
        "1 column changed type",
        "Changed: volume from integer to number.",
        None,
    ),
    (
        KindsChanged(changes=(("volume", "integer", "number"), ("close", "number", "text")), not_compared=("close",)),
        "2 columns changed type",
        "Changed: volume from integer to number; close from number to text. Cells were not compared in close.",
        None,
    ),
    (
        NotCompared(reason="The file is empty."),
        "The earlier file could not be compared with the current one",
        "The file is empty.",
        None,
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail", "label"), TEXTS)
def test_the_texts_of_a_finding_are_pinned(finding, title, detail, label) -> None:
    assert (finding.title, finding.detail) == (title, detail)
    assert (finding.remedy and finding.remedy.label) == label


def test_every_kind_of_the_module_is_pinned() -> None:
    kinds = {kind for kind in all_findings().values() if kind.__module__ == "core.findings.ingest.revisions"}
    assert {type(text[0]) for text in TEXTS} == kinds
