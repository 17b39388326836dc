"""Ablations of the network: trained again without its earlier rows, and without their order."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.forecast.network.network import Network
from core.forecast.network.training_cache import train_or_load
from core.forecast.network.windows import Windows
from core.progress import Part, Progress, ShouldStop
from core.recipe.model import TrainingSettings
from core.text.feature_tokens import lag_source

LAST_ROW, SHUFFLED = "last_row", "shuffled"
ABLATIONS = {LAST_ROW: "Ablation, last row alone", SHUFFLED: "Ablation, shuffled rows"}
# A prime, so the orders of windows have no period that a market could share.
_ORDERS = 1009


@dataclass(frozen=True, eq=False, kw_only=True)
class ShuffledWindows(Windows):
    """Windows whose rows before the last are in random order, each window in its own, always the same."""

    def rows(self, positions: np.ndarray) -> np.ndarray:
        """Return the rows of windows, int (k, window), that of the origin last; `positions` int (k,)."""
        rows: np.ndarray = self.ends[positions][:, None] + _random_orders(self.window)[positions % _ORDERS]
        return rows


@lru_cache(maxsize=4)
def _random_orders(window: int) -> np.ndarray:
    """Return orders of the rows of a window, as steps back from the origin, int64 (orders, window)."""
    earlier = np.tile(np.arange(1 - window, 0), (_ORDERS, 1))
    shuffled = np.random.default_rng(window).permuted(earlier, axis=1)
    return np.hstack([shuffled, np.zeros((_ORDERS, 1), dtype=np.int64)])


def without_lags(windows: Windows, names: Sequence[str]) -> Windows:
    """Return the windows without lags of other inputs, through which an ablation would still see earlier rows.

    Parameters
    ----------
    windows
        Scaled rows.
    names
        The tokens of the inputs, in order.
    """
    kept = [place for place, name in enumerate(names) if lag_source(name) not in names]
    if len(kept) == len(names):
        return windows
    return replace(windows, inputs=np.ascontiguousarray(windows.inputs[:, kept]))


def ablate_windows(windows: Windows) -> dict[str, Windows]:
    """Return the windows of each ablation: `last_row` has the row of the origin alone, `shuffled` all rows in random order.

    Samples and outcomes are the same as those of `windows`.
    """
    parts = {field.name: getattr(windows, field.name) for field in fields(windows)}
    return {LAST_ROW: Windows(**parts | {"window": 1}), SHUFFLED: ShuffledWindows(**parts)}


def train_ablations(
    folder: Path,
    key: str,
    windows: Windows,
    settings: TrainingSettings,
    progress: Progress,
    should_stop: ShouldStop,
) -> dict[str, tuple[Network, Windows]] | None:
    """Train the ablations with the settings of the network, or load them; None if a stop ended one of them.

    Parameters
    ----------
    folder
        Holds the folder of each ablation.
    key
        Hash of the data and settings that the weights of the network depend on.
    windows, settings
        The data and the settings of the network's training.
    progress, should_stop
        Progress reports and stop requests; losses are not reported.
    """
    trained = {}
    for name, ablated in ablate_windows(windows).items():
        part = Part(progress, ABLATIONS[name])
        model = train_or_load(folder / name, key, ablated, settings, False, part, should_stop, with_keras=False)
        if model.summary.stopped:
            return None
        trained[name] = model.network, ablated
    return trained
