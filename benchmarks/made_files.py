"""Files of a known shape for the other scripts: a time stamp, features with gaps, and a target."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

_CELLS_AT_ONCE = 4_000_000


def make_file(path: Path, rows: int, features: int) -> Path:
    """Write rows, one a minute, of a time stamp, random walks with 2 % gaps, and a target; about 10 bytes a cell."""
    chance = np.random.default_rng(0)
    start = np.datetime64("2015-01-01T00:00:00", "s")
    names = ["time", *(f"f{place}" for place in range(features)), "target"]
    last = np.zeros(features + 1)
    at_once = max(1, _CELLS_AT_ONCE // len(names))
    with path.open("wb") as file:
        for first in range(0, rows, at_once):
            count = min(at_once, rows - first)
            times = start + 60 * np.arange(first, first + count)
            values = np.round(last + chance.normal(scale=0.01, size=(count, features + 1)).cumsum(axis=0), 6)
            last = values[-1].copy()
            values[:, :features][chance.random((count, features)) < 0.02] = np.nan
            columns = [pa.array(times, pa.timestamp("s")), *(pa.array(line, from_pandas=True) for line in values.T)]
            pacsv.write_csv(pa.table(columns, names=names), file, pacsv.WriteOptions(include_header=first == 0))
    return path
