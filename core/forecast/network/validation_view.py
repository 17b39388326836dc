"""What a network predicts of validation rows while it trains, kept in its folder for whoever watches."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import ValidationError

from core.data.eras import Era
from core.forecast.network.ensemble import seed_folder
from core.forecast.network.network import Network, NetworkShape, Weights, predict_scaled
from core.forecast.network.scaling import Scaling
from core.forecast.network.windows import Windows
from core.io.atomic import replacing
from core.io.json import from_json, to_json
from core.samples.task import Task

MOST_ROWS, FEWEST_ROWS, MOST_SERIES = 500, 50, 5
# Multiplications of one view: a large network shows fewer rows.
_MOST_WORK = 4e9
# Seconds from one view to the next, and at least so many times what a view takes: 2% of a training.
EVERY_SECONDS = 1.0
REST = 50.0
_ROWS_FILE, _OUTPUTS_FILE = "validation.json", "validation.json"

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ValidationRows:
    """The windows of the validation era that are shown, and what turns outputs of the network into levels; n entries each.

    `positions` are those of the windows. `persistence` and `mean` are naive levels; the latter is None if the train mean is no
    rival. Levels are in the target's unit, and None where they are unknown.
    """

    positions: tuple[int, ...]
    origins: tuple[str, ...]
    times: tuple[str, ...]
    series: tuple[str, ...] | None
    base: tuple[float | None, ...]
    actual: tuple[float | None, ...]
    persistence: tuple[float | None, ...]
    mean: tuple[float | None, ...] | None
    scaling: Scaling
    task: Task


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The outputs of one network for the rows that are shown, with the weights of `epoch`; `kept` if those are the final ones."""

    epoch: int
    kept: bool
    values: tuple[float, ...]


def choose_rows(windows: Windows, series: np.ndarray | None, shape: NetworkShape) -> np.ndarray:
    """Return the positions of the latest validation windows, int64 (k,): at most 500, shared by the first five series.

    Parameters
    ----------
    windows
        The windows of all eras.
    series
        The name of each window's series, shape (n,); None if there is only one.
    shape
        The architecture of the network.
    """
    work = shape.window * sum(int(np.prod(size)) for size in shape.weights().values())
    most = int(np.clip(_MOST_WORK / work, FEWEST_ROWS, MOST_ROWS))
    rows = windows.samples.of(Era.VALIDATION)
    if series is None:
        return rows[-most:]
    names = np.unique(series[rows])[:MOST_SERIES]
    share = most // max(1, len(names))
    return np.concatenate([rows[series[rows] == name][-share:] for name in names] or [rows[:0]])


def write_rows(folder: Path, rows: ValidationRows) -> None:
    """Ask the networks that keep their checkpoints in `folder` to show what they predict of these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / _ROWS_FILE, rows)


def read_rows(folder: Path) -> ValidationRows | None:
    """Return the rows that are shown, or None if nobody has asked for any."""
    return _read(ValidationRows, folder / _ROWS_FILE)


def read_outputs(folder: Path, networks: int) -> dict[int, Outputs]:
    """Return the newest outputs of each network that has any, by network (from 0)."""
    found = {member: _read(Outputs, seed_folder(folder, member) / _OUTPUTS_FILE) for member in range(networks)}
    return {member: outputs for member, outputs in found.items() if outputs is not None}


class ValidationView:
    """Writes the outputs of one network after its epochs, if its ensemble has rows to show: at most once a second.

    It takes about 2% of the time of a training, and its errors do not end it.

    Parameters
    ----------
    shape, windows
        The architecture, and the windows of all eras.
    folder
        The network's own folder, in that of its ensemble.
    """

    def __init__(self, shape: NetworkShape, windows: Windows, folder: Path) -> None:
        self._shape, self._windows, self._file = shape, windows, folder / _OUTPUTS_FILE
        rows = read_rows(folder.parent)
        self._positions = np.array(() if rows is None else rows.positions, dtype=np.int64)
        self._next = -np.inf

    def show(self, epoch: int, weights: Callable[[], Weights], *, kept: bool = False) -> None:
        """Write the outputs with the weights of an epoch, unless the last ones are too recent; `kept` ones always.

        Parameters
        ----------
        epoch
            The epoch, from 0.
        weights
            Returns the weights.
        kept
            Whether they are the final ones.
        """
        began = time.monotonic()
        if not len(self._positions) or (began < self._next and not kept):
            return
        try:
            network = Network(self._shape, (weights(),))
            values = predict_scaled(network, self._windows, self._positions)
            _write(self._file, Outputs(epoch=epoch, kept=kept, values=tuple(values.tolist())))
        except OSError as error:
            _log.warning("validation rows are not shown: %s", error)
        ended = time.monotonic()
        self._next = ended + max(EVERY_SECONDS, REST * (ended - began))


def _write(path: Path, result: object) -> None:
    # Not written through to the disk, which may take long: after a crash it is written again.
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    with replacing(path, draft):
        draft.write_bytes(to_json(result))


def _read(kind: type[Result], path: Path) -> Result | None:
    try:
        return from_json(kind, path.read_bytes())
    except (OSError, ValidationError):
        return None
