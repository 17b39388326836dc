"""The trained network, cached in a folder and loaded without TensorFlow."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.errors.model import BundleError
from core.forecast.network.network import NetworkShape, read_weights, write_weights
from core.forecast.network.side_by_side import train_networks
from core.forecast.network.training_summary import TrainedModel, TrainingSummary
from core.forecast.network.windows import Windows
from core.io.json import from_json, write_json
from core.progress import Progress, ShouldStop
from core.recipe.model import TrainingSettings

KERAS_FILE = "model.keras"
CHECKPOINTS = "checkpoint"
_WEIGHTS_FILE = "weights.npz"
_RECORD_FILE = "training.json"


@dataclass(frozen=True, kw_only=True)
class _Record:
    key: str
    shape: NetworkShape
    summary: TrainingSummary


def train_or_load(
    folder: Path,
    key: str,
    windows: Windows,
    settings: TrainingSettings,
    accept_stopped: bool,
    progress: Progress,
    should_stop: ShouldStop,
    *,
    with_keras: bool = True,
) -> TrainedModel:
    """Load the model of this key from `folder`, or train it and write it there.

    Parameters
    ----------
    folder
        Holds the weights, the .keras file, the summary and the checkpoints.
    key
        Hash of the data and settings that the weights depend on.
    windows, settings
        The data and the settings of the training.
    accept_stopped
        Whether a model whose training was stopped is loaded as it is; otherwise its training is resumed.
    progress, should_stop
        Progress reports and stop requests of a training.
    with_keras
        Whether the model is also written as a .keras file.
    """
    found = _load(folder, key, with_keras=with_keras)
    if found is not None and (accept_stopped or not found.summary.stopped):
        return found
    from core.forecast.network.training import write_keras

    model = train_networks(windows, settings, folder / CHECKPOINTS, progress, should_stop)
    write_weights(model.network, folder / _WEIGHTS_FILE)
    if with_keras:
        write_keras(model.network, folder / KERAS_FILE)
    write_json(folder / _RECORD_FILE, _Record(key=key, shape=model.network.shape, summary=model.summary))
    return model


def is_trained(folder: Path) -> bool:
    """Return whether a training in this folder has ended, without loading its model."""
    return (folder / _RECORD_FILE).exists()


def _load(folder: Path, key: str, *, with_keras: bool) -> TrainedModel | None:
    try:
        record = from_json(_Record, (folder / _RECORD_FILE).read_bytes())
        if record.key != key or (with_keras and not (folder / KERAS_FILE).exists()):
            return None
        return TrainedModel(read_weights(folder / _WEIGHTS_FILE, record.shape), record.summary)
    except (OSError, ValidationError, BundleError):
        return None
