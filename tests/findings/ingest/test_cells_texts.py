"""What the findings on cells say."""

import pytest

from core.findings.catalogue import all_findings
from core.findings.ingest.cells import (
    DayMonthAssumed,
    DayMonthInferred,
    DayMonthProved,
    DigitsLost,
    EmptyColumn,
    LeadingZeros,
    MixedColumn,
    MonthNames,
    Notation,
    NumberFlags,
    NumberNotation,
    NumberOverflow,
    Possible32nds,
    SentinelCode,
    SentinelDoubtful,
    ThousandsAssumed,
    TimeTruncated,
    TimeZoneAssumed,
    TimeZones,
    TwoDigitYears,
    UnparseableCells,
    ZeroValues,
    describe_day_order,
)

TEXTS = [
    (
        ThousandsAssumed(columns=("x",), decimal=".", is_proved=False),
        "',' is read as the thousands separator in x",
        "1,234 is read as 1234: no column proves the decimal separator. Columns: x.",
        None,
    ),
    (
        ThousandsAssumed(columns=("x", "y"), decimal=",", is_proved=True),
        "'.' is read as the thousands separator in 2 columns",
        "1.234 is read as 1234: other columns prove the decimal separator. Columns: x, y.",
        None,
    ),
    (
        MonthNames(column="date", months=(("mär", "Mar"), ("mai", "May"))),
        "date has non-English month names",
        "Read as: mär… = Mar, mai… = May.",
        None,
    ),
    (
        DayMonthProved(column="date", order="day first", line=1042),
        "date is read day first: line 1,042 proves it",
        "The first number in that line is above 12, so it can only be the day.",
        None,
    ),
    (
        DayMonthAssumed(column="date", order="month first", example="01/02/2024"),
        "Dates in date are ambiguous: month first is assumed",
        "'01/02/2024' is read month first. No date has a number above 12, which would prove the order.",
        "Read date day first",
    ),
    (
        DayMonthInferred(column="date", order="month first", by="sequence"),
        "date is read month first",
        "Only this order gives evenly spaced dates. Day first, they would jump back and forth.",
        None,
    ),
    (
        DayMonthInferred(column="date", order="day first", by="marks"),
        "date is read day first",
        "Dates with points between the numbers are written day first.",
        None,
    ),
    (
        TimeZones(column="ts", zone="", count=4),
        "Time zones in ts were converted to UTC",
        "The zones differ, or the clock changes while the market trades.",
        None,
    ),
    (
        TimeZones(column="ts", zone="-04:00 or -05:00", count=4),
        "Times in ts are kept in their own time zone (-04:00 or -05:00)",
        "",
        None,
    ),
    (
        Possible32nds(column="TY", example="110'165", is_number=True),
        "TY may be quoted in 32nds: 110'165",
        "110'165 is read as 110165: the mark \"'\" separates thousands.",
        "Read TY in 32nds",
    ),
    (
        Possible32nds(column="TY", example="110'16+", is_number=False),
        "TY may be quoted in 32nds: 110'16+",
        "The column is kept as text.",
        "Read TY in 32nds",
    ),
    (
        NumberFlags(column="x", flags=(("b", 1), ("p", 4)), rows=(22, 58), count=5),
        "Flags behind numbers were left out: 5 cells in x",
        "Flags: b (1), p (4).",
        None,
    ),
    (
        TimeZoneAssumed(column="ts", rows=(4,), count=1),
        "Times without a time zone in ts: 1 row",
        "Other rows have a time zone. These are read as UTC.",
        None,
    ),
    (
        TwoDigitYears(column="date", first="1963", last="2024"),
        "date has two-digit years",
        "They are read as 1963 to 2024.",
        None,
    ),
    (
        TwoDigitYears(column="date", first="2024", last="2024"),
        "date has two-digit years",
        "They are read as 2024.",
        None,
    ),
    (TimeTruncated(column="ts"), "ts is truncated to microseconds", "Finer digits are dropped.", None),
    (
        UnparseableCells(columns=("close",), cells=1, rows=(9,)),
        "1 cell in close cannot be parsed",
        "They count as missing. Their text is in the list of bad cells.",
        None,
    ),
    (
        UnparseableCells(columns=("a", "b", "c"), cells=1234, rows=(9,)),
        "1,234 cells in 3 more columns cannot be parsed",
        "They count as missing. Their text is in the list of bad cells. Columns: a, b, c.",
        None,
    ),
    (
        NumberOverflow(columns=("x",), cells=2, rows=(9,)),
        "Numbers that overflow to infinity: 2 cells in x",
        "A 64-bit float holds no number above 1.8e308.",
        None,
    ),
    (
        DigitsLost(columns=("id",), cells=2, rows=(9,)),
        "Numbers with more digits than can be kept: 2 cells in id",
        "A 64-bit float keeps about 16 significant digits. If these are identifiers, they are no longer exact.",
        None,
    ),
    (
        MixedColumn(columns=("x",), cells=7, rows=(9,)),
        "Kept as text, because 7 cells cannot be parsed: x",
        "A column is read as numbers if 95% of its cells are numbers, and as times if 80% are times. The "
        "lines are those of the other cells.",
        None,
    ),
    (LeadingZeros(columns=("isin",)), "Codes with leading zeros, kept as text: isin", "", None),
    (
        ZeroValues(columns=("close",), cells=1, rows=(9,)),
        "0 in 1 cell of close, far from its other values",
        "A price cannot be 0, and a volume rarely is: 0 may mean missing. It counts as a number until you decide.",
        "Treat 0 as missing in close",
    ),
    (
        ZeroValues(columns=("a", "b"), cells=5, rows=(9,)),
        "0 in 5 cells of 2 more columns, far from its other values",
        "A price cannot be 0, and a volume rarely is: 0 may mean missing. It counts as a number until you "
        "decide. Columns: a, b.",
        "Treat 0 as missing in 2 columns",
    ),
    (
        SentinelDoubtful(columns=("volume",), cells=5, rows=(2,), sentinel=-999.0),
        "-999 in 5 cells of volume, its only negative value",
        "Such a number is often a code for a missing value. It counts as a number until you decide.",
        "Treat -999 as missing",
    ),
    (EmptyColumn(columns=("y",)), "y has no values", "", None),
    (EmptyColumn(columns=("y", "z")), "2 columns have no values", "Empty: y, z.", None),
    (
        SentinelCode(sentinel=-99.99, columns=("x",), is_found=True),
        "-99.99 is treated as missing in 1 column",
        "It repeats, and is far outside the range of the other values. Columns: x.",
        "Treat such codes as numbers",
    ),
    (
        SentinelCode(sentinel=-1.0, columns=("x", "y"), is_found=False),
        "-1 is treated as missing in 2 columns",
        "It is set in the settings. Columns: x, y.",
        None,
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail", "label"), TEXTS)
def test_the_texts_of_a_finding_are_pinned(finding, title, detail, label) -> None:
    assert (finding.title, finding.detail) == (title, detail)
    assert (finding.remedy and finding.remedy.label) == label


def test_every_kind_of_the_module_is_pinned() -> None:
    kinds = {kind for kind in all_findings().values() if kind.__module__ == "core.findings.ingest.cells"}
    assert {type(text[0]) for text in TEXTS} | {NumberNotation} == kinds


@pytest.mark.parametrize(
    ("notation", "title", "detail"),
    [
        (Notation.PERCENT, "Numbers with percent signs were converted", "5.5% is read as 0.055. Columns: x."),
        (
            Notation.SOME_PERCENT,
            "Numbers with percent signs in some cells were converted",
            "5.5% is read as 0.055, but numbers without the sign are not divided by 100. Is that intended? Columns: x.",
        ),
        (Notation.BASIS_POINTS, "Numbers with basis points were converted", "12.5 bps is read as 0.00125. Columns: x."),
        (
            Notation.CURRENCY,
            "Numbers with currency signs were converted",
            "The sign is dropped. Amounts are not converted between currencies. Columns: x.",
        ),
        (
            Notation.CURRENCIES,
            "Numbers with signs of several currencies were converted",
            "The signs are dropped and amounts are not converted, so they are not comparable. Columns: x.",
        ),
        (
            Notation.PARENTHESES,
            "Numbers with parentheses were converted",
            "Accounting notation is assumed: (300.25) is read as -300.25. Columns: x.",
        ),
        (
            Notation.TRAILING_MINUS,
            "Numbers with trailing minus signs were converted",
            "300- is read as -300. Columns: x.",
        ),
        (
            Notation.SUFFIXES,
            "Numbers with suffixes such as K, M or B were converted",
            "12.09M is read as 12090000. Columns: x.",
        ),
        (
            Notation.THOUSANDS,
            "Numbers with thousands separators were converted",
            "The decimal separator is '.'. Separators between groups of three digits are dropped. Columns: x.",
        ),
        (
            Notation.THIRTY_SECONDS,
            "Numbers with 32nds were converted",
            "110'165 is read as 110 + 16.5/32 = 110.515625. Columns: x.",
        ),
        (
            Notation.OTHER_DIGITS,
            "Numbers with digits of other scripts were converted",
            "١٢ or １２ is read as 12. Columns: x.",
        ),
    ],
)
def test_the_texts_of_a_notation_are_pinned(notation, title, detail) -> None:
    finding = NumberNotation(notation=notation, columns=("x",), decimal=".")
    assert (finding.title, finding.detail) == (title, detail)


@pytest.mark.parametrize(
    ("order", "proof", "line", "text"),
    [
        ("day first", "range", 1042, "day first, proved by line 1,042"),
        ("month first", "sequence", None, "month first, inferred from evenly spaced dates"),
        ("day first", "marks", None, "day first, as always with points"),
        ("month first", "assumed", None, "month first, assumed"),
    ],
)
def test_the_description_of_the_day_order_is_pinned(order, proof, line, text) -> None:
    assert describe_day_order(order, proof, line) == text
