"""Data sets on disk: Parquet parts, their description, and the key they are cached under."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from core.data.dataset import PART_PREFIX, Dataset
from core.errors.model import DataError, WorkspaceError
from core.io.fingerprint import fingerprint_of
from core.io.json import from_json, write_json
from core.recipe.model import IngestSettings

DESCRIPTION_FILE = "dataset.json"
# Part of every key: raise it when the same file would be read to another table.
_READING = 2


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
    file = folder / f"{PART_PREFIX}{number:04}.parquet"
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
