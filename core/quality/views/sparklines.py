"""Every numeric column reduced to a few points, for the sparklines of a table."""

from collections.abc import Collection

import numpy as np

from core.data.dataset import Dataset
from core.data.eras import Era, Eras
from core.quality.numerics.blocks import read_blocks

POINTS = 40
# Above this the table is drawn without sparklines: reading the cells would take seconds.
MOST_CELLS = 10_000_000


def draw_sparklines(dataset: Dataset, eras: Eras, sealed: Collection[str] = ()) -> dict[str, list[float]]:
    """Return the means of up to `POINTS` equal stretches of rows by numeric column, in order of time.

    Only the first series of a panel is drawn. Stretches without a valid value are left out, and a column without any is an empty
    list. Nothing is returned for a table of more than `MOST_CELLS` numeric cells.

    Parameters
    ----------
    dataset
        The table.
    eras
        Its split.
    sealed
        The columns whose values in the test era are hidden.
    """
    columns = [column for column in dataset.columns if column.kind.is_numeric and column.name != dataset.time_column]
    if not columns or dataset.rows * len(columns) > MOST_CELLS:
        return {}
    keys = dataset.read([dataset.time_column, *([dataset.series_column] if dataset.series_column else [])])
    shown = np.ones(dataset.rows, dtype=bool)
    if dataset.series_column:
        shown = (keys[dataset.series_column] == keys[dataset.series_column].iloc[0]).to_numpy()
    is_test = eras.label(keys[dataset.time_column].to_numpy("datetime64[us]")) == Era.TEST
    found = {}
    for block in read_blocks(dataset, columns, dataset.rows):
        for column, values in zip(block.columns, block.values, strict=True):
            hidden = is_test if column.name in sealed else False
            found[column.name] = stretch_means(np.where(hidden, np.nan, values)[shown])
    return found


def stretch_means(values: np.ndarray, points: int = POINTS) -> list[float]:
    """Return the means of up to `points` equal stretches of some values, float64 (n,); stretches without a valid one are left out.

    Examples
    --------
    >>> stretch_means(np.array([1.0, 3.0, np.nan, np.nan, 5.0, 7.0]), points=3)
    [2.0, 6.0]
    """
    stretch = np.arange(len(values)) * min(points, len(values)) // max(1, len(values))
    valid = np.isfinite(values)
    counts = np.bincount(stretch[valid], minlength=1)
    totals = np.bincount(stretch[valid], values[valid], minlength=1)
    known = counts > 0
    return [float(mean) for mean in totals[known] / counts[known]]
