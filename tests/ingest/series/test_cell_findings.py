"""Findings on cells: each is reported for data with the fault, and not for data that are close but clean."""

from functools import partial

import numpy as np
import pytest

from core.data.columns import Kind
from core.data.dataset import Dataset
from core.findings.ingest.cells import Notation, SentinelDoubtful, UnparseableCells
from core.findings.model import Finding, Severity
from core.ingest.series.cell_findings import AffectedCells, check_cells
from core.recipe.model import Recipe
from core.recipe.remedies import apply_remedy

DAYS = np.arange("2024-01-25", "2024-03-05", dtype="datetime64[D]")


def table(cells, name: str = "x") -> str:
    return "\n".join([f"date;{name}", *(f"{day};{cell}" for day, cell in zip(DAYS, cells, strict=False))])


def dates(form: str, days=DAYS) -> str:
    return "\n".join(["date,x", *(f"{day.astype(object):{form}},{row}.5" for row, day in enumerate(days))])


def found(dataset: Dataset, code: str) -> Finding:
    (only,) = [finding for finding in dataset.findings if finding.code == code]
    return only


NUMBERS = [f"{row}.25" for row in range(len(DAYS))]


@pytest.mark.silent("unparseable-cells", "mixed-column", "number-overflow", "digits-lost", "leading-zeros")
@pytest.mark.silent("number-notation", "thousands-assumed", "zero-values", "sentinel-doubtful", "sentinel-code")
@pytest.mark.silent("month-names", "day-month-proved", "day-month-assumed", "day-month-inferred", "time-zones")
@pytest.mark.silent("time-zone-assumed", "two-digit-years", "time-truncated")
@pytest.mark.parametrize(
    "cells",
    [
        NUMBERS,
        [*NUMBERS[:-1], "n/a"],
        ["1.7e308", *NUMBERS[1:]],
        ["0.12345678901234567", *NUMBERS[1:]],
        [str(row) for row in range(len(DAYS))],
        [f"{row - 5}.5" for row in range(len(DAYS))],
        ["-999", *NUMBERS[1:]],
        ["1e3", *NUMBERS[1:]],
    ],
    ids=["plain", "missing", "large", "precise", "zero to forty", "negatives", "one -999", "exponent"],
)
def test_plain_numbers_are_not_reported(read, cells) -> None:
    assert read(table(cells)).column("x").kind in (Kind.NUMBER, Kind.INTEGER)


@pytest.mark.fires("unparseable-cells")
def test_cells_that_are_not_numbers_are_reported(read) -> None:
    cells = found(read(table([*NUMBERS[:7], "oops", *NUMBERS[8:]])), "unparseable-cells")
    assert (cells.column, cells.rows, cells.count) == ("x", (9,), 1)


@pytest.mark.fires("mixed-column")
def test_a_column_with_too_many_words_is_kept_as_text(read) -> None:
    dataset = read(table([cell if row % 5 else "word" for row, cell in enumerate(NUMBERS)]))
    assert found(dataset, "mixed-column").rows[:2] == (2, 7)
    assert dataset.column("x").kind in (Kind.TEXT, Kind.CATEGORY)


@pytest.mark.fires("number-overflow")
def test_numbers_that_become_infinite_are_reported(read) -> None:
    assert found(read(table(["1e400", *NUMBERS[1:]])), "number-overflow").rows == (2,)


@pytest.mark.fires("digits-lost")
def test_numbers_with_too_many_digits_are_reported(read) -> None:
    assert found(read(table(["0.1234567890123456789", *NUMBERS[1:]])), "digits-lost").rows == (2,)


@pytest.mark.fires("leading-zeros")
def test_codes_with_leading_zeros_are_reported(read) -> None:
    codes = found(read(table([f"{row:06}" for row in range(len(DAYS))])), "leading-zeros")
    assert (codes.column, codes.count, codes.severity) == ("x", None, Severity.INFO)


@pytest.mark.fires("number-notation")
@pytest.mark.parametrize(
    ("cells", "notation", "severity"),
    [
        (["5.5%", "0"], Notation.PERCENT, Severity.INFO),
        (["5.5%", "0.5"], Notation.SOME_PERCENT, Severity.WARNING),
        (["5.5 bps", "1.5 bps"], Notation.BASIS_POINTS, Severity.INFO),
        (["$5", "5"], Notation.CURRENCY, Severity.INFO),
        (["$5", "€5"], Notation.CURRENCIES, Severity.WARNING),
        (["(5.5)", "5"], Notation.PARENTHESES, Severity.WARNING),
        (["5.5-", "5"], Notation.TRAILING_MINUS, Severity.INFO),
        (["5.5M", "5"], Notation.SUFFIXES, Severity.INFO),
        (["1,000.5", "5"], Notation.THOUSANDS, Severity.INFO),
        (["١٢", "5"], Notation.OTHER_DIGITS, Severity.INFO),
    ],
)
def test_a_converted_notation_is_reported(read, cells, notation, severity) -> None:
    report = found(read(table([cells[row % 2] for row in range(len(DAYS))])), "number-notation")
    assert (report.notation, report.columns, report.severity) == (notation, ("x",), severity)


@pytest.mark.fires("thousands-assumed")
def test_an_ambiguous_separator_is_reported(read) -> None:
    assumed = found(read(table(["1,234"] * len(DAYS))), "thousands-assumed")
    assert (assumed.column, assumed.is_proved, assumed.severity) == ("x", False, Severity.WARNING)


@pytest.mark.fires("month-names")
def test_month_names_in_other_languages_are_reported(read) -> None:
    months = ["Januar", "Februar", "März", "April", "Mai", "Juni"]
    names = found(
        read("date,x\n" + "\n".join(f"3. {month} 2021,{row}.5" for row, month in enumerate(months))), "month-names"
    )
    assert names.months == (("mär", "Mar"), ("mai", "May"))


@pytest.mark.silent("month-names")
def test_english_month_names_are_not_reported(read) -> None:
    assert read(dates("%d %b %Y")).findings == ()


@pytest.mark.fires("day-month-proved")
@pytest.mark.silent("day-month-assumed", "day-month-inferred")
def test_a_number_above_twelve_proves_the_day_order(read) -> None:
    proof = found(read(dates("%d/%m/%Y")), "day-month-proved")
    assert (proof.order, proof.line) == ("day first", 2)


@pytest.mark.fires("day-month-assumed")
@pytest.mark.silent("day-month-proved", "day-month-inferred")
def test_ambiguous_dates_are_reported_with_the_other_order_as_remedy(read) -> None:
    dataset = read("date,x\n01/02/2024,1.5\n02/02/2024,2.5\n04/02/2024,3.5\n")
    assumed = found(dataset, "day-month-assumed")
    assert (assumed.order, assumed.example) == ("month first", "01/02/2024")
    assert apply_remedy(Recipe(), assumed.remedy).ingest.day_first is True


@pytest.mark.fires("day-month-inferred")
@pytest.mark.silent("day-month-assumed", "day-month-proved")
@pytest.mark.parametrize(
    ("texts", "order", "by"),
    [
        ([f"{month}/1/{year}" for year in (2020, 2021, 2022) for month in range(1, 13)], "month first", "sequence"),
        ([f"0{day}.02.2024" for day in range(1, 9)], "day first", "marks"),
    ],
)
def test_an_inferred_day_order_is_reported(read, texts, order, by) -> None:
    inferred = found(
        read("date,x\n" + "\n".join(f"{text},{row}.5" for row, text in enumerate(texts))), "day-month-inferred"
    )
    assert (inferred.order, inferred.by) == (order, by)


@pytest.mark.silent("day-month-proved", "day-month-assumed", "day-month-inferred")
def test_a_day_order_that_is_set_is_not_reported(read) -> None:
    assert read(dates("%d/%m/%Y"), day_first=True).day_order is None


@pytest.mark.fires("time-zones", "time-zone-assumed")
def test_time_zones_are_converted_and_missing_ones_reported(read) -> None:
    zones = ["Z", "+01:00", "", "Z", "Z"]
    dataset = read("date,x\n" + "\n".join(f"2024-01-0{row + 1} 10:00{zone},1.5" for row, zone in enumerate(zones)))
    assert (found(dataset, "time-zones").count, found(dataset, "time-zone-assumed").rows) == (4, (4,))


@pytest.mark.fires("time-zones")
@pytest.mark.silent("time-zone-assumed")
def test_times_that_all_have_one_zone_stay_in_it(read) -> None:
    text = "date,x\n" + "\n".join(f"2024-01-0{day} 10:00 +01:00,1.5" for day in range(1, 6))
    assert read(text).start == "2024-01-01T10:00:00.000000"


@pytest.mark.fires("two-digit-years")
def test_two_digit_years_are_reported(read) -> None:
    years = found(read(dates("%d-%b-%y")), "two-digit-years")
    assert (years.first, years.last) == ("2024", "2024")


@pytest.mark.fires("time-truncated")
def test_nanoseconds_are_truncated(read) -> None:
    read("date,x\n" + "\n".join(f"2024-01-01 10:00:0{second}.123456789,1.5" for second in range(8)))


@pytest.mark.silent("time-truncated")
def test_microseconds_are_kept(read) -> None:
    read("date,x\n" + "\n".join(f"2024-01-01 10:00:0{second}.123456,1.5" for second in range(8)))


@pytest.mark.fires("zero-values")
def test_a_zero_among_prices_is_reported(read) -> None:
    zero = found(read(table(["0" if row == 7 else f"{100 + row}.5" for row in range(len(DAYS))])), "zero-values")
    assert (zero.column, zero.rows) == ("x", (9,))
    assert apply_remedy(Recipe(), zero.remedy).ingest.zero_is_missing == ("x",)


@pytest.mark.fires("sentinel-doubtful")
@pytest.mark.silent("sentinel-code")
def test_the_only_negative_value_is_reported_if_it_repeats(read) -> None:
    doubtful = found(
        read(table(["-999" if row % 9 == 0 else 50 * row for row in range(len(DAYS))])), "sentinel-doubtful"
    )
    assert (doubtful.column, doubtful.sentinel, doubtful.count) == ("x", -999, 5)
    assert apply_remedy(Recipe(), doubtful.remedy).ingest.sentinels == (-999,)


@pytest.mark.fires("sentinel-code")
@pytest.mark.silent("sentinel-doubtful")
@pytest.mark.parametrize("settings", [{}, {"find_sentinels": False, "sentinels": (-99.99,)}])
def test_a_repeated_value_far_from_the_others_is_a_code(read, settings) -> None:
    cells = ["-99.99" if row in (3, 20, 30) else f"{row / 50:.2f}" for row in range(len(DAYS))]
    code = found(read(table(cells), **settings), "sentinel-code")
    assert (code.sentinel, code.columns, code.is_found) == (-99.99, ("x",), not settings)
    assert (code.remedy is None) == bool(settings)


@pytest.mark.fires("empty-column")
def test_columns_without_values_are_reported_together(read) -> None:
    text = "date,x,y,z\n" + "\n".join(f"{day},{row}.5,," for row, day in enumerate(DAYS))
    assert found(read(text), "empty-column").columns == ("y", "z")


def affected(count: int) -> list[AffectedCells]:
    return [AffectedCells(column=f"x{number}", rows=np.array([number, 0])) for number in range(count)]


def test_columns_beyond_the_first_twenty_share_one_finding() -> None:
    lines = np.arange(2, 60)
    findings = check_cells(UnparseableCells, affected(25), lines)
    assert [finding.column for finding in findings] == [f"x{number}" for number in range(20)] + [None]
    rest = findings[-1]
    assert (rest.count, rest.cells, rest.rows) == (5, 10, (2, 22, 23, 24, 25, 26))
    assert rest.columns == tuple(f"x{number}" for number in range(20, 25))
    assert [finding.column for finding in check_cells(UnparseableCells, affected(21), lines)][-1] == "x20"
    (doubtful,) = check_cells(partial(SentinelDoubtful, sentinel=-9.0), affected(1), lines)
    assert (doubtful.rows, doubtful.count) == ((2, 2), 2)
