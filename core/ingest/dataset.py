"""The data set: what was read from the user's file, kept as a Parquet table with a description beside it."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from core.errors import DataError, RecipeError, WorkspaceError
from core.findings import Finding
from core.recipe import IngestSettings
from core.records import fingerprint_of, from_json, write_json

LINE = "_line"
DESCRIPTION_FILE = "dataset.json"
BAD_CELLS_FILE = "bad_cells.csv"
_PART = "table-"
_BUFFER = 1 << 16
# Part of every key: raise it when the same file would be read to another table.
_READING = 2


class Kind(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    INTEGER = "integer"
    TIME = "time"
    CATEGORY = "category"
    TEXT = "text"
    BOOLEAN = "boolean"
    EMPTY = "empty"

    @property
    def is_numeric(self) -> bool:
        """Whether a model can calculate with the column."""
        return self in (Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN)


@dataclass(frozen=True)
class BadCounts:
    """Cells of a column that hold no usable value, by reason."""

    missing: int = 0
    infinite: int = 0
    unparseable: int = 0
    sentinel: int = 0

    @property
    def total(self) -> int:
        """All cells without a usable value."""
        return self.missing + self.infinite + self.unparseable + self.sentinel


@dataclass(frozen=True)
class Column:
    """One column of the user's file; `original_name` is the header as it was written."""

    name: str
    original_name: str
    kind: Kind
    bad: BadCounts
    sentinels: tuple[float, ...] = ()


@dataclass(frozen=True)
class Roles:
    """Which columns tell the time, tell series apart, and are forecast."""

    time: str
    series: str | None
    target: str | None


@dataclass(frozen=True)
class Dataset:
    """A file as it was read: its columns, roles, layout and findings.

    `folder` holds the table as Parquet files `table-0000.parquet` and on, each of some columns and all rows (`LINE`, the line
    of each row in the user's file, is among them), `dataset.json` and `bad_cells.csv`. `fingerprint` is the SHA-256 of the
    file; `key` names the file together with the settings it was read by. `columns` stand in file order. `header_rows` counts
    the lines that make the names, `skipped_rows` those before and after the table. Where the file tells no time,
    `time_column` is not among `columns`: it counts the rows. `format` is the kind of the file, such as text or Excel.
    `pivoted_by` is the column of the file whose series became columns of their own; `LINE` is that of the first row of each
    time stamp then. `header_line` is the first line of the header, `day_order` says which of day and month was found to come
    first, and how.
    """

    folder: Path
    fingerprint: str
    key: str
    rows: int
    columns: tuple[Column, ...]
    time_column: str
    series_column: str | None
    frequency: str | None
    start: str
    end: str
    encoding: str
    delimiter: str
    decimal: str
    header_rows: int
    skipped_rows: int
    findings: tuple[Finding, ...]
    format: str = "text"
    pivoted_by: str | None = None
    header_line: int | None = None
    day_order: str | None = None

    @property
    def is_counted(self) -> bool:
        """Whether no column tells the time: a count alone orders the rows, and nothing proves that it is the order of time."""
        return any(finding.code in ("no-time-column", "time-counted") for finding in self.findings)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """Return the column of this name; raises `RecipeError` with the nearest name if there is none."""
        if name not in self._by_name:
            raise absent_column(name, list(self._by_name))
        return self._by_name[name]

    def read(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the named columns (None: the user's and the time column) as a frame sorted by series and time.

        Numbers and booleans come as float64 with NaN for a missing cell, integers without gaps as int64, time as
        datetime64[us], text as str. Infinities and sentinel codes are still in it. `LINE` can be asked for by name.
        """
        if columns is None:
            columns = [name for name in self._files if name != LINE]
        for name in columns:
            if name not in self._files:
                raise absent_column(name, list(self._by_name))
        by_file = self._by_file(dict.fromkeys(columns))
        if not by_file:
            return pd.DataFrame(index=range(self.rows))
        # Not by `read_table`, which loads half of Arrow first.
        read = [pq.ParquetFile(file).read(names).select(names).to_pandas() for file, names in by_file.items()]
        frame = pd.concat(read, axis=1) if len(read) > 1 else read[0]
        truths = [name for name in frame.columns if frame[name].dtype == bool]
        return frame.astype(dict.fromkeys(truths, "float64"))[list(columns)]

    def read_columns(self, columns: Sequence[str], at_once: int) -> Iterator[list[pa.ChunkedArray]]:
        """Yield the named columns, which are kept, so many at a time; nothing here holds on to them."""
        opened: tuple[Path, pq.ParquetFile] | None = None
        for begin in range(0, len(columns), at_once):
            held: dict[str, pa.ChunkedArray] = {}
            for file, names in self._by_file(columns[begin : begin + at_once]).items():
                if opened is None or opened[0] != file:
                    opened = file, pq.ParquetFile(file, pre_buffer=False)
                held |= zip(names, opened[1].read(names, use_threads=False).select(names).columns, strict=True)
            yield [held.pop(name) for name in columns[begin : begin + at_once]]

    def read_stretches(self, columns: Sequence[str], rows: int) -> Iterator[list[pa.Array]]:
        """Yield the named columns, which are kept, so many rows at a time: memory then does not follow the number of rows."""
        by_file = self._by_file(columns)
        parts = [
            # Else whole groups of rows, as they are stored, would be held beside the values.
            pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER).iter_batches(
                rows, columns=names, use_threads=False
            )
            for file, names in by_file.items()
        ]
        for batches in zip(*parts, strict=True):
            held = {name: batch[name] for batch, names in zip(batches, by_file.values(), strict=True) for name in names}
            yield [held[name] for name in columns]

    def _by_file(self, columns: Iterable[str]) -> dict[Path, list[str]]:
        by_file: dict[Path, list[str]] = {}
        for name in columns:
            by_file.setdefault(self._files[name], []).append(name)
        return by_file

    @cached_property
    def _files(self) -> dict[str, Path]:
        """Which file holds which column, in the order of the table."""
        return {
            name: file for file in sorted(self.folder.glob(f"{_PART}*.parquet")) for name in pq.read_schema(file).names
        }


def absent_column(name: str, names: Sequence[str], role: str | None = None) -> RecipeError:
    """Return the error for a column that is not there, with the names nearest to it; `role` is what the recipe wants of it.

    Examples
    --------
    >>> str(absent_column("Clsoe", ["Open", "Close"]))
    "There is no column 'Clsoe'. The nearest name is 'Close'."
    >>> absent_column("Clsoe", ["Open", "Close"], "target").message
    "The recipe names 'Clsoe' as the target, but this file has no such column."
    """
    message = f"There is no column {name!r}."
    if role is not None:
        message = f"The recipe names {name!r} as the {role}, but this file has no such column."
    near = nearest_names(name, names)
    if not near:
        some = ", ".join(repr(known) for known in names[:8])
        return RecipeError(message, f"The columns are {some}{', …' if len(names) > 8 else ''}.")
    listed = ", ".join(repr(found) for found in near)
    return RecipeError(message, f"The nearest name{' is' if len(near) == 1 else 's are'} {listed}.")


def nearest_names(name: str, names: Sequence[str]) -> list[str]:
    """Return at most three of the names that are nearly the same, the nearest first."""
    by_lower = {known.lower(): known for known in reversed(names)}
    return [by_lower[found] for found in difflib.get_close_matches(name.lower(), list(by_lower), n=3, cutoff=0.5)]


def fingerprint_file(source: Path) -> str:
    """Return the SHA-256 of a file's bytes; raises `DataError` if it cannot be read."""
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"The file {source.name} cannot be read: {error.strerror}.", "Check the path.") from error


def dataset_key(source: Path, settings: IngestSettings, fingerprint: str | None = None) -> str:
    """Return the key of the data set that a file becomes: by its bytes and by the settings that change how it is read.

    The target and the availability lags change nothing that is read. `fingerprint` saves hashing the file once more.
    """
    reading = settings.model_dump(mode="json", exclude={"target", "availability_lag"})
    return fingerprint_of(_READING, fingerprint or fingerprint_file(source), reading)


def write_part(folder: Path, number: int, table: pa.Table) -> None:
    """Write some columns of a data set, all rows of them, as its part of this number."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{_PART}{number:04}.parquet"
    draft = file.with_name(f".{file.name}.draft")
    cells_a_group = 4_000_000
    rows_a_group = max(1024, min(131_072, cells_a_group // max(1, table.num_columns)))
    columns = list(zip(table.schema, table.columns, strict=True))
    # Floats as they are: packed they save a fifth of the room, and every step that reads them would unpack them again.
    packing = {field.name: "none" if pa.types.is_floating(field.type) else "lz4" for field, _ in columns}
    pq.write_table(
        # Without nulls none are looked for in reading.
        table.cast(pa.schema([field.with_nullable(column.null_count > 0) for field, column in columns])),
        draft,
        row_group_size=rows_a_group,
        compression=packing,
        use_dictionary=False,
        write_statistics=False,
    )
    draft.replace(file)


def write_description(dataset: Dataset) -> None:
    """Write the description of a data set whose parts are there: it vouches for them."""
    write_json(dataset.folder / DESCRIPTION_FILE, dataset)


def load_dataset(folder: Path) -> Dataset:
    """Return the data set that `read_table` left in the folder; raises `WorkspaceError` if it is absent or damaged."""
    try:
        dataset = from_json(Dataset, (folder / DESCRIPTION_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise WorkspaceError(f"The data set in {folder} is absent or damaged.", "Upload the file once more.") from error
    return replace(dataset, folder=folder)
