"""Flags, 32nds, epochs of changing units, intervals and offsets: each is read or reported, and close cases stay silent."""

import datetime

import pytest

from core.findings.ingest.rows import TimeCode
from core.recipe.model import Recipe
from core.recipe.remedies import apply_remedy

DAYS = [f"2024-{month:02}-01" for month in range(1, 13)] + [f"2025-{month:02}-01" for month in range(1, 13)]
MS = [1_735_516_800_000 + 86_400_000 * day for day in range(40)]


def table(cells: list[str], name: str = "x", delimiter: str = ";") -> str:
    return "\n".join(
        [f"Date{delimiter}{name}", *(f"{day}{delimiter}{cell}" for day, cell in zip(DAYS, cells, strict=False))]
    )


def found(dataset, code: str):
    return [finding for finding in dataset.findings if finding.code == code]


@pytest.mark.fires("number-flags")
@pytest.mark.parametrize("flag", [" p", " e", "*", " (r)", "(P)", " bu"])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("share", [1, 9])
def test_flags_are_left_out_and_listed(read, flag: str, whole: bool, share: int) -> None:
    numbers = [100 + place if whole else 100.5 + place for place in range(24)]
    cells = [f"{number}{flag if place < share else ''}" for place, number in enumerate(numbers)]
    dataset = read(table(cells))
    assert dataset.read(["x"])["x"].tolist() == numbers
    (finding,) = found(dataset, "number-flags")
    assert (finding.count, finding.flags) == (share, ((flag.strip(" ()"), share),))


def test_b_is_a_flag_beside_numbers_of_its_size_and_a_billion_elsewhere(read) -> None:
    cells = [f"{97.5 + place}" for place in range(24)]
    cells[4] += " b"
    assert read(table(cells)).read(["x"])["x"][4] == 101.5
    cells = [f"{980_000 + place}" for place in range(24)]
    cells[4] = "1.2 b"
    assert read(table(cells)).read(["x"])["x"][4] == 1.2e9


@pytest.mark.silent("number-flags")
@pytest.mark.parametrize(
    "cells",
    [
        ["12.5 M", "980 K"] * 12,
        ["12 USD"] * 24,
        [f"{place} {name}" for place, name in enumerate("ABCDEFGHIJKLMNOPQRSTUVWX")],
    ],
)
def test_units_currencies_and_names_are_no_flags(read, cells: list[str]) -> None:
    read(table(cells))


@pytest.mark.fires("possible-32nds")
def test_prices_in_32nds_are_offered(read) -> None:
    cells = [f"110'{ticks:02}{part}" for ticks in range(0, 32, 4) for part in "025"]
    dataset = read(table(cells))
    (finding,) = found(dataset, "possible-32nds")
    assert finding.example == "110'002"
    assert dataset.read(["x"])["x"][1] == 110_002
    recipe = apply_remedy(Recipe(), finding.remedy)
    assert recipe.ingest.thirty_seconds == ("x",)
    again = read(table(cells), thirty_seconds=("x",))
    assert again.read(["x"])["x"].tolist() == [
        110 + (ticks + part) / 32 for ticks in range(0, 32, 4) for part in (0, 0.25, 0.5)
    ]


def test_a_plus_is_half_a_32nd(read) -> None:
    cells = [f"99'{place:02}+" for place in range(24)]
    assert found(read(table(cells)), "possible-32nds")[0].is_number is False
    assert read(table(cells), thirty_seconds=("x",)).read(["x"])["x"][3] == 99 + 3.5 / 32


@pytest.mark.silent("possible-32nds")
def test_swiss_thousands_are_numbers(read) -> None:
    assert read(table([f"1'{234 + place}" for place in range(24)])).read(["x"])["x"][0] == 1234


@pytest.mark.fires("epoch-unit-changes")
@pytest.mark.parametrize(("early", "late"), [(1, 1_000), (1_000, 1), (0.001, 1), (1, 1_000_000)])
@pytest.mark.parametrize("change", [1, 3, 20, 39])
@pytest.mark.parametrize("name", ["open_time", ""])
def test_each_epoch_is_decoded_by_its_size(read, early: float, late: float, change: int, name: str) -> None:
    stamps = [int(stamp * (early if place < change else late)) for place, stamp in enumerate(MS)]
    rows = [f"{stamp},{place}.5" for place, stamp in enumerate(stamps)]
    dataset = read("\n".join([*([f"{name},close"] if name else []), *rows]))
    assert (dataset.start, dataset.end, dataset.rows) == (
        "2024-12-30T00:00:00.000000",
        "2025-02-07T00:00:00.000000",
        40,
    )
    (finding,) = found(dataset, "epoch-unit-changes")
    assert finding.line == change + 1 + bool(name)
    assert isinstance(finding.first_unit, TimeCode)


@pytest.mark.silent("epoch-unit-changes")
def test_a_missing_epoch_is_no_date_of_1970(read) -> None:
    rows = [f"{0 if place == 7 else stamp},{place}.5" for place, stamp in enumerate(MS)]
    dataset = read("\n".join(["time,close", *rows]))
    assert (dataset.rows, dataset.start[:4]) == (39, "2024")
    assert found(dataset, "rows-without-time")[0].rows == (9,)


@pytest.mark.fires("interval-starts")
@pytest.mark.parametrize(
    "form",
    [
        "{day} 00:00 - {day} 01:00",
        "{day} 00:00 – {day} 01:00",
        "{day}T00:00/{day}T01:00",
        "{day} 00:00 - 01:00",
        "{day} to {day}",
    ],
)
def test_an_interval_is_dated_by_its_start(read, form: str) -> None:
    rows = [f"{form.format(day=day)},{place}.5" for place, day in enumerate(DAYS)]
    dataset = read("\n".join(["period,x", *rows]))
    assert (dataset.start[:16], dataset.rows) == ("2024-01-01T00:00", 24)


@pytest.mark.silent("interval-starts")
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d %b %Y"])
def test_dates_with_marks_are_no_intervals(read, form: str) -> None:
    rows = [f"{datetime.date.fromisoformat(day).strftime(form)},{place}.5" for place, day in enumerate(DAYS)]
    assert read("\n".join(["Date,x", *rows])).rows == 24


# A second row in another zone, so times are in UTC.
ELSEWHERE = {"30": ["30.03.2024 23:00:00.000 GMT+0800"], "20": ["2024-04-02 22:00 UTC+09:00"]}


@pytest.mark.parametrize(
    ("cell", "stamp"),
    [
        ("30.03.2024 22:00:00.000 GMT+0100", "2024-03-30T21:00"),
        ("2024-03-30 22:00 UTC+01:00", "2024-03-30T21:00"),
        ("2024-03-30 22:00 UTC-5", "2024-03-31T03:00"),
        ("2024-03-30 22.15.30 UTC+2", "2024-03-30T20:15"),
        ("90.01.31", "1990-01-31T00:00"),
    ],
)
def test_offsets_clocks_with_points_and_short_years_in_front(read, cell: str, stamp: str) -> None:
    rows = [f"{cell},1.5", *(f"{other},2.5" for other in ELSEWHERE.get(cell[:2], ()))]
    dataset = read("\n".join(["Date,x", *rows]))
    assert stamp in {dataset.start[:16], dataset.end[:16]}


@pytest.mark.parametrize(
    "name", ["Date", "Datum", "Fecha", "Data", "Dato", "Tarih", "Dátum", "Päivä", "日期", "日付", "날짜", "Дата"]
)
def test_excel_day_numbers_are_read_under_names_of_dates(read, name: str) -> None:
    dataset = read("\n".join([f"{name};x", *(f"{44_200 + place};{place},5" for place in range(30))]))
    assert (dataset.time_column, dataset.start[:10]) == (name, "2021-01-04")


@pytest.mark.fires("time-zones")
def test_times_of_one_market_stay_in_its_zone(read) -> None:
    rows = ["2024-03-08 00:00:00-05:00,1.5", "2024-03-11 00:00:00-04:00,2.5", "2024-03-12 00:00:00-04:00,3.5"]
    dataset = read("\n".join(["Date,x", *rows]))
    assert (dataset.start[:16], dataset.end[:16]) == ("2024-03-08T00:00", "2024-03-12T00:00")
    assert found(dataset, "time-zones")[0].zone == "-04:00 or -05:00"


@pytest.mark.parametrize("zones", [["+01:00"] * 3 + ["+02:00"] * 3, ["+09:00", "-05:00"] * 3])
def test_times_of_several_zones_or_through_a_change_of_the_clock_are_in_utc(read, zones: list[str]) -> None:
    hours = [0, 1, 2, 4, 5, 6] if zones[0] == "+01:00" else range(6)
    rows = [f"2024-03-31 {hour:02}:00{zone},{hour}.5" for hour, zone in zip(hours, zones, strict=True)]
    assert found(read("\n".join(["Date,x", *rows])), "time-zones")[0].zone == ""


def test_a_few_impossible_dates_are_bad_cells(read) -> None:
    cells = [*DAYS]
    cells[5] = "9999-12-31"
    dataset = read("\n".join(["Date,x", *(f"{day},{place}.5" for place, day in enumerate(cells))]))
    assert (dataset.rows, dataset.end[:4]) == (23, "2025")
    assert found(dataset, "rows-without-time")[0].rows == (7,)
