"""Reading a file into a data set: roles, order, frequency, encoding, sentinels and the choice of the target."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.columns import LINE, Kind
from core.data.dataset import Dataset
from core.data.store import dataset_key, load_dataset
from core.errors.data import DamagedDataset
from core.errors.files import (
    DamagedParquet,
    DamagedZip,
    EmptyFile,
    FileUnreadable,
    InvalidDelimiter,
    NoDataRows,
    NoNamedSeries,
    NoNumericColumn,
    NoTarget,
    NotATable,
    UnknownEncoding,
    UnusableTarget,
)
from core.errors.model import DataError, RecipeError, Stopped
from core.errors.series import NoDates, NotATimeColumn
from core.findings.model import Severity
from core.ingest import reader
from core.ingest import step as ingest_step
from core.ingest.layout.encodings import HEAD_BYTES
from core.ingest.reader import read_table
from core.ingest.target import propose_target, require_target
from core.recipe.model import IngestSettings, Recipe
from core.recipe.remedies import apply_remedy, holds_remedy

DAYS = [f"2024-01-{day:02}" for day in range(1, 32)]
PRICES = "Date,Close\n" + "".join(f"{day},{100 + place}.5\n" for place, day in enumerate(DAYS))


def codes(dataset: Dataset) -> set[str]:
    return {finding.code for finding in dataset.findings}


def finding(dataset: Dataset, code: str):
    return next(finding for finding in dataset.findings if finding.code == code)


def panel(names: str = "AB", days: list[str] = DAYS) -> list[str]:
    return [f"{day},{name},{ord(name)}.{place}" for place, day in enumerate(days) for name in names]


def test_a_clean_file_has_no_findings(read) -> None:
    assert read(PRICES).findings == ()


def test_the_same_file_gives_the_same_data_set(read, tmp_path) -> None:
    first, second = read(PRICES), read(PRICES)
    assert (first.key, first.fingerprint, first.columns) == (second.key, second.fingerprint, second.columns)
    assert (first.folder / "table-0000.parquet").read_bytes() == (second.folder / "table-0000.parquet").read_bytes()


def test_the_key_depends_only_on_how_the_file_is_read(tmp_path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(PRICES)
    key = dataset_key(source, IngestSettings())
    assert key == dataset_key(source, IngestSettings(target="Close", availability_lag={"Close": 2}))
    assert key != dataset_key(source, IngestSettings(decimal=","))
    assert read_table(source, IngestSettings(target="Close"), tmp_path / "d").key == key


def test_a_data_set_is_loaded_as_it_was_written_and_a_damaged_one_is_rejected(read) -> None:
    dataset = read(PRICES)
    assert load_dataset(dataset.folder) == dataset
    moved = dataset.folder.rename(dataset.folder.with_name("moved"))
    assert load_dataset(moved).read(["Close"]).shape == (31, 1)
    (moved / "dataset.json").write_text("{")
    with pytest.raises(DamagedDataset):
        load_dataset(moved)


def test_reading_an_unknown_column_suggests_the_nearest_name(read) -> None:
    dataset = read(PRICES)
    frame = dataset.read()
    assert frame.columns.tolist() == ["Date", "Close"] and str(frame["Date"].dtype) == "datetime64[us]"
    assert dataset.read([LINE])[LINE].tolist() == list(range(2, 33))
    for wrong in (lambda: dataset.read(["Clsoe"]), lambda: dataset.column("Clsoe")):
        with pytest.raises(RecipeError, match="nearest name is 'Close'"):
            wrong()


def test_a_file_with_the_newest_rows_first_is_reversed(read) -> None:
    head, *rows = PRICES.splitlines()
    dataset = read("\n".join([head, *rows[::-1]]))
    assert dataset.read()["Close"].is_monotonic_increasing
    assert dataset.read([LINE])[LINE].tolist() == list(range(32, 1, -1))
    assert codes(dataset) == {"newest-first"}


def test_a_series_column_is_recognised_if_time_stamps_repeat(read) -> None:
    dataset = read("\n".join(["day,ticker,price", *panel()]))
    assert dataset.series_column == "ticker" and codes(dataset) == {"series-column"}
    frame = dataset.read()
    assert frame["ticker"].tolist() == ["A"] * 31 + ["B"] * 31 and dataset.frequency == "D"


def test_a_category_that_does_not_make_time_stamps_unique_is_no_series_column(read) -> None:
    rows = [f"{day},{'up' if place % 2 else 'down'},{place}" for place, day in enumerate(DAYS)]
    dataset = read("\n".join(["day,direction,price", *rows, "2024-01-31,up,5"]))
    assert dataset.series_column is None and "duplicate-times" in codes(dataset)


def test_a_gap_in_one_series_is_not_hidden_by_another(read) -> None:
    rows = [row for row in panel() if not ("2024-01-10" <= row[:10] <= "2024-01-20" and ",B," in row)]
    assert finding(read("\n".join(["day,ticker,price", *rows])), "time-gaps").count == 1


def test_weekends_and_holidays_are_not_gaps(read) -> None:
    days = pd.bdate_range("2024-01-01", "2024-12-31").drop(["2024-03-29", "2024-12-25", "2024-12-26"])
    rows = [f"{day:%Y-%m-%d},{place}.5" for place, day in enumerate(days)]
    dataset = read("\n".join(["Date,x", *rows]))
    assert dataset.frequency == "B" and "time-gaps" not in codes(dataset)
    assert "time-gaps" in codes(read("\n".join(["Date,x", *rows[:100], *rows[110:]])))


@pytest.mark.parametrize(
    ("frequency", "alias"),
    [
        ("D", "D"),
        ("B", "B"),
        ("h", "h"),
        ("5min", "5min"),
        ("W-WED", "W-WED"),
        ("MS", "MS"),
        ("ME", "ME"),
        ("BME", "BME"),
        ("QS", "QS-JAN"),
        ("QE", "QE-DEC"),
        ("YS", "YS-JAN"),
    ],
)
def test_the_frequency_is_inferred(frequency: str, alias: str, read) -> None:
    times = pd.date_range("2001-01-01", periods=60, freq=frequency)
    dataset = read("\n".join(["time,x", *(f"{time},{place}.5" for place, time in enumerate(times))]))
    assert dataset.frequency == alias and "time-gaps" not in codes(dataset)
    following = pd.tseries.frequencies.to_offset(dataset.frequency) + pd.Timestamp(dataset.end)
    assert following == pd.date_range(times[-1], periods=2, freq=frequency)[1]


def test_the_time_column_can_be_set_and_an_unknown_name_is_rejected(read) -> None:
    text = "date,settled,x\n2024-01-01,2024-02-01,1\n2024-01-02,2024-02-02,2\n"
    assert read(text).time_column == "date"
    assert read(text, time_column="settled").start.startswith("2024-02-01")
    with pytest.raises(RecipeError, match="nearest name is 'settled'"):
        read(text, time_column="setled")
    with pytest.raises(NotATimeColumn):
        read("date,word\n2024-01-01,a\n2024-01-02,b\n", time_column="word")


def test_a_list_of_things_is_rejected(read) -> None:
    with pytest.raises(NoDates) as caught:
        read("name,size\nalpha,1\nbeta,2\ngamma,3\n")
    assert caught.value.column == "name"


def test_rows_without_a_time_are_counted_and_reported_as_a_problem(read) -> None:
    dataset = read("a,b\n3,4\n1,2\n2,9\n")
    assert dataset.read(["a"])["a"].tolist() == [3, 1, 2]
    assert finding(dataset, "no-time-column").severity == Severity.PROBLEM
    assert dataset.time_column not in {column.name for column in dataset.columns}
    again = read("a,b\n3,4\n1,2\n2,9\n", time_column=dataset.time_column)
    assert again.time_column == dataset.time_column and "no-time-column" not in codes(again)


def test_columns_of_dates_and_times_of_day_are_joined(read) -> None:
    rows = [f"{day},{hour:02}:30,{hour}" for day in DAYS[:3] for hour in (9, 10, 11)]
    dataset = read("\n".join(["date,time,x", *rows]))
    assert dataset.start == "2024-01-01T09:30:00.000000" and "duplicate-times" not in codes(dataset)
    assert "date-and-clock-joined" in codes(dataset)


def test_rows_with_an_unreadable_time_are_dropped_and_reported(read) -> None:
    head, *rows = PRICES.splitlines()
    rows[4] = "unknown,7"
    dataset = read("\n".join([head, *rows]))
    assert dataset.rows == 30 and finding(dataset, "rows-without-time").rows == (6,)
    assert "6,Date,unknown" in (dataset.folder / "bad_cells.csv").read_text()


def test_a_repeated_header_in_the_middle_is_not_a_row(read) -> None:
    head, *rows = PRICES.splitlines()
    dataset = read("\n".join([head, *rows[:10], head, *rows[10:]]))
    assert dataset.rows == 31 and dataset.column("Close").kind == Kind.NUMBER
    assert finding(dataset, "rows-without-time").rows == (12,)


@pytest.mark.fires("header-rows")
def test_three_header_rows_of_yfinance_are_combined(read) -> None:
    text = "Price,Close,High\nTicker,AAPL,AAPL\nDate,,\n2024-01-01,1.5,2.5\n2024-01-02,1.6,2.6\n"
    dataset = read(text)
    assert [column.name for column in dataset.columns] == ["Date", "Close", "High"]
    assert dataset.header_rows == 3 and dataset.rows == 2
    two = read(text.replace("AAPL,AAPL", "AAPL,MSFT"))
    assert [column.name for column in two.columns] == ["Date", "Close AAPL", "High MSFT"]


@pytest.mark.fires("no-header")
@pytest.mark.silent("renamed-columns")
def test_columns_of_a_file_without_header_are_numbered(read) -> None:
    dataset = read("2024-01-01,1.5,2\n2024-01-02,1.6,3\n")
    assert [column.name for column in dataset.columns] == ["column_1", "column_2", "column_3"]
    assert dataset.rows == 2 and "no-header" in codes(dataset)


@pytest.mark.silent("no-header", "renamed-columns")
def test_trailing_delimiters_add_no_column(read) -> None:
    dataset = read("Date,x\n2024-01-01,1,\n2024-01-02,2,\n2024-01-03,3,\n")
    assert [column.name for column in dataset.columns] == ["Date", "x"]
    assert dataset.column("x").kind == Kind.INTEGER and dataset.rows == 3


@pytest.mark.fires("renamed-columns")
def test_an_index_without_a_name_is_a_column(read) -> None:
    dataset = read("Date,x\n0,2024-01-01,1\n1,2024-01-02,2\n2,2024-01-03,3\n")
    assert [column.name for column in dataset.columns] == ["column_1", "Date", "x"]


def test_a_quoted_cell_may_span_several_lines(read) -> None:
    dataset = read('Date,note,x\n2024-01-01,"a\nb, c",1\n2024-01-02,ok,2\n')
    assert dataset.read(["note"])["note"].tolist() == ["a\nb, c", "ok"]
    assert dataset.read([LINE])[LINE].tolist() == [2, 4]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_line_ends_and_encodings_do_not_change_values(end: str, encoding: str, read) -> None:
    dataset = read(PRICES.replace("Close", "Schluß").replace("\n", end).encode(encoding))
    assert dataset.read(["Schluß"])["Schluß"].tolist() == [100.5 + place for place in range(31)]
    assert ("encoding-assumed" in codes(dataset)) == (encoding in ("cp1252", "utf-16-le", "utf-16-be"))


@pytest.mark.parametrize(
    ("far", "encoding", "note"),
    [
        pytest.param("straße".encode(), "utf-8", "straße", marks=pytest.mark.silent("encoding-assumed"), id="utf-8"),
        pytest.param(
            "straße".encode("cp1252"), "cp1252", "straße", marks=pytest.mark.fires("encoding-assumed"), id="cp1252"
        ),
        pytest.param("große Straße ".encode() + b"\xff", "utf-8", "große Straße \ufffd", id="an invalid byte"),
        pytest.param(b"strasse", "utf-8", "strasse", id="ASCII"),
    ],
)
def test_a_letter_far_below_the_first_bytes_determines_the_encoding(far: bytes, encoding: str, note: str, read) -> None:
    days = pd.date_range("2000-01-01", periods=6000).strftime("%Y-%m-%d")
    lines = [f"{day},a plain note,{place}.5" for place, day in enumerate(days)]
    content = "\n".join(["Date,note,x", *lines]).encode().replace(b"a plain note,5500.5", far + b",5500.5")
    assert content.index(far) > 2 * HEAD_BYTES
    dataset = read(content)
    assert (dataset.encoding, dataset.rows, dataset.read(["note"])["note"][5500]) == (encoding, 6000, note)
    assert ("encoding-assumed" in codes(dataset)) == (encoding == "cp1252")
    assert ("undecodable-bytes" in codes(dataset)) == ("\ufffd" in note)


def test_encoding_and_delimiter_can_be_set_and_invalid_ones_are_rejected(read) -> None:
    assert read("Date|x\n2024-01-01|1\n2024-01-02|2\n", delimiter="|", encoding="latin-1").rows == 2
    with pytest.raises(UnknownEncoding):
        read(PRICES, encoding="klingon")
    with pytest.raises(InvalidDelimiter):
        read(PRICES, delimiter="<>")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (b"\n\n  \n", EmptyFile),
        (b"Date,Close\n", NoDataRows),
        (b"PK\x03\x04....", DamagedZip),
        (b"PAR1\x15\x04....PAR1", DamagedParquet),
        (b'{"a": 1}', NotATable),
        (bytes(range(256)) * 20, NotATable),
    ],
)
def test_a_file_without_a_table_is_rejected(content: bytes, error: type[DataError], read) -> None:
    with pytest.raises(error):
        read(content)


def test_a_missing_file_is_rejected(tmp_path) -> None:
    with pytest.raises(FileUnreadable):
        read_table(tmp_path / "nowhere.csv", IngestSettings(), tmp_path / "d")


def test_random_bytes_never_crash_the_reader(read) -> None:
    chance = np.random.default_rng(0)
    whole = (PRICES + '2024-02-01,"a\nb",5\n').encode()
    for _ in range(60):
        broken = bytearray(whole)
        for place in chance.integers(0, len(broken), 8):
            broken[place] = chance.integers(0, 256)
        try:
            dataset = read(bytes(broken))
        except (DataError, RecipeError) as error:
            assert error.message
        else:
            json.loads((dataset.folder / "dataset.json").read_bytes())


def volumes(*codes: float) -> str:
    values = [codes[place % len(codes)] if place % 9 == 0 else 40 * place for place in range(60)]
    days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
    return "\n".join(["date,x,y", *(f"{day},{value},{value % 7}" for day, value in zip(days, values, strict=True))])


def test_a_possible_sentinel_is_proposed_and_counted_once_accepted(read) -> None:
    dataset = read(volumes(-999))
    (found,) = [finding for finding in dataset.findings if finding.code == "sentinel-doubtful"]
    assert (found.column, found.sentinel) == ("x", -999)
    assert (found.rows[:2], found.count, dataset.column("x").sentinels) == ((2, 11), 7, ())
    accepted = apply_remedy(Recipe(), found.remedy)
    assert accepted.ingest.sentinels == (-999,) and holds_remedy(accepted, found.remedy)
    again = read(volumes(-999), sentinels=accepted.ingest.sentinels)
    assert (again.column("x").sentinels, again.column("x").bad.sentinel) == ((-999,), 7)
    assert "sentinel-doubtful" not in [finding.code for finding in again.findings]


@pytest.mark.parametrize("codes", [(-999, -998), (-7,), (0,)])
def test_ordinary_negative_numbers_are_not_proposed_as_sentinels(read, codes) -> None:
    assert "sentinel-doubtful" not in [finding.code for finding in read(volumes(*codes)).findings]


def test_detected_and_configured_sentinels_are_counted(read) -> None:
    chance = np.random.default_rng(0)
    values = chance.normal(size=200).round(4)
    values[[3, 50, 51, 90]] = -99.99
    days = pd.date_range("2024-01-01", periods=200)
    text = "\n".join(
        ["Date,x,y", *(f"{day:%Y-%m-%d},{x},{7 if x < -1 else x}" for day, x in zip(days, values, strict=True))]
    )
    dataset = read(text)
    assert dataset.column("x").sentinels == (-99.99,) and dataset.column("x").bad.sentinel == 4
    assert dataset.column("y").sentinels == ()
    assert read(text, sentinels=(7.0,)).column("y").sentinels == (7.0,)


def test_booleans_and_categories_are_recognised(read) -> None:
    rows = [f"{day},{'yes' if place % 2 else 'no'},{'xyz'[place % 3]},{place}" for place, day in enumerate(DAYS)]
    dataset = read("\n".join(["Date,open,mood,x", *rows]))
    kinds = [column.kind for column in dataset.columns]
    assert kinds == [Kind.TIME, Kind.BOOLEAN, Kind.CATEGORY, Kind.INTEGER]
    frame = dataset.read()
    assert frame["open"].dtype == np.float64 and frame["open"].tolist()[:3] == [0.0, 1.0, 0.0]


def test_the_ticker_na_is_not_missing(read) -> None:
    rows = [f"{day},{name},1.5" for day in DAYS for name in ("AAPL", "NA", "NAN")]
    dataset = read("\n".join(["Date,ticker,x", *rows]))
    assert dataset.series_column == "ticker" and dataset.column("ticker").bad.missing == 0


@pytest.mark.parametrize("setting", ["ignore", "zero_is_missing"])
def test_unknown_columns_in_a_list_are_ignored_and_reported(read, setting) -> None:
    dataset = read(PRICES, **{setting: ("Clos", "vix", "Close")})
    found = finding(dataset, "absent-columns")
    assert (found.names, found.kind) == (("Clos", "vix"), "column")
    assert found.severity is Severity.WARNING and found.count == 2
    assert found.nearest == (("Clos", "Close"),)
    assert codes(read(PRICES, **{setting: ("Close",)})) == set()


@pytest.mark.parametrize(("setting", "role"), [("time_column", "time column"), ("series_column", "series column")])
def test_an_unknown_column_as_a_role_is_rejected(read, setting, role) -> None:
    with pytest.raises(RecipeError) as caught:
        read(PRICES, **{setting: "Dat"})
    assert caught.value.message == f"The recipe names 'Dat' as the {role}, but this file has no such column."
    assert caught.value.hint == "The nearest name is 'Date'."


def test_an_unknown_target_is_rejected(read) -> None:
    with pytest.raises(RecipeError) as caught:
        require_target(read(PRICES), "Clos")
    assert caught.value.message == "The recipe names 'Clos' as the target, but this file has no such column."


def test_ignored_dates_are_not_chosen(read) -> None:
    text = "date,other_date,x\n2024-01-01,2024-02-01,1\n2024-01-02,2024-02-02,2\n"
    assert read(text, ignore=("date",)).time_column == "other_date"


def test_a_stop_is_obeyed(tmp_path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(PRICES)
    with pytest.raises(Stopped):
        read_table(source, IngestSettings(), tmp_path / "d", should_stop=lambda: True)
    assert not (tmp_path / "d").exists()


def test_target_is_proposed_and_required(read) -> None:
    dataset = read("Date,open,adj close,word,flat\n2024-01-01,1,2.5,a,3\n2024-01-02,2,2.6,b,3\n")
    assert propose_target(dataset) == "adj close"
    assert propose_target(read("Date,open_close,return\n2024-01-01,1,2.5\n2024-01-02,2,2.6\n")) == "return"
    assert require_target(dataset, "open") == "open"
    for wrong, reason in (("word", "not-numeric"), ("flat", "constant"), ("Date", "time")):
        with pytest.raises(UnusableTarget) as caught:
            require_target(dataset, wrong)
        assert (caught.value.column, caught.value.reason) == (wrong, reason)
    with pytest.raises(NoTarget) as missing:
        require_target(dataset, None)
    assert missing.value.proposed == "adj close"
    with pytest.raises(NoNumericColumn):
        propose_target(read("Date,word\n2024-01-01,a\n2024-01-02,b\n"))


def test_a_series_column_or_an_empty_column_is_no_target(read) -> None:
    dataset = read("\n".join(["day,ticker,price,none", *(f"{row}," for row in panel("12"))]), series_column="ticker")
    for wrong, reason in (("ticker", "series"), ("none", "no-value")):
        with pytest.raises(UnusableTarget) as caught:
            require_target(dataset, wrong)
        assert caught.value.reason == reason


def test_a_file_with_a_known_fingerprint_is_not_hashed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("Date,Close\n2024-01-01,1.5\n2024-01-02,2.5\n")
    hashed = []
    for module in (reader, ingest_step):
        monkeypatch.setattr(module, "fingerprint_file", lambda path: hashed.append(path) or "f" * 64)
    assert ingest_step.read(file, Recipe(), tmp_path / "a", fingerprint="0" * 64).fingerprint == "0" * 64
    assert not hashed
    assert ingest_step.read(file, Recipe(), tmp_path / "b").fingerprint == "f" * 64
    assert hashed == [file]


def test_a_series_column_that_is_empty_in_every_row_with_a_time_is_rejected(read) -> None:
    with pytest.raises(NoNamedSeries):
        read(
            "Date,Close,Name\n2024-01-01,1.5,\n2024-01-02,2.5,\nTotal,4.0,all\n",
            series_column="Name",
            time_column="Date",
        )
    assert read("Date,Close,Name\n2024-01-01,1.5,\n2024-01-02,2.5,A\n", series_column="Name").rows == 1
