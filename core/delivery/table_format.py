"""Learning whether a bundle's own reader can read the user's file, and how."""

from pathlib import Path

import numpy as np

from core.data.columns import LINE, Roles
from core.data.dataset import Dataset
from core.delivery.plain_table import read_plain_table
from core.delivery.scoring_model import TableFormat
from core.errors.model import PlumblineError


def learn_table_format(path: Path, dataset: Dataset, roles: Roles, columns: tuple[str, ...]) -> TableFormat | None:
    """Return the layout in which the bundle's reader gets from a file exactly the table that Plumbline read; None if it cannot.

    Parameters
    ----------
    path, dataset
        The user's file, and the data set that it was read into.
    roles, columns
        The columns that the model needs.
    """
    is_plain = dataset.format == "text" and dataset.header_rows == 1 and dataset.pivoted_by is None
    if not is_plain or dataset.header_line is None:
        return None
    names = {column.name: column.original_name for column in dataset.columns if column.name != column.original_name}
    for day_first in (None, True, False):
        layout = TableFormat(
            encoding=dataset.encoding,
            delimiter=dataset.delimiter,
            decimal=dataset.decimal,
            header_line=dataset.header_line,
            names=names,
            day_first=day_first,
        )
        if _reads_same_table(path, dataset, roles, columns, layout):
            return layout
    return None


def _reads_same_table(
    path: Path, dataset: Dataset, roles: Roles, columns: tuple[str, ...], layout: TableFormat
) -> bool:
    try:
        ours = read_plain_table(path, roles, columns, layout).frame
    except PlumblineError:
        return False
    series = [roles.series] if roles.series else []
    theirs = dataset.read([dataset.time_column, *series, *columns, LINE])
    if len(ours) != len(theirs):
        return False
    # Rows of one time stamp may come in another order.
    ours, theirs = (frame.sort_values([frame.columns[0], *series, LINE]) for frame in (ours, theirs))
    if not np.array_equal(ours[roles.time].to_numpy(), theirs[dataset.time_column].to_numpy()):
        return False
    return all(
        np.allclose(ours[name], theirs[name].astype("float64"), rtol=1e-12, atol=0, equal_nan=True) for name in columns
    )
