"""A data set as it was at an earlier date."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from core.data.dataset import PART_PREFIX, Dataset
from core.data.store import write_part
from core.io.fingerprint import fingerprint_of


def truncate(dataset: Dataset, until: str, folder: Path) -> Dataset:
    """Write the rows up to a time stamp into a folder; return them as a data set.

    Only the rows are cut: the types of columns, and the codes for missing values, are those of the whole file. Rows without a
    time stamp are left out.

    Parameters
    ----------
    dataset
        The data set to cut.
    until
        The last time stamp, ISO.
    folder
        Where the table is written.
    """
    times = dataset.read([dataset.time_column])[dataset.time_column].to_numpy("datetime64[us]")
    kept = np.flatnonzero(times <= np.datetime64(until, "us"))
    for number, part in enumerate(sorted(dataset.folder.glob(f"{PART_PREFIX}*.parquet"))):
        write_part(folder, number, pq.ParquetFile(part).read().take(kept))
    return replace(
        dataset,
        folder=folder,
        key=fingerprint_of(dataset.key, until),
        rows=len(kept),
        end=str(times[kept].max(initial=np.datetime64(dataset.start, "us"))),
    )
