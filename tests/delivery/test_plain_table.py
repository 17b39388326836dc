"""The reader in a bundle reads the layout of its training file and plain CSVs, and refuses the rest with the line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.columns import LINE, Roles
from core.delivery.plain_table import CANONICAL, read_plain_table
from core.delivery.scoring_model import TableFormat
from core.delivery.table_format import learn_table_format
from core.errors.bundle import CellNotNumber, CellNotTime, MissingModelColumns, TableUnreadable
from core.ingest.reader import read_table
from core.recipe.model import IngestSettings

ROLES = Roles(time="date", series=None, target="close")
GERMAN = TableFormat(
    encoding="cp1252",
    delimiter=";",
    decimal=",",
    header_line=3,
    names={"date": "Datum", "close": "Kurs"},
    day_first=True,
)


def read(text: str, folder: Path, known: TableFormat | None = None, roles: Roles = ROLES) -> pd.DataFrame:
    path = folder / "rows.csv"
    path.write_text(text, encoding="cp1252" if known is GERMAN else "utf-8")
    return read_plain_table(path, roles, ("close",), known).frame


def test_the_layout_of_the_training_file_is_read(tmp_path: Path) -> None:
    text = "Börse\nx\nDatum;Kurs\n03.01.2024;1.234,5\n02.01.2024;-\n"
    frame = read(text, tmp_path, GERMAN)
    assert frame["date"].tolist() == [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-03")]
    np.testing.assert_array_equal(frame["close"], [np.nan, 1234.5])
    assert frame[LINE].tolist() == [5, 4]


def test_a_plain_csv_is_read_whatever_the_training_file_was(tmp_path: Path) -> None:
    frame = read("close,other,date\n1.5,x,2024-01-02T00:00Z\n,y,2024-01-03T16:00Z\n", tmp_path, CANONICAL)
    assert frame["date"].tolist() == [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-03 16:00")]
    assert read("date,close\n2024-01-02,1\n", tmp_path, GERMAN)["close"].tolist() == [1.0]


def test_rows_are_sorted_by_series_and_time(tmp_path: Path) -> None:
    text = "date,name,close\n2024-01-03,b,1\n2024-01-02,b,2\n2024-01-02,a,3\n,a,4\n"
    frame = read(text, tmp_path, roles=Roles(time="date", series="name", target="close"))
    assert frame["close"].tolist() == [3.0, 2.0, 1.0]


def test_parquet_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    pd.DataFrame({"date": pd.date_range("2024-01-01", periods=3), "close": [1, 2, 3]}).to_parquet(path)
    table = read_plain_table(path, ROLES, ("close",), None)
    assert (table.frame["close"].tolist(), table.frequency) == ([1.0, 2.0, 3.0], "D")


@pytest.mark.parametrize(
    ("text", "error", "fact", "value"),
    [
        ("date,close\n2024-01-02,1\n2024-01-03,12 USD\n", CellNotNumber, "line", 3),
        ("date,close\n2024-01-02,1\n3 Jan,2\n", CellNotTime, "line", 3),
        ("date,price\n2024-01-02,1\n", MissingModelColumns, "columns", ("close",)),
        ("", TableUnreadable, "path", "rows.csv"),
        ("PK\x03\x04", MissingModelColumns, "columns", ("date", "close")),
        ("date,close\n2024-01-02,1,2,3\n2024-01-02,1,2,3\n", TableUnreadable, "path", "rows.csv"),
    ],
)
def test_anything_else_is_refused(text: str, error: type, fact: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(error) as raised:
        read(text, tmp_path)
    assert getattr(raised.value, fact) == value


@pytest.mark.parametrize(
    ("text", "day_first"),
    [
        ("date,close\n2024-01-02,1\n2024-01-03,2\n2024-01-04,n/a\n", None),
        ("date;close\n02/01/2024;1,5\n13/01/2024;2\n14/01/2024;3\n", True),
        ("date,close\n01/02/2024,1\n01/13/2024,2\n01/14/2024,3\n", False),
    ],
)
def test_a_layout_is_learned_if_it_gives_the_same_table(text: str, day_first: bool | None, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    dataset = read_table(path, IngestSettings(), tmp_path / "table")
    learned = learn_table_format(path, dataset, ROLES, ("close",))
    assert learned is not None
    assert learned.day_first == day_first


def test_no_layout_is_learned_from_notations_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("date,close\n2024-01-02,$1.50\n2024-01-03,$2.00\n2024-01-04,$3.00\n")
    dataset = read_table(path, IngestSettings(), tmp_path / "table")
    assert dataset.column("close").kind.is_numeric
    assert learn_table_format(path, dataset, ROLES, ("close",)) is None


def test_times_stay_in_the_one_time_zone_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("date,close\n2024-01-02T16:00+02:00,1\n2024-01-03T16:00+02:00,2\n2024-01-04T16:00+02:00,3\n")
    dataset = read_table(path, IngestSettings(), tmp_path / "table")
    learned = learn_table_format(path, dataset, ROLES, ("close",))
    assert learned is not None
    times = read_plain_table(path, ROLES, ("close",), learned).frame["date"]
    assert times.tolist() == dataset.read(["date"])["date"].tolist()


def test_times_of_several_zones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CellNotTime):
        read("date,close\n2024-01-02T16:00+02:00,1\n2024-01-03T16:00+01:00,2\n", tmp_path)
