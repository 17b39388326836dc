"""What the networks of a training predict of validation rows while they train, in the target's unit."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.forecast.evaluation.level_predictions import levels_of
from core.forecast.network.network import NetworkShape
from core.forecast.network.scaling import OutcomeUnit, Scaling
from core.forecast.network.validation_view import (
    Outputs,
    ValidationRows,
    choose_rows,
    read_outputs,
    read_rows,
    write_rows,
)
from core.forecast.network.windows import Windows
from core.recipe.model import TrainingSettings
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.prepare import Prepared


@dataclass(frozen=True, eq=False, kw_only=True)
class ValidationLevels:
    """Actual and predicted levels of validation rows, with the columns of `predictions.csv`; `lstm` is the mean of the networks.

    `epochs` is the epoch of each network that has predicted, by network (from 0). `kept` if these are the weights that the
    training keeps, of every network that it uses. Nothing is calibrated, and there is no interval.
    """

    predictions: pd.DataFrame
    task: Task
    epochs: dict[int, int]
    kept: bool

    @property
    def mean_is_rival(self) -> bool:
        """Whether the train mean is the naive forecast to beat."""
        return "mean" in self.predictions


def show_levels(
    folder: Path, ready: "Prepared", windows: Windows, scaling: Scaling, settings: TrainingSettings
) -> None:
    """Have the networks that are trained in `folder` show what they predict of validation rows; of no other era.

    Parameters
    ----------
    folder
        Where the checkpoints of the training are kept.
    ready, windows
        The features and the task, and the windows of all eras.
    scaling, settings
        The scaling and the settings of the training.
    """
    samples, series, task = windows.samples, ready.features.series, ready.task
    shape = NetworkShape(
        cell=settings.cell,
        window=windows.window,
        features=windows.inputs.shape[1],
        units=settings.units,
        dropout=settings.dropout,
    )
    positions = choose_rows(windows, None if series is None else series[samples.rows], shape)
    shown = samples.take(positions)
    persistence, mean = windows.persistence[positions], None if windows.mean is None else windows.mean[positions]
    names = None if series is None else tuple(map(str, series[shown.rows]))
    # The scaling of a large panel would be slow to read.
    own = {name: scaling.series[name] for name in names or () if name in scaling.series}
    write_rows(
        folder,
        ValidationRows(
            positions=tuple(positions.tolist()),
            origins=tuple(shown.origin_times.astype(str)),
            times=tuple(shown.target_times.astype(str)),
            series=names,
            base=_numbers(shown.base),
            actual=_numbers(shown.future),
            persistence=_numbers(
                persistence if task.is_direction else task.level(shown.base, task.no_change(shown.base))
            ),
            mean=None if mean is None else _numbers(_level(mean, shown.base, windows.unit.take(positions), task)),
            scaling=replace(scaling, series=own),
            task=task,
        ),
    )


def read_levels(folder: Path, networks: int) -> ValidationLevels | None:
    """Return what the networks trained in `folder` predict so far, or None if none has."""
    rows = read_rows(folder)
    if rows is None:
        return None
    outputs = {
        member: found
        for member, found in read_outputs(folder, networks).items()
        if len(found.values) == len(rows.positions)
    }
    if not outputs:
        return None
    return ValidationLevels(
        predictions=_tabulate(rows, outputs),
        task=rows.task,
        epochs={member: found.epoch for member, found in outputs.items()},
        kept=all(found.kept for found in outputs.values()),
    )


def _tabulate(rows: ValidationRows, outputs: dict[int, Outputs]) -> pd.DataFrame:
    scaled = np.mean([found.values for found in outputs.values()], axis=0)
    columns: dict[str, object] = {"origin": rows.origins, "time": rows.times}
    if rows.series is not None:
        columns["series"] = rows.series
    columns |= {"era": "validation", "horizon": rows.task.horizon, "actual": rows.actual}
    base = np.array(rows.base, dtype=np.float64)
    columns |= {
        "lstm": levels_of(scaled, base, rows.scaling.unit(rows.series), rows.task),
        "persistence": rows.persistence,
    }
    if rows.mean is not None:
        columns["mean"] = rows.mean
    frame = pd.DataFrame(columns | {"lower": np.nan, "upper": np.nan})
    stamps = {name: frame[name].to_numpy("datetime64[us]") for name in ("origin", "time")}
    numbers = {
        name: frame[name].astype(np.float64) for name in ("actual", "lstm", "persistence", "mean") if name in frame
    }
    return frame.assign(**stamps, **numbers)


def _level(scaled: np.ndarray, base: np.ndarray, unit: OutcomeUnit, task: Task) -> np.ndarray:
    """Return the levels of a naive forecast, float64 (n,): those of a direction are probabilities already."""
    return scaled.astype(np.float64) if task.is_direction else task.level(base, unit.outcome(scaled))


def _numbers(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(value if np.isfinite(value) else None for value in values.astype(np.float64).tolist())
