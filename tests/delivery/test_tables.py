"""CSV for other programs: numbers in full, times ISO, and no cell that a spreadsheet would run."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.delivery.tables import write_csv


def cells_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x","y")'])
def test_text_that_looks_like_a_formula_is_marked_in_cells_and_header(text: str, tmp_path: Path) -> None:
    write_csv(pd.DataFrame({text: ["calm", text]}), tmp_path / "t.csv")
    marked = f"'{text}".replace("\r", "\n")
    header, calm, cell = cells_of(tmp_path / "t.csv")
    assert (header, calm, cell) == ([marked], ["calm"], [marked])


def test_numbers_are_written_in_full_and_negative_ones_unmarked(tmp_path: Path) -> None:
    numbers = [-6.0, 0.1 + 0.2, 1e-300, -1.7976931348623157e308]
    write_csv(pd.DataFrame({"x": numbers, "n": [1, -2, 3, 4]}), tmp_path / "t.csv")
    read = pd.read_csv(tmp_path / "t.csv")
    assert read["x"].tolist() == numbers
    assert read["n"].tolist() == [1, -2, 3, 4]


def test_missing_cells_are_empty(tmp_path: Path) -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-01-02", None]), "x": [np.nan, 1.0], "s": ["a", None]})
    write_csv(frame, tmp_path / "t.csv")
    assert cells_of(tmp_path / "t.csv")[1:] == [["2024-01-02", "", "a"], ["", "1.0", ""]]


@pytest.mark.parametrize(
    ("stamps", "written"),
    [
        (["2024-01-02", "2024-01-03"], "2024-01-02"),
        (["2024-01-02", "2024-01-03 04:00"], "2024-01-02T00:00:00"),
        (["2024-01-02", "2024-01-03 04:00:00.25"], "2024-01-02T00:00:00.000000"),
    ],
)
def test_times_are_iso_with_as_much_as_the_column_needs(stamps: list[str], written: str, tmp_path: Path) -> None:
    times = pd.Series(pd.to_datetime(stamps, format="ISO8601"))
    write_csv(pd.DataFrame({"t": times}), tmp_path / "t.csv")
    assert cells_of(tmp_path / "t.csv")[1] == [written]
    assert pd.to_datetime(pd.read_csv(tmp_path / "t.csv")["t"], format="ISO8601").tolist() == times.tolist()


def test_the_given_frame_stays_as_it_is(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=x": ["=1"]})
    write_csv(frame, tmp_path / "t.csv")
    assert frame.columns.tolist() == ["=x"]
    assert frame["=x"].tolist() == ["=1"]


def test_a_table_without_rows_still_has_its_header(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"t": pd.to_datetime([]), "x": []}), tmp_path / "t.csv")
    assert cells_of(tmp_path / "t.csv") == [["t", "x"]]
