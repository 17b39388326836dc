"""Files as their publishers ship them: shapes, types and values checked by hand against the raw files."""

import os
from pathlib import Path

import pytest

from core.errors import DataError
from core.ingest.dataset import Dataset, Kind
from core.ingest.reader import propose_target, read_table
from core.recipe import IngestSettings


def find_folder() -> Path | None:
    named = os.environ.get("PLUMBLINE_REAL_DATA")
    candidates = [Path(named)] if named else [up / "shared" / "data" / "real" for up in Path(__file__).parents]
    return next((folder for folder in candidates if folder.is_dir()), None)


REAL = find_folder()
pytestmark = pytest.mark.skipif(REAL is None, reason="the folder of real files is not here (PLUMBLINE_REAL_DATA)")

# file: rows, columns, time column, series column, frequency, first day, last day, columns that are numbers
TABLE = {
    "sp500_rv_vix_macro_mfgarch.csv": (11938, 11, "date", None, "B", "1971-01-04", "2018-04-30", 8),
    "kdd17_wide_anonymised_f0_f274_target.csv": (2518, 277, "date", None, "B", "2007-01-03", "2016-12-30", 276),
    "FRED_MD_2024-06.csv": (786, 127, "sasdate", None, "MS", "1959-01-01", "2024-06-01", 126),
    "yahoo_dax_null_rows.csv": (9012, 7, "Date", None, "B", "1988-01-04", "2022-12-30", 6),
    "investing_br_ibovespa_decimal_comma.csv": (4999, 7, "Data", None, "B", "2000-12-27", "2021-03-11", 6),
    "cryptodatadownload_BTCUSD_1h.csv": (37387, 9, "date", None, "h", "2018-05-15", "2022-08-20", 6),
    "ken_french_FF3_multisection.csv": (1190, 5, "Date", None, "MS", "1926-07-01", "2025-08-01", 4),
    "french_370portfolios_wide.csv": (650, 371, "date", None, "MS", "1963-11-01", "2017-12-01", 370),
    "m6_assets_long.csv": (26446, 3, "date", "symbol", "B", "2022-01-31", "2023-02-17", 1),
    "vix_daily.csv": (9235, 5, "DATE", None, "B", "1990-01-02", "2026-07-23", 4),
    "plotly_apple_ohlc_bbands.csv": (506, 11, "Date", None, "B", "2015-02-17", "2017-02-16", 9),
    "plotly_dash_stock_ticker_demo.csv": (3634, 15, "Date", "Stock", "B", "2015-01-02", "2017-12-29", 13),
    "selva_economics.csv": (574, 6, "date", None, "MS", "1967-07-01", "2015-04-01", 5),
}


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory):
    known: dict[str, Dataset] = {}

    def load_once(name: str) -> Dataset:
        if name not in known:
            known[name] = read_table(REAL / name, IngestSettings(), tmp_path_factory.mktemp("real"))
        return known[name]

    return load_once


@pytest.mark.parametrize("name", TABLE)
def test_real_file_loads_with_its_shape_and_types(name: str, load) -> None:
    rows, columns, time, series, frequency, first, last, numbers = TABLE[name]
    dataset = load(name)
    assert (dataset.rows, len(dataset.columns)) == (rows, columns)
    assert (dataset.time_column, dataset.series_column, dataset.frequency) == (time, series, frequency)
    assert (dataset.start[:10], dataset.end[:10]) == (first, last)
    assert sum(column.kind.is_numeric for column in dataset.columns) == numbers
    assert sum(column.bad.unparseable for column in dataset.columns) == 0


def test_table_without_dates_is_refused() -> None:
    with pytest.raises(DataError, match="No column holds dates"):
        read_table(REAL / "us_stock_fundamentals_2018_wide.csv", IngestSettings(), Path("never-written"))


def test_sentinel_of_kdd17_is_found_in_every_column(load) -> None:
    columns = load("kdd17_wide_anonymised_f0_f274_target.csv").columns[1:]
    assert {column.sentinels for column in columns} == {(-123321.0,)}
    assert sum(column.bad.sentinel for column in columns) == 29 * 276


def test_point_of_ibovespa_marks_thousands(load) -> None:
    frame = load("investing_br_ibovespa_decimal_comma.csv").read()
    last = frame.iloc[-1]
    assert (last["Último"], last["Vol."], last["Var%"]) == (114984.0, 12.09e6, 0.0196)
    assert frame["Data"].is_monotonic_increasing


def test_null_rows_of_dax_are_missing(load) -> None:
    dataset = load("yahoo_dax_null_rows.csv")
    assert dataset.column("Close").bad.missing == 166 and dataset.column("Volume").bad.missing == 166


def test_gaps_of_fred_are_missing_and_its_codes_are_no_data(load) -> None:
    dataset = load("FRED_MD_2024-06.csv")
    assert dataset.header_rows == 2 and dataset.read(["RPI"])["RPI"].iloc[0] == 2583.56
    assert dataset.column("ACOGNO").bad.missing == 398
    assert dataset.column("TWEXAFEGSMTHx").bad.missing == 168


def test_two_header_rows_of_french_make_names(load) -> None:
    dataset = load("french_370portfolios_wide.csv")
    names = [column.name for column in dataset.columns]
    assert names[:3] == ["date", "accruals p1", "accruals p2"] and names[11] == "aturnover p1"
    assert dataset.read(["accruals p1"]).iloc[0, 0] == -0.007417414


def test_panels_are_sorted_by_series_then_time(load) -> None:
    frame = load("m6_assets_long.csv").read()
    assert frame["symbol"].nunique() == 100
    assert frame.sort_values(["symbol", "date"], kind="stable").index.equals(frame.index)


def test_macro_file_keeps_its_na_words_apart_from_numbers(load) -> None:
    dataset = load("sp500_rv_vix_macro_mfgarch.csv")
    lines = (REAL / "sp500_rv_vix_macro_mfgarch.csv").read_text().splitlines()
    assert dataset.column("vix").bad.missing == sum(line.split(",")[4] == "NA" for line in lines)
    assert dataset.column("year_month").kind == Kind.TIME


@pytest.mark.parametrize(("name", "target"), [("vix_daily.csv", "CLOSE"), ("m6_assets_long.csv", "price")])
def test_target_is_proposed_by_its_name(name: str, target: str, load) -> None:
    assert propose_target(load(name)) == target
