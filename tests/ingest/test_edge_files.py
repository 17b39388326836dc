"""Small files with one fault each: the outcome in `expected.json`, and what the fault must not cause."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from core.data.columns import LINE, Kind
from core.data.dataset import Dataset
from core.errors.model import DataError
from core.findings.model import Severity
from core.ingest.reader import read_table
from core.recipe.model import IngestSettings

EDGE = Path(__file__).parents[1] / "data" / "edge"
EXPECTED = json.loads((EDGE / "expected.json").read_text())
REJECTED = {"reject_message"}
# Constant columns and infinite values are reported by the profile of the train era.
REPORTED_LATER = {"e09_inf_and_null_tokens.csv", "e49_constant_column.csv"}
# File names for tests that do more than read; ten thousand columns take seconds.
MARKED = [pytest.param(name, marks=[pytest.mark.slow] if name.startswith("e32") else []) for name in sorted(EXPECTED)]


def make(name: str, folder: Path) -> Path:
    """Return the edge file; large ones are generated."""
    path = folder / name
    if name == "e17_bad_utf8_after_1MiB.csv":
        row = "2020-01-01,100.00,100.74,99.80,100.54,14074\n"
        body = ("Date,Open,High,Low,Close,Volume\n" + row * 25_000).encode()
        path.write_bytes(body + b"2099-01-01,1,1,1,\xff,1\n")
    elif name == "e32_10k_columns.csv":
        rows = [",".join(f"{start + place}" for place in range(10_000)) for start in range(8)]
        path.write_text("\n".join([",".join(f"c{place}" for place in range(10_000)), *rows, ""]))
    elif name == "e45_late_type_flip.csv":
        rows = [f"{row},{'oops' if row == 110_000 else row % 7}" for row in range(120_000)]
        path.write_text("\n".join(["i,x", *rows, ""]))
    else:
        return EDGE / name
    return path


def load(name: str, folder: Path, **settings: object) -> Dataset:
    return read_table(make(name, folder), IngestSettings(**settings), folder / "dataset")


def codes(dataset: Dataset) -> set[str]:
    return {finding.code for finding in dataset.findings}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_edge_file_has_the_expected_outcome(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    if expected["verdict"] in REJECTED:
        with pytest.raises(DataError) as caught:
            load(name, tmp_path)
        assert caught.value.message.endswith(".") and caught.value.hint
        assert not (tmp_path / "dataset").exists()
        return
    dataset = load(name, tmp_path)
    if expected["verdict"] == "reject_or_flag":
        assert dataset.findings[0].severity == Severity.PROBLEM
    rows = 25_001 if name.startswith("e17") else expected.get("rows")
    assert rows in (None, dataset.rows)
    assert expected.get("cols") in (None, len(dataset.columns))
    if expected["verdict"] in ("load_warn", "ask") and name not in REPORTED_LATER:
        assert any(finding.severity != Severity.INFO for finding in dataset.findings)


def test_a_column_without_values_is_empty(tmp_path: Path) -> None:
    dead = load("e05_all_nan_column.csv", tmp_path).column("Dead")
    assert dead.kind == Kind.EMPTY and dead.bad.missing == 28


def test_infinite_and_missing_cells_are_counted_separately(tmp_path: Path) -> None:
    column = load("e09_inf_and_null_tokens.csv", tmp_path).column("X")
    assert (column.kind, column.bad.infinite, column.bad.missing) == (Kind.NUMBER, 3, 5)


@pytest.mark.fires("renamed-columns")
def test_repeated_column_names_are_made_unique_and_the_originals_kept(tmp_path: Path) -> None:
    dataset = load("e07_duplicate_headers.csv", tmp_path)
    assert [column.name for column in dataset.columns] == ["Date", "Price", "Price_2", "price", "Price_3"]
    assert [column.original_name for column in dataset.columns] == ["Date", "Price", "Price", "price", "Price"]
    assert dataset.read(["Price_3"])["Price_3"].tolist() == [4, 8]


def test_times_in_several_zones_are_ordered_by_utc(tmp_path: Path) -> None:
    dataset = load("e18_mixed_tz.csv", tmp_path)
    assert dataset.read(["ts"])["ts"].dt.strftime("%H:%M").tolist() == ["10:00", "10:30", "12:00", "13:00"]
    finding = next(finding for finding in dataset.findings if finding.code == "time-zone-assumed")
    assert finding.rows == (5,) and finding.severity == Severity.WARNING


def test_unsorted_rows_are_sorted_and_the_repeated_time_stamp_is_counted(tmp_path: Path) -> None:
    dataset = load("e20_non_monotonic.csv", tmp_path)
    assert dataset.read([LINE, "Close"]).values.tolist() == [[3, 1], [4, 2], [5, 9], [2, 3]]
    repeated = next(finding for finding in dataset.findings if finding.code == "duplicate-times")
    assert (repeated.count, repeated.rows) == (1, (5,)) and "unsorted" in codes(dataset)


def test_currencies_percentages_and_parentheses_are_numbers(tmp_path: Path) -> None:
    frame = load("e23_money_percent_parens.csv", tmp_path).read(["PnL", "Ret"])
    assert frame["PnL"].tolist() == [1200.50, -300.25]
    assert frame["Ret"].tolist() == [0.055, -0.021]


def test_an_assumed_order_of_day_and_month_is_reported_and_the_remedy_reverses_it(tmp_path: Path) -> None:
    dataset = load("e25_undecidable_dmy_mdy.csv", tmp_path)
    finding = next(finding for finding in dataset.findings if finding.code == "day-month-assumed")
    assert finding.severity == Severity.WARNING
    assert dataset.end.startswith("2024-03-02")
    assert (finding.remedy.section, finding.remedy.field, finding.remedy.value) == ("ingest", "day_first", True)
    other = load("e25_undecidable_dmy_mdy.csv", tmp_path, day_first=True)
    assert other.end.startswith("2024-02-03") and "day-month-assumed" not in codes(other)


def test_epochs_in_four_units_give_the_same_time(tmp_path: Path) -> None:
    dataset = load("e26_epoch_s_ms_us_ns.csv", tmp_path)
    frame = dataset.read()
    assert {column.kind for column in dataset.columns} == {Kind.TIME}
    for name in ("s", "ms", "us", "ns"):
        assert frame[name].astype(str).tolist() == ["2024-01-01 00:00:00", "2024-01-01 00:01:00"]


def test_formula_cells_are_text_and_a_negative_number_is_a_number(tmp_path: Path) -> None:
    frame = load("e28_formula_cells.csv", tmp_path).read()
    assert frame["Name"].iloc[0] == '=HYPERLINK("http://x.invalid")' and frame["Name"].iloc[4] == "\t=1+1"
    assert frame["Close"].iloc[-1] == -6


def test_column_names_like_paths_create_no_files(tmp_path: Path) -> None:
    load("e30_path_column_names.csv", tmp_path)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "table-0000.parquet",
        "dataset.json",
        "bad_cells.csv",
    }


def test_an_open_quote_swallows_no_row(tmp_path: Path) -> None:
    dataset = load("e34_unterminated_quote.csv", tmp_path)
    assert dataset.read(["Close"])["Close"].tolist() == list(range(1, 29))
    assert next(finding for finding in dataset.findings if finding.code == "open-quotes").rows == (3,)


def test_preamble_and_footer_are_skipped_and_reported(tmp_path: Path) -> None:
    dataset = load("e41_bank_preamble_footer.csv", tmp_path)
    assert dataset.read(["Amount"])["Amount"].tolist() == [-1234.56, 2000.0]
    assert (dataset.decimal, dataset.delimiter, dataset.skipped_rows) == (",", ";", 3)
    assert {finding.code: finding.rows for finding in dataset.findings if finding.code in ("preamble", "footer")} == {
        "preamble": (1, 2),
        "footer": (8,),
    }


def test_ragged_rows_are_kept_and_the_extra_cell_is_listed(tmp_path: Path) -> None:
    dataset = load("e43_ragged_rows.csv", tmp_path)
    assert next(finding for finding in dataset.findings if finding.code == "ragged-rows").rows == (3, 4)
    np.testing.assert_equal(dataset.read(["Close"])["Close"].to_numpy(), [1, 2, np.nan, 4])
    cells = list(csv.reader((dataset.folder / "bad_cells.csv").read_text().splitlines()))
    assert cells[1:] == [["3", "(beyond the last column)", "extra"]]


def test_one_late_word_does_not_turn_a_column_into_text(tmp_path: Path) -> None:
    dataset = load("e45_late_type_flip.csv", tmp_path)
    column = dataset.column("x")
    assert column.kind == Kind.INTEGER and column.bad.unparseable == 1
    finding = next(finding for finding in dataset.findings if finding.code == "unparseable-cells")
    assert finding.rows == (110_002,)
    assert (dataset.folder / "bad_cells.csv").read_text().splitlines()[1] == "110002,x,oops"


def test_extreme_numbers_are_kept_or_reported(tmp_path: Path) -> None:
    dataset = load("e46_number_extremes.csv", tmp_path)
    frame = dataset.read()
    assert frame["id"].tolist() == ["000123", "00042"]
    assert frame["huge"].tolist() == [np.inf, -np.inf] and frame["big"].iloc[0] == 9223372036854775808.0
    assert frame["tiny"].iloc[0] == 5e-324 and np.signbit(frame["tiny"].iloc[1])
    assert {"number-overflow", "digits-lost", "leading-zeros"} <= codes(dataset)


def test_a_long_gap_is_reported_with_its_line(tmp_path: Path) -> None:
    dataset = load("e55_two_timestamps_per_day_gap.csv", tmp_path)
    finding = next(finding for finding in dataset.findings if finding.code == "time-gaps")
    assert (finding.rows, finding.count) == ((8,), 1) and "2024-01-20 09:00:00" in finding.detail
