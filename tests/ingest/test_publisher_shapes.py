"""Small files in the awkward shapes that publishers ship, with invented values: shape, roles and findings."""

from pathlib import Path

import pytest

from core.ingest.reader import read_table
from core.recipe.model import IngestSettings

SHAPES = Path(__file__).parents[1] / "data" / "shapes"

# file: rows, columns, time, series, frequency, first day, numeric columns, findings that must be there
EXPECTED: dict[str, tuple[int, int, str, str | None, str, str, int, set[str]]] = {
    "address_above_header.csv": (36, 8, "date", None, "h", "2021-05-01", 5, {"preamble", "time-code", "newest-first"}),
    "long_format.csv": (108, 3, "date", "symbol", "B", "2020-01-06", 1, {"series-column"}),
    "macro_transform_row.csv": (36, 4, "sasdate", None, "MS", "1999-01-01", 3, {"header-rows", "day-month-inferred"}),
    "newest_first_decimal_comma.csv": (
        36,
        5,
        "Data",
        None,
        "B",
        "2020-01-06",
        4,
        {"newest-first", "number-notation", "thousands-assumed", "day-month-proved"},
    ),
    "null_rows.csv": (36, 7, "Date", None, "B", "2020-01-06", 6, set()),
    "preamble_month_codes.csv": (36, 4, "Date", None, "MS", "1999-01-01", 3, {"preamble", "time-code"}),
    "stacked_newest_first.csv": (72, 5, "Date", "Stock", "B", "2020-01-06", 3, {"series-column", "newest-first"}),
    "two_header_rows.csv": (36, 7, "date", None, "MS", "1999-01-01", 6, {"header-rows", "two-digit-years"}),
}


@pytest.mark.parametrize("name", sorted(path.name for path in SHAPES.glob("*.csv")))
def test_an_awkward_shape_is_read_right(name: str, tmp_path: Path) -> None:
    rows, columns, time, series, frequency, first, numeric, codes = EXPECTED[name]
    dataset = read_table(SHAPES / name, IngestSettings(), tmp_path)
    assert (dataset.rows, len(dataset.columns)) == (rows, columns)
    assert (dataset.time_column, dataset.series_column, dataset.frequency) == (time, series, frequency)
    assert dataset.start[:10] == first
    assert sum(column.kind.is_numeric for column in dataset.columns) == numeric
    assert codes <= {finding.code for finding in dataset.findings}
