"""A plain table read with pandas alone: the reader that a bundle ships.

It reads the layout of the file that the model was trained on, a CSV with one header row and ISO dates, or Parquet, and refuses
anything else.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.columns import LINE, Roles
from core.data.frequency import find_frequency
from core.delivery.scoring_model import TableFormat
from core.errors.bundle import CellNotNumber, CellNotTime, MissingModelColumns, TableUnreadable
from core.ingest.values.notation import FALSE_WORDS, NULL_WORDS, TRUE_WORDS

CANONICAL = TableFormat(encoding="utf-8-sig", delimiter=",", decimal=".", header_line=1, names={})
_THOUSANDS = {".": r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$", ",": r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$"}


@dataclass(frozen=True, eq=False, kw_only=True)
class PlainTable:
    """Rows sorted by series and time, and their frequency.

    `frame` has the time, the series if there is one, the columns as float64, and `LINE`.
    """

    frame: pd.DataFrame
    frequency: str | None


def read_plain_table(path: Path, roles: Roles, columns: Sequence[str], known: TableFormat | None) -> PlainTable:
    """Return the named columns of a file; raises `DataError` unless each cell is a number, empty, or a time in the time column.

    Parameters
    ----------
    path
        A CSV, or a Parquet file.
    roles
        The time and series columns.
    columns
        The numeric columns.
    known
        The layout of the file of training; a plain CSV with the names and ISO dates is read too.
    """
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
    except OSError as error:
        raise TableUnreadable(path=path.name, reason=error.strerror or "unknown") from error
    keys = [roles.time, *([roles.series] if roles.series else [])]
    if is_parquet:
        text, layout = _read_parquet(path, [*keys, *columns]), CANONICAL
    else:
        text, layout = _read_csv(path, [*keys, *columns], known)
    frame = pd.DataFrame({roles.time: _read_times(text[roles.time], layout, roles.time)})
    if roles.series:
        frame[roles.series] = text[roles.series]
    for name in columns:
        frame[name] = _read_numbers(text[name], layout, name)
    frame[LINE] = np.arange(len(frame)) + layout.header_line + 1
    frame = frame[frame[roles.time].notna()].sort_values([*keys[1:], roles.time], kind="stable", ignore_index=True)
    series = None if roles.series is None else pd.factorize(frame[roles.series])[0]
    stamps = frame[roles.time].to_numpy("datetime64[us]")
    return PlainTable(frame=frame, frequency=find_frequency(stamps, series).frequency if len(frame) else None)


def _read_parquet(path: Path, names: Sequence[str]) -> pd.DataFrame:
    import pyarrow.parquet as pq

    try:
        found = pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise TableUnreadable(path=path.name, reason="it is a damaged Parquet file") from error
    _require_names(names, found.schema_arrow.names)
    return found.read(list(names)).to_pandas()


def _read_csv(path: Path, names: Sequence[str], known: TableFormat | None) -> tuple[pd.DataFrame, TableFormat]:
    """Return the named columns as text, and the layout that they were found in."""
    refused: MissingModelColumns | TableUnreadable | None = None
    for layout in (known, CANONICAL):
        if layout is None:
            continue
        headers = {layout.names.get(name, name): name for name in names}
        try:
            text = pd.read_csv(
                path,
                sep=r"\s+" if layout.delimiter == " " else layout.delimiter,
                encoding=layout.encoding,
                skiprows=layout.header_line - 1,
                dtype=str,
                keep_default_na=False,
                skipinitialspace=True,
            )
        except (OSError, ValueError, LookupError, csv.Error) as error:
            refused = refused or TableUnreadable(path=path.name, reason=str(error).strip().splitlines()[0])
            continue
        if not isinstance(text.index, pd.RangeIndex):
            refused = refused or TableUnreadable(path=path.name, reason="its rows have more cells than its header")
            continue
        text.columns = [str(name).strip() for name in text.columns]
        try:
            _require_names(list(headers), list(text.columns))
        except MissingModelColumns as error:
            refused = refused or error
            continue
        return text[list(headers)].rename(columns=headers), layout
    assert refused is not None
    raise refused


def _require_names(names: Sequence[str], found: Sequence[str]) -> None:
    if absent := tuple(name for name in names if list(found).count(name) != 1):
        raise MissingModelColumns(columns=absent)


def _read_times(cells: pd.Series, layout: TableFormat, name: str) -> pd.Series:
    """Return time stamps, datetime64[us]; if the file names one time zone, they stay in it."""
    if not pd.api.types.is_datetime64_any_dtype(cells):
        cells = cells.astype(str).str.strip().replace("", None)
        times = _parse_times(cells, None)
        if times is None and layout.day_first is not None:
            times = _parse_times(cells, layout.day_first)
        if times is None:
            bad = pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True).isna() & cells.notna()
            row = int(np.argmax(bad.to_numpy())) if bad.any() else 0
            raise CellNotTime(column=name, found=str(cells.iloc[row])[:40], line=row + layout.header_line + 1)
        cells = times
    if cells.dt.tz is not None:
        cells = cells.dt.tz_localize(None)
    return cells.astype("datetime64[us]")


def _parse_times(cells: pd.Series, day_first: bool | None) -> pd.Series | None:
    """Return the times of cells, as ISO dates if `day_first` is None; None if a cell is no such time."""
    try:
        if day_first is None:
            return pd.to_datetime(cells, format="ISO8601")
        return pd.to_datetime(cells, dayfirst=day_first)
    except (ValueError, TypeError, OverflowError):
        return None


def _read_numbers(cells: pd.Series, layout: TableFormat, name: str) -> np.ndarray:
    """Return the numbers of cells, float64; NaN if a cell is empty or a word for a missing value."""
    if pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        return cells.to_numpy("float64", na_value=np.nan)
    text = cells.astype(str).str.strip()
    grouped = text.str.fullmatch(_THOUSANDS[layout.decimal])
    if grouped.any():
        text = text.where(~grouped, text.str.replace("." if layout.decimal == "," else ",", "", regex=False))
    if layout.decimal == ",":
        text = text.str.replace(",", ".", regex=False)
    words = text.str.lower()
    text = text.where(~words.isin(NULL_WORDS), "nan")
    text = text.where(~words.isin(TRUE_WORDS), "1").where(~words.isin(FALSE_WORDS), "0")
    numbers = pd.to_numeric(text, errors="coerce").to_numpy("float64")
    bad = np.isnan(numbers) & (text != "nan").to_numpy()
    if bad.any():
        row = int(np.argmax(bad))
        raise CellNotNumber(column=name, found=str(cells.iloc[row])[:40], line=row + layout.header_line + 1)
    return numbers
