"""The series of a panel in which each column's stale run is."""

from collections.abc import Sequence
from dataclasses import replace

from core.data.dataset import Dataset
from core.quality.column.profile import FaultLocations


def name_stale_series(dataset: Dataset, locations: Sequence[FaultLocations]) -> tuple[FaultLocations, ...]:
    """Return the locations with the series of each stale run; unchanged if the data are no panel."""
    if dataset.series_column is None or not any(found.stale_run for found in locations):
        return tuple(locations)
    series = dataset.read([dataset.series_column])[dataset.series_column]
    return tuple(
        found
        if found.stale_run is None
        else replace(found, stale_run=replace(found.stale_run, series=str(series.iloc[found.stale_run.row])))
        for found in locations
    )
