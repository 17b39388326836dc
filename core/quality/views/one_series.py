"""One series of a panel as a data set of its own, profiled under the eras of the panel."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.data.columns import LINE, BadCounts
from core.data.dataset import Dataset
from core.data.eras import MIN_STAMPS, Era, Eras
from core.data.store import write_description, write_part
from core.errors.data import EraTooShort
from core.io.fingerprint import fingerprint_of
from core.quality.profile import QualityProfile, profile_dataset
from core.recipe.model import Recipe

# A series of so many cells is profiled in a few seconds.
MOST_CELLS = 1_000_000


def take_series(dataset: Dataset, series: str, folder: Path) -> Dataset:
    """Return one series of a panel as a data set without a series column, written into a folder under `folder`.

    Cells that could not be read count as missing in it, and it has no findings of reading.

    Parameters
    ----------
    dataset
        The panel.
    series
        The name of the series.
    folder
        Holds the data sets of single series.
    """
    key = fingerprint_of(dataset.key, series)
    names = [column.name for column in dataset.columns if column.name != dataset.series_column]
    stored = list(dict.fromkeys([LINE, dataset.time_column, *names]))
    frame = dataset.read([*stored, str(dataset.series_column)])
    frame = frame[frame[dataset.series_column] == series][stored].reset_index(drop=True)
    times = frame[dataset.time_column].to_numpy("datetime64[us]")
    taken = replace(
        dataset,
        folder=folder / key,
        key=key,
        rows=len(frame),
        columns=tuple(replace(column, bad=BadCounts()) for column in dataset.columns if column.name in names),
        series_column=None,
        start=str(times[0]),
        end=str(times[-1]),
        findings=(),
    )
    write_part(taken.folder, 0, pa.Table.from_pandas(frame, preserve_index=False))
    write_description(taken)
    return taken


def profile_series(taken: Dataset, target: str | None, eras: Eras, recipe: Recipe) -> QualityProfile:
    """Return the profile of one series; the eras are cut where the panel's are.

    Raises `EraTooShort` if the series has no two rows in the train era.

    Parameters
    ----------
    taken
        The series.
    target
        The target of the panel.
    eras
        The split of the panel.
    recipe
        Its recipe, for the ignored columns.
    """
    times = taken.read([taken.time_column])[taken.time_column].to_numpy("datetime64[us]")
    of_era = eras.label(times[~np.isnat(times)])
    train, validation, test = (int(np.count_nonzero(of_era == era)) for era in Era)
    if train < MIN_STAMPS:
        raise EraTooShort(era="train", stamps=train, total=len(times), minimum=MIN_STAMPS)
    own = replace(eras, start=taken.start, end=taken.end, rows=(train, validation, test))
    return profile_dataset(taken, target, own, recipe.ingest.ignore)
