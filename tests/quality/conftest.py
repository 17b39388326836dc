"""Data sets built from frames, so these tests do not depend on the reader."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data.columns import LINE, BadCounts, Column, Kind
from core.data.dataset import Dataset
from core.data.eras import Eras, cut_eras
from core.data.store import write_description, write_part
from core.quality.profile import QualityProfile, profile_dataset
from core.recipe.model import SplitSettings


class Bench:
    """Builds data sets from frames and profiles them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def dataset(
        self,
        frame: pd.DataFrame,
        time: str = "date",
        series: str | None = None,
        sentinels: dict[str, tuple[float, ...]] | None = None,
        unparseable: dict[str, int] | None = None,
    ) -> Dataset:
        """Return the frame as a data set sorted by series and time; lines are those of a CSV in the frame's order."""
        frame = frame.assign(**{LINE: np.arange(2, len(frame) + 2)})
        frame = frame.sort_values([series, time] if series else [time], kind="stable").reset_index(drop=True)
        self._made += 1
        columns = tuple(
            Column(
                name=name,
                original_name=name,
                kind=kind_of(frame[name]),
                bad=BadCounts(unparseable=(unparseable or {}).get(name, 0)),
                sentinels=(sentinels or {}).get(name, ()),
            )
            for name in frame.columns
            if name != LINE
        )
        dataset = Dataset(
            folder=self._folder / f"dataset-{self._made}",
            fingerprint="f" * 64,
            key=f"key{self._made}",
            rows=len(frame),
            columns=columns,
            time_column=time,
            series_column=series,
            frequency="D",
            start=str(frame[time].min()),
            end=str(frame[time].max()),
            encoding="utf-8",
            delimiter=",",
            decimal=".",
            header_rows=1,
            skipped_rows=0,
            findings=(),
        )
        write_part(dataset.folder, 0, pa.Table.from_pandas(frame, preserve_index=False))
        write_description(dataset)
        return dataset

    def eras(self, dataset: Dataset) -> Eras:
        """Return the default split of a data set."""
        return cut_eras(dataset.read([dataset.time_column])[dataset.time_column], SplitSettings())

    def profile(
        self,
        frame: pd.DataFrame,
        target: str | None = None,
        series: str | None = None,
        sentinels: dict[str, tuple[float, ...]] | None = None,
        ignore: tuple[str, ...] = (),
    ) -> QualityProfile:
        """Return the profile of the frame under the default split."""
        dataset = self.dataset(frame, series=series, sentinels=sentinels)
        return profile_dataset(dataset, target, self.eras(dataset), ignore)


def kind_of(column: pd.Series) -> Kind:
    """Return the kind that the reader infers for a column of a frame."""
    if column.isna().all():
        return Kind.EMPTY
    if pd.api.types.is_bool_dtype(column):
        return Kind.BOOLEAN
    if pd.api.types.is_integer_dtype(column):
        return Kind.INTEGER
    if pd.api.types.is_datetime64_any_dtype(column):
        return Kind.TIME
    return Kind.NUMBER if pd.api.types.is_numeric_dtype(column) else Kind.TEXT


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a builder of data sets in an empty folder."""
    return Bench(tmp_path)
