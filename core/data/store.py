"""Data sets on disk: Parquet parts, a description, and the key of the cache."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from core.data.dataset import PART_PREFIX, Dataset
from core.errors.data import DamagedDataset
from core.errors.files import FileUnreadable
from core.io.atomic import replacing
from core.io.fingerprint import fingerprint_of
from core.io.json import from_json, write_json
from core.recipe.model import IngestSettings

DESCRIPTION_FILE = "dataset.json"
# Part of every key: raise it if the same file would become another data set.
_READING = 5


def fingerprint_file(source: Path) -> str:
    """Return the SHA-256 of a file's bytes; raises `FileUnreadable` if it cannot be read."""
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileUnreadable(name=source.name, reason=error.strerror) from error


def dataset_key(source: Path, settings: IngestSettings, fingerprint: str | None = None) -> str:
    """Return the key of a data set: a hash of the file and of the settings for reading it.

    The target, the availability lags and the columns known in time do not change that.

    Parameters
    ----------
    fingerprint
        The SHA-256 of the file, if it is known already.
    """
    reading = settings.model_dump(mode="json", exclude={"target", "availability_lag", "known_at_origin"})
    return fingerprint_of(_READING, fingerprint or fingerprint_file(source), reading)


def write_part(folder: Path, number: int, table: pa.Table) -> None:
    """Write some columns of a data set, with all rows.

    Parameters
    ----------
    folder
        The folder of the data set; made if it does not exist.
    number
        The number of the part. Parts are in the order of the columns.
    table
        The columns.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{PART_PREFIX}{number:04}.parquet"
    draft = file.with_name(f".{file.name}.draft")
    cells_a_group = 4_000_000
    rows_a_group = max(1024, min(131_072, cells_a_group // max(1, table.num_columns)))
    columns = list(zip(table.schema, table.columns, strict=True))
    # Floats are not compressed: that would save a fifth of the space, and cost time in every step that reads them.
    compression = {field.name: "none" if pa.types.is_floating(field.type) else "lz4" for field, _ in columns}
    with replacing(file, draft):
        pq.write_table(
            # Columns declared without nulls are read faster.
            table.cast(pa.schema([field.with_nullable(column.null_count > 0) for field, column in columns])),
            draft,
            row_group_size=rows_a_group,
            compression=compression,
            use_dictionary=False,
            write_statistics=False,
        )


def write_description(dataset: Dataset) -> None:
    """Write the description of a data set, after its parts: it marks them as complete."""
    write_json(dataset.folder / DESCRIPTION_FILE, dataset)


def load_dataset(folder: Path) -> Dataset:
    """Return the data set that `read_table` wrote into the folder.

    Raises `DamagedDataset` if it is missing or damaged.
    """
    try:
        dataset = from_json(Dataset, (folder / DESCRIPTION_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise DamagedDataset(folder=str(folder)) from error
    return replace(dataset, folder=folder)
