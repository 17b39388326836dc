"""Every bad cell of a data set: missing, infinite, unparseable, or a code for a missing value."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.data.columns import LINE, Column
from core.data.dataset import BAD_CELLS_FILE, Dataset


def list_bad_cells(dataset: Dataset) -> pd.DataFrame:
    """Return one row per bad cell, in file order: line, time, series of a panel, column, reason and text.

    `text` is what the file holds there, empty for a missing cell. Cells that belong to no column, as beyond the last one, have
    no time.
    """
    unparseable = pd.read_csv(
        dataset.folder / BAD_CELLS_FILE, dtype={"column": str, "text": str}, keep_default_na=False
    )
    series = [dataset.series_column] if dataset.series_column else []
    keys = dataset.read([LINE, dataset.time_column, *series])
    keys = keys.rename(columns={LINE: "line", dataset.time_column: "time"} | dict.fromkeys(series, "series"))
    names = {column.name for column in dataset.columns}
    outside = unparseable[~unparseable["column"].isin(names)].assign(reason="unparseable")
    found = [*_by_column(dataset, keys, unparseable), outside]
    order = ["line", "time", *(["series"] if series else []), "column", "reason", "text"]
    table = pd.concat(found, ignore_index=True).reindex(columns=order)
    return table.sort_values("line", kind="stable", ignore_index=True)


def _by_column(dataset: Dataset, keys: pd.DataFrame, unparseable: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for column in dataset.columns:
        if column.bad.total == 0 or column.name == dataset.time_column:
            continue
        values = dataset.read([column.name])[column.name]
        texts = unparseable.loc[unparseable["column"] == column.name].set_index("line")["text"]
        texts = texts[~texts.index.duplicated()]
        reasons = _reasons(column, values, keys["line"].isin(texts.index).to_numpy())
        bad = np.flatnonzero(reasons != "")
        if not len(bad):
            continue
        cells = keys.iloc[bad].assign(column=column.name, reason=reasons[bad])
        held = (
            values.iloc[bad].astype(str).where(cells["reason"].isin(["infinite", "missing-value code"]).to_numpy(), "")
        )
        written = cells["line"].map(texts).where((cells["reason"] == "unparseable").to_numpy())
        yield cells.assign(text=written.fillna(pd.Series(held.to_numpy(), index=cells.index)))


def _reasons(column: Column, values: pd.Series, has_text: np.ndarray) -> np.ndarray:
    """Return why each cell is bad, empty if it is not."""
    missing = values.isna().to_numpy()
    reasons = np.where(missing, np.where(has_text, "unparseable", "missing"), "").astype(object)
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy("float64", na_value=np.nan)
        reasons[np.isinf(numbers)] = "infinite"
        reasons[np.isin(numbers, column.sentinels)] = "missing-value code"
    return reasons
