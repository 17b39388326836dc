"""The texts of findings on columns and pairs of columns, as a user reads them."""

import pytest

from core.findings.columns import (
    ConstantColumn,
    CorrelationsLimited,
    DeadFeed,
    ExamplePair,
    IdentifierLike,
    InfiniteValues,
    LateStart,
    ManyBadValues,
    NearDuplicate,
    RelationsCoarse,
    RelationsNotJudged,
    SentinelValues,
    SharedTrend,
    StaleRun,
    TargetDrifts,
    TargetFewValues,
    TargetMissing,
    TextColumn,
    sampled_rows_text,
    shared_trends_text,
)
from core.findings.model import Finding, Severity

LINES = (7, 9)
DEAD = {"column": "oil", "last_valid": "2020-10-26T00:00:00.000000", "stamps": 5000, "gap_ratio": 0.004, "count": 200}
LATE = {"column": "vix", "first_valid": "1990-01-02T09:30:00.000000", "stamps": 5000, "rows": LINES, "count": 1200}
BAD = {"column": "oil", "bad_ratio": 0.4, "missing": 1400, "infinite": 0, "sentinel": 3, "train_rows": 3500}
TREND = {"strong": 28, "strong_above": 0.7, "weak_below": 0.3, "rows_used": 2000, "train_rows": 7000, "count": 27}
LIMITED = {"shown": 200, "numeric": 1230}

TEXTS = [
    (
        TargetMissing(column="close", bad_ratio=0.0123, is_high=False, rows=LINES, count=1),
        "warning: The target close is missing in 1 row",
        "That is 1.23% of the rows. The target is never filled, so these rows are dropped.",
        None,
    ),
    (
        TargetMissing(column="Target", bad_ratio=0.4, is_high=True, rows=LINES, count=2000),
        "problem: The target is missing in 2,000 rows",
        "That is 40% of the rows. The target is never filled, so these rows are dropped.",
        None,
    ),
    (
        TargetDrifts(column="close", autocorrelation=0.9987, price_like=True),
        "info: The target close drifts",
        (
            "Lag-1 autocorrelation 0.999 in the train era: a forecast of the level looks good by repeating the last value. "
            "By default its log return is predicted instead."
        ),
        None,
    ),
    (
        TargetDrifts(column="spread", autocorrelation=0.97, price_like=False),
        "info: The target spread drifts",
        (
            "Lag-1 autocorrelation 0.970 in the train era: a forecast of the level looks good by repeating the last value. "
            "By default its difference is predicted instead."
        ),
        None,
    ),
    (
        TargetFewValues(column="up", distinct=3, lowest=-1.0, highest=1.0),
        "warning: The target up takes only 3 distinct values",
        (
            "They range from -1 to 1, so they are probably classes, such as up and down, not a quantity. The forecast is a "
            "number between them: read it as a tendency."
        ),
        None,
    ),
    (
        TextColumn(column="note", holds_dates=False),
        "info: note holds text",
        "Models use numeric columns only, so this column is left out.",
        None,
    ),
    (
        TextColumn(column="posted", holds_dates=True),
        "info: posted holds dates",
        "Models use numeric columns only, so this column is left out.",
        None,
    ),
    (
        ManyBadValues(**BAD, is_target=False, rows=LINES),
        "warning: oil has bad values in 40% of the train rows",
        "1,400 missing or unreadable, 0 infinite and 3 missing-value codes in 3,500 train rows.",
        "Drop oil",
    ),
    (
        ManyBadValues(**BAD, is_target=True, rows=LINES),
        "problem: oil has bad values in 40% of the train rows",
        "1,400 missing or unreadable, 0 infinite and 3 missing-value codes in 3,500 train rows.",
        None,
    ),
    (
        ConstantColumn(column="lot", is_target=False, constant=100.0, train_rows=3500),
        "warning: lot is constant in the train era",
        "Every valid value in 3,500 train rows is 100. Nothing can be learned from it.",
        "Drop lot",
    ),
    (
        ConstantColumn(column="word", is_target=True, constant=None, train_rows=3500),
        "problem: word is constant in the train era",
        "Every valid value in 3,500 train rows is the same. Nothing can be learned from it.",
        None,
    ),
    (
        IdentifierLike(column="id", is_target=False, unique_ratio=1.0, is_text=False),
        "warning: id looks like an identifier",
        "100% of its valid train values are unique integers, sequential or random, like an ID.",
        "Drop id",
    ),
    (
        IdentifierLike(column="order", is_target=True, unique_ratio=0.9714, is_text=True),
        "warning: order looks like an identifier",
        "97.1% of its valid train values are unique texts.",
        None,
    ),
    (
        DeadFeed(**DEAD, is_target=False, in_test=True, train_bad_ratio=None),
        "warning: oil has no valid values after 2020-10-26",
        "It is missing in the last 200 of 5,000 time stamps; 0.4% of the rows before are bad.",
        "Drop oil",
    ),
    (
        DeadFeed(**DEAD, is_target=True, in_test=False, train_bad_ratio=0.571),
        "problem: oil has no valid values after 2020-10-26",
        (
            "It is missing in the last 200 of 5,000 time stamps; 0.4% of the rows before are bad. It has no valid values in "
            "the test era. 57.1% of the train rows are bad."
        ),
        None,
    ),
    (
        LateStart(**LATE, is_target=False, train_bad_ratio=None),
        "info: vix has no valid values before 1990-01-02 09:30:00",
        "It is missing in the first 1,200 of 5,000 time stamps; rows without a value cannot be used.",
        "Drop vix",
    ),
    (
        LateStart(**LATE, is_target=True, train_bad_ratio=0.34),
        "warning: vix has no valid values before 1990-01-02 09:30:00",
        (
            "It is missing in the first 1,200 of 5,000 time stamps; rows without a value cannot be used. 34% of the train "
            "rows are bad."
        ),
        None,
    ),
    (
        SentinelValues(column="oil", share=0.00021, rows=LINES, count=1),
        "warning: oil holds missing-value codes",
        "1 cell, 0.021% of the rows, is treated as missing.",
        None,
    ),
    (
        InfiniteValues(column="ratio", share=0.05, rows=LINES, count=1200),
        "warning: ratio holds infinite values",
        "1,200 cells, 5% of the rows, are treated as missing.",
        None,
    ),
    (
        StaleRun(column="oil", repeated=1.25, since="2020-04-10T00:00:00.000000", series=None, rows=LINES, count=40),
        "warning: oil repeats 1.25 for 40 rows",
        "This starts on 2020-04-10 and lasts longer than chance explains: the feed may have been frozen.",
        None,
    ),
    (
        StaleRun(column="oil", repeated=98765.4, since="2020-04-10T16:00:00.000000", series="A", rows=LINES, count=40),
        "warning: oil repeats 98765.4 for 40 rows in A",
        "This starts on 2020-04-10 16:00:00 and lasts longer than chance explains: the feed may have been frozen.",
        None,
    ),
    (
        NearDuplicate(column="cents", other="close", correlation=0.9999996, on_changes=True),
        "warning: cents repeats close",
        "Their correlation in the train era is 1.000000, on levels and on changes.",
        "Drop cents",
    ),
    (
        NearDuplicate(column="short", other="rate", correlation=-0.99992, on_changes=False),
        "warning: short repeats rate",
        "Their correlation in the train era is -0.999920.",
        "Drop short",
    ),
    (
        CorrelationsLimited(**LIMITED, target="close", compared=1230, not_compared=0),
        "info: Correlations over all rows are computed for 200 of 1,230 numeric columns",
        "These are the columns most correlated with close in the train era. All columns are checked for duplicates.",
        None,
    ),
    (
        CorrelationsLimited(**LIMITED, target=None, compared=1000, not_compared=230),
        "info: Correlations over all rows are computed for 200 of 1,230 numeric columns",
        (
            "These are the first ones by name, because there is no numeric target. 1,000 columns are checked for duplicates, "
            "the other 230 are not."
        ),
        None,
    ),
    (
        RelationsNotJudged(features=("a",), fewest_rows=30),
        "info: 1 relation with the target could not be tested",
        "Fewer than 30 train rows have valid values in both columns, or one of the two does not vary: a.",
        None,
    ),
    (
        RelationsNotJudged(features=tuple("abcdefg"), fewest_rows=30),
        "info: 7 relations with the target could not be tested",
        "Fewer than 30 train rows have valid values in both columns, or one of the two does not vary: a, b, c, d, e and 2 more.",
        None,
    ),
    (
        RelationsCoarse(shifts=60, usual_shifts=400, count=5000),
        "info: Relations of 5,000 features are tested with less precision",
        (
            "Each feature was compared with 60 circular shifts of itself instead of 400, because there are so many features."
        ),
        None,
    ),
    (
        SharedTrend(**TREND, example=ExamplePair(one="oil", other="gold", levels=0.95123, changes=-0.0412)),
        "info: 27 of 28 pairs that correlate above 0.7 on levels fall below 0.3 on changes",
        (
            "They share a trend, which is no evidence of a relation. oil and gold: 0.951 on levels, -0.041 on changes. "
            "Computed on 2,000 of 7,000 train rows, in evenly spaced stretches."
        ),
        None,
    ),
    (
        SharedTrend(**TREND | {"strong": 27, "rows_used": 7000}, example=None),
        "info: All 27 pairs that correlate above 0.7 on levels fall below 0.3 on changes",
        "They share a trend, which is no evidence of a relation. Computed on 7,000 train rows.",
        None,
    ),
]
PLURALS = {
    TextColumn: "hold text or dates",
    ManyBadValues: "have many bad values in the train era",
    ConstantColumn: "are constant in the train era",
    IdentifierLike: "look like identifiers",
    DeadFeed: "have no valid values after some date",
    LateStart: "have no valid values before some date",
    SentinelValues: "hold missing-value codes",
    InfiniteValues: "hold infinite values",
    StaleRun: "repeat one value for unusually long",
    NearDuplicate: "repeat another column",
}


@pytest.mark.parametrize(("finding", "title", "detail", "button"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str, button: str | None) -> None:
    severity, _, text = title.partition(": ")
    assert (finding.severity, finding.title) == (Severity(severity), text)
    assert finding.detail == detail
    assert (finding.remedy.label if finding.remedy else None) == button


@pytest.mark.parametrize("kind", PLURALS)
def test_plural(kind: type[Finding]) -> None:
    assert kind.plural == PLURALS[kind]


@pytest.mark.parametrize(
    ("strong", "vanished", "text"),
    [
        (0, 0, "No pair correlates above 0.7 on levels"),
        (1, 0, "The only pair that correlates above 0.7 on levels does not fall below 0.3 on changes"),
        (1, 1, "The only pair that correlates above 0.7 on levels falls below 0.3 on changes"),
        (28, 0, "None of 28 pairs that correlate above 0.7 on levels falls below 0.3 on changes"),
        (28, 1, "1 of 28 pairs that correlate above 0.7 on levels falls below 0.3 on changes"),
        (2800, 2800, "All 2,800 pairs that correlate above 0.7 on levels fall below 0.3 on changes"),
    ],
)
def test_shared_trends_text(strong: int, vanished: int, text: str) -> None:
    assert shared_trends_text(strong, vanished, 0.7, 0.3) == text


def test_sampled_rows_text() -> None:
    assert sampled_rows_text(2000, 7000) == "2,000 of 7,000 train rows, in evenly spaced stretches"
    assert sampled_rows_text(420, 420) == "420 train rows"
