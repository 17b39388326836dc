"""Windows in a folder, as arrays that several processes map into memory: they share one copy."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from core.forecast.network.scaling import OutcomeUnit
from core.forecast.network.windows import Windows
from core.samples.samples import Samples

_OF_SAMPLES = "samples_"


@dataclass(frozen=True, kw_only=True)
class WindowsFile:
    """The folder that holds the arrays of windows, and what is no array; small enough to send to a worker.

    The unit of the outcomes is left out: training reads scaled ones alone.
    """

    folder: Path
    kind: type[Windows]
    arrays: tuple[str, ...]
    window: int
    log_odds: float | None

    def open(self) -> Windows:
        """Return the windows, mapped into memory and read-only."""
        arrays = {
            name: np.asarray(np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
            for name in self.arrays
        }
        samples = {field.name: arrays.pop(_OF_SAMPLES + field.name) for field in fields(Samples)}
        return self.kind(
            **arrays,
            samples=Samples(**samples),
            window=self.window,
            log_odds=self.log_odds,
            unit=OutcomeUnit(),
        )


def write_windows(windows: Windows, folder: Path) -> WindowsFile:
    """Write the arrays of windows into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {field.name: getattr(windows, field.name) for field in fields(windows)}
    samples = {_OF_SAMPLES + field.name: getattr(windows.samples, field.name) for field in fields(Samples)}
    arrays = {name: value for name, value in (own | samples).items() if isinstance(value, np.ndarray)}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    return WindowsFile(
        folder=folder, kind=type(windows), arrays=tuple(arrays), window=windows.window, log_odds=windows.log_odds
    )
