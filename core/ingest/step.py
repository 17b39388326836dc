"""The step "upload": a file read into a data set, and compared with the file before it."""

import logging
from dataclasses import dataclass
from pathlib import Path

from core.context import Context
from core.data.checksums import is_sound, write_checksums
from core.data.dataset import Dataset
from core.data.store import DESCRIPTION_FILE, dataset_key, fingerprint_file, load_dataset
from core.errors.data import DamagedDataset
from core.errors.model import DataError, RecipeError, WorkspaceError
from core.findings.ingest.revisions import NotCompared
from core.findings.model import Finding
from core.ingest.reader import read_table
from core.ingest.revisions.compare import FileChanges, compare_datasets
from core.ingest.revisions.revision_findings import check_revision
from core.ingest.target import propose_target, require_target
from core.io.fingerprint import fingerprint_of
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.recipe.model import Recipe

# Raise it when the comparison of the same files changes. The version of reading is part of `dataset_key`.
VERSION = 1
_log = logging.getLogger(__name__)


def read(
    source: Path,
    recipe: Recipe,
    tables: Path,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
    fingerprint: str | None = None,
) -> Dataset:
    """Return the data set that a file becomes under the recipe's ingest settings.

    The file is read once per set of ingest settings; afterwards the data set is loaded from `tables`. If a stored file of it
    is not as it was written, the user's file is read again. Raises `DamagedDataset` if that one is damaged too.

    Parameters
    ----------
    source
        The file as the user uploaded it.
    recipe
        Only its section `ingest` matters here.
    tables
        The folder that holds one folder of Parquet files per data set.
    fingerprint
        The SHA-256 of the file, if it is known already.
    """
    fingerprint = fingerprint or fingerprint_file(source)
    folder = tables / dataset_key(source, recipe.ingest, fingerprint)
    if (folder / DESCRIPTION_FILE).exists():
        progress.step(0, 1, "Checking the stored table")
        if is_sound(folder):
            return load_dataset(folder)
        _log.warning("the table in %s is damaged, or of an older version, and is read again", folder.name)
        if fingerprint_file(source) != fingerprint:
            raise DamagedDataset(folder=str(folder))
    dataset = read_table(source, recipe.ingest, folder, progress, should_stop, fingerprint)
    write_checksums(folder)
    return dataset


def starter_recipe(dataset: Dataset, target: str | None = None, recipe: Recipe = Recipe()) -> Recipe:
    """Return a recipe that runs on these data: roles found in the file are filled in, other settings keep their defaults."""
    target = require_target(dataset, target or propose_target(dataset))
    time = None if dataset.time_source == "counted" else dataset.time_column
    series = dataset.series_column or dataset.pivoted_by
    return recipe.change("ingest", time_column=time, series_column=series, target=target)


@dataclass(frozen=True, kw_only=True)
class EarlierFile:
    """A file that the project held before: where it is, and the SHA-256 of its bytes."""

    path: Path
    fingerprint: str


@dataclass(frozen=True)
class Comparison:
    """What a newer file changed; `fault` says why there are no `changes`, if the earlier file could not be read."""

    changes: FileChanges | None
    fault: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What changed, or that it could not be determined."""
        if self.changes is not None:
            return check_revision(self.changes)
        return (NotCompared(reason=self.fault),)


def comparison_key(context: Context, earlier: EarlierFile) -> str:
    """Return the key of the comparison: both files, and how each is read."""
    earlier_key = dataset_key(earlier.path, context.recipe.ingest, earlier.fingerprint)
    return fingerprint_of(VERSION, earlier_key, context.dataset.key)


def compare(context: Context, earlier: EarlierFile, tables: Path) -> Comparison:
    """Return what changed from the project's earlier file to its current data set."""

    def look() -> Comparison:
        try:
            old = read_earlier(context, earlier, tables)
        except (DataError, RecipeError, WorkspaceError) as error:
            return Comparison(None, str(error))
        context.progress.step(0, 1, "Comparing with the earlier file")
        found = Comparison(compare_datasets(old, context.dataset))
        context.progress.step(1, 1, "Comparing with the earlier file")
        return found

    return context.fetch("changes", comparison_key(context, earlier), Comparison, look)


def read_earlier(context: Context, earlier: EarlierFile, tables: Path) -> Dataset:
    """Return the data set of an earlier file, read under the current recipe, so only the data differ.

    If the recipe does not fit the earlier file, because a column was renamed for instance, the last reading of it is used.
    """
    try:
        return read(earlier.path, context.recipe, tables, context.progress, context.should_stop, earlier.fingerprint)
    except (DataError, RecipeError):
        written = sorted(tables.glob(f"*/{DESCRIPTION_FILE}"), key=lambda file: file.stat().st_mtime, reverse=True)
        known = (load_dataset(file.parent) for file in written)
        found = next((dataset for dataset in known if dataset.fingerprint == earlier.fingerprint), None)
        if found is None:
            raise
        return found
