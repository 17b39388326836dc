"""Files as published: shapes, types and values checked by hand against the raw files."""

import os
from pathlib import Path

import pytest

from core.data.columns import LINE, Kind
from core.data.dataset import Dataset
from core.errors.model import DataError
from core.ingest.reader import read_table
from core.ingest.target import propose_target
from core.recipe.model import IngestSettings
from tests.ingest.accounting import check_cells, check_lines, check_values, lines_of


def find_folder() -> Path | None:
    named = os.environ.get("PLUMBLINE_REAL_DATA")
    candidates = [Path(named)] if named else [up / "shared" / "data" / "real" for up in Path(__file__).parents]
    return next((folder for folder in candidates if folder.is_dir()), None)


REAL = find_folder()
pytestmark = pytest.mark.skipif(REAL is None, reason="no folder of real files (PLUMBLINE_REAL_DATA)")

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

# file: findings as (code, column, count), and missing cells per column, counted in the raw file
FINDINGS = {
    "sp500_rv_vix_macro_mfgarch.csv": {("time-gaps", "date", 1), ("time-column-chosen", "date", None)},
    "kdd17_wide_anonymised_f0_f274_target.csv": {("sentinel-code", None, 276)},
    "FRED_MD_2024-06.csv": {("header-rows", None, 2), ("day-month-inferred", "sasdate", None)},
    "yahoo_dax_null_rows.csv": set(),
    "investing_br_ibovespa_decimal_comma.csv": {
        ("thousands-assumed", None, 4),
        ("number-notation", "Vol.", 1),
        ("number-notation", "Var%", 1),
        ("day-month-proved", "Data", None),
        ("newest-first", None, None),
    },
    "cryptodatadownload_BTCUSD_1h.csv": {
        ("preamble", None, 1),
        ("time-code", "unix", None),
        ("time-column-chosen", "date", None),
        ("newest-first", None, None),
    },
    "ken_french_FF3_multisection.csv": {("preamble", None, 2), ("time-code", "Date", None)},
    "french_370portfolios_wide.csv": {("header-rows", None, 2), ("two-digit-years", "date", None)},
    "m6_assets_long.csv": {("series-column", "symbol", None)},
    "vix_daily.csv": {("time-gaps", "DATE", 1)},
    "plotly_apple_ohlc_bbands.csv": set(),
    "plotly_dash_stock_ticker_demo.csv": {
        ("renamed-columns", None, 1),
        ("series-column", "Stock", None),
        ("newest-first", None, None),
    },
    "selva_economics.csv": set(),
}
MISSING = {
    "sp500_rv_vix_macro_mfgarch.csv": {"rv": 7338, "vix": 4803},
    "FRED_MD_2024-06.csv": {
        **dict.fromkeys(("CMRMTSPLx", "BUSINVx", "ISRATIOx", "NONREVSL", "CONSPI"), 1),
        **dict.fromkeys(("CP3Mx", "COMPAPFFx", "DTCOLNVHFNM", "DTCTHFNM"), 1),
        **dict.fromkeys(("PERMIT", "PERMITNE", "PERMITMW", "PERMITS", "PERMITW"), 12),
        "ACOGNO": 398,
        "ANDENOx": 109,
        "S&P PE ratio": 2,
        "TWEXAFEGSMTHx": 168,
        "UMCSENTx": 154,
        "VIXCLSx": 42,
    },
    "yahoo_dax_null_rows.csv": dict.fromkeys(("Open", "High", "Low", "Close", "Adj Close", "Volume"), 166),
    "investing_br_ibovespa_decimal_comma.csv": {"Vol.": 1},
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
def test_a_real_file_is_read_with_its_shape_and_types(name: str, load) -> None:
    rows, columns, time, series, frequency, first, last, numbers = TABLE[name]
    dataset = load(name)
    assert (dataset.rows, len(dataset.columns)) == (rows, columns)
    assert (dataset.time_column, dataset.series_column, dataset.frequency) == (time, series, frequency)
    assert (dataset.start[:10], dataset.end[:10]) == (first, last)
    assert sum(column.kind.is_numeric for column in dataset.columns) == numbers
    assert sum(column.bad.unparseable for column in dataset.columns) == 0


@pytest.mark.parametrize("name", FINDINGS)
def test_a_real_file_has_exactly_these_findings(name: str, load) -> None:
    dataset = load(name)
    found = [(finding.code, finding.column, finding.count) for finding in dataset.findings]
    assert len(found) == len(FINDINGS[name]) and set(found) == FINDINGS[name]
    assert {column.name: column.bad.missing for column in dataset.columns if column.bad.missing} == MISSING.get(
        name, {}
    )


@pytest.mark.parametrize("name", FINDINGS)
def test_every_line_of_a_real_file_is_accounted_for(name: str, load) -> None:
    dataset = load(name)
    lines = lines_of((REAL / name).read_bytes(), dataset.encoding)
    frame = dataset.read([LINE, *(column.name for column in dataset.columns)])
    check_lines(dataset, frame, lines)
    check_cells(dataset, frame)
    check_values(dataset, frame, lines)


@pytest.mark.parametrize("name", ["sp500_rv_vix_macro_mfgarch.csv", "vix_daily.csv"])
def test_the_gap_is_the_week_after_11_september_2001(name: str, load) -> None:
    (gap,) = [finding for finding in load(name).findings if finding.code == "time-gaps"]
    lines = (REAL / name).read_text().splitlines()
    assert [lines[gap.rows[0] - 2][:10], lines[gap.rows[0] - 1][:10]] == ["2001-09-10", "2001-09-17"]


def test_a_table_without_dates_is_rejected_unless_its_rows_are_counted(tmp_path: Path) -> None:
    file = REAL / "us_stock_fundamentals_2018_wide.csv"
    with pytest.raises(DataError, match="No column holds dates") as caught:
        read_table(file, IngestSettings(), tmp_path / "rejected")
    assert 'set ingest.time_column to "row number"' in caught.value.hint
    dataset = read_table(file, IngestSettings(time_column="row number"), tmp_path / "counted")
    assert (dataset.rows, len(dataset.columns), dataset.time_column) == (4392, 11, "row number")
    assert [(f.code, f.severity.value, f.column) for f in dataset.findings] == [
        ("time-counted", "warning", "row number")
    ]
    frame = dataset.read([LINE, "row number", "Stock Ticker", "Gross Margin"])
    assert frame[LINE].tolist() == list(range(2, 4394)) and frame["row number"].is_monotonic_increasing
    assert frame["Stock Ticker"].iloc[[0, -1]].tolist() == ["CMCSA", "ZYME"]
    missing = {"Revenue Growth": 139, "Gross Margin": 51, "Operating Income": 35, "EBITDA Margin": 308}
    missing |= {"Debt to Equity": 251, "ROE": 256, "R&D Expense Growth": 259, "Free Cash Flow": 167}
    assert {column.name: column.bad.missing for column in dataset.columns if column.bad.missing} == missing


def test_the_sentinel_of_kdd17_is_detected_in_every_column(load) -> None:
    columns = load("kdd17_wide_anonymised_f0_f274_target.csv").columns[1:]
    assert {column.sentinels for column in columns} == {(-123321.0,)}
    assert sum(column.bad.sentinel for column in columns) == 29 * 276


def test_the_point_in_ibovespa_separates_thousands(load) -> None:
    frame = load("investing_br_ibovespa_decimal_comma.csv").read()
    last = frame.iloc[-1]
    assert (last["Último"], last["Vol."], last["Var%"]) == (114984.0, 12.09e6, 0.0196)
    assert frame["Data"].is_monotonic_increasing


def test_null_rows_of_dax_are_missing(load) -> None:
    dataset = load("yahoo_dax_null_rows.csv")
    assert dataset.column("Close").bad.missing == 166 and dataset.column("Volume").bad.missing == 166


def test_gaps_in_fred_are_missing_and_its_codes_are_not_data(load) -> None:
    dataset = load("FRED_MD_2024-06.csv")
    assert dataset.header_rows == 2 and dataset.read(["RPI"])["RPI"].iloc[0] == 2583.56
    assert dataset.column("ACOGNO").bad.missing == 398
    assert dataset.column("TWEXAFEGSMTHx").bad.missing == 168


def test_two_header_rows_of_french_are_combined(load) -> None:
    dataset = load("french_370portfolios_wide.csv")
    names = [column.name for column in dataset.columns]
    assert names[:3] == ["date", "accruals p1", "accruals p2"] and names[11] == "aturnover p1"
    assert dataset.read(["accruals p1"]).iloc[0, 0] == -0.007417414


def test_panels_are_sorted_by_series_then_time(load) -> None:
    frame = load("m6_assets_long.csv").read()
    assert frame["symbol"].nunique() == 100
    assert frame.sort_values(["symbol", "date"], kind="stable").index.equals(frame.index)


def test_na_in_the_macro_file_is_missing(load) -> None:
    dataset = load("sp500_rv_vix_macro_mfgarch.csv")
    lines = (REAL / "sp500_rv_vix_macro_mfgarch.csv").read_text().splitlines()
    assert dataset.column("vix").bad.missing == sum(line.split(",")[4] == "NA" for line in lines)
    assert dataset.column("year_month").kind == Kind.TIME


@pytest.mark.parametrize(
    ("name", "target"),
    [("vix_daily.csv", "CLOSE"), ("m6_assets_long.csv", "price"), ("shiller_sp500_monthly.csv", "SP500")],
)
def test_the_target_is_proposed_by_its_name(name: str, target: str, load) -> None:
    assert propose_target(load(name)) == target
