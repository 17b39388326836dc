"""A trained network kept beside its results, so that it is trained once and looked at again without TensorFlow."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.errors.model import BundleError
from core.findings.model import Finding
from core.forecast.network.checkpoint import EpochLoss
from core.forecast.network.network import Network, NetworkShape, read_weights, write_weights
from core.forecast.network.windows import Windows
from core.io.json import from_json, write_json
from core.progress import Progress, ShouldStop
from core.recipe.model import TrainingSettings

KERAS_FILE = "model.keras"
_WEIGHTS_FILE = "weights.npz"
_SUMMARY_FILE = "training.json"


@dataclass(frozen=True, kw_only=True)
class TrainingSummary:
    """How a training went, without its weights; `key` names the data and the settings that it belongs to."""

    key: str
    shape: NetworkShape
    history: tuple[EpochLoss, ...]
    best_epochs: tuple[int, ...]
    stopped: bool
    ended: str
    persistence_val_loss: float
    findings: tuple[Finding, ...]
    mean_val_loss: float | None = None


def keep_training(
    folder: Path,
    key: str,
    windows: Windows,
    settings: TrainingSettings,
    as_it_is: bool,
    progress: Progress,
    should_stop: ShouldStop,
) -> tuple[Network, TrainingSummary]:
    """Return the network that `folder` keeps under this key, or train it there.

    A training that was stopped goes on from where it was, unless it is wanted `as_it_is`.
    """
    found = _find(folder, key)
    if found is not None and (as_it_is or not found[1].stopped):
        return found
    from core.forecast.network.training import train_lstm, write_keras

    model = train_lstm(windows, settings, folder / "checkpoint", progress, should_stop)
    summary = TrainingSummary(
        key=key,
        shape=model.network.shape,
        history=model.history,
        best_epochs=model.best_epochs,
        stopped=model.stopped,
        ended=model.ended,
        persistence_val_loss=model.persistence_val_loss,
        findings=model.findings,
        mean_val_loss=model.mean_val_loss,
    )
    write_weights(model.network, folder / _WEIGHTS_FILE)
    write_keras(model.network, folder / KERAS_FILE)
    write_json(folder / _SUMMARY_FILE, summary)
    return model.network, summary


def _find(folder: Path, key: str) -> tuple[Network, TrainingSummary] | None:
    try:
        summary = from_json(TrainingSummary, (folder / _SUMMARY_FILE).read_bytes())
        if summary.key != key or not (folder / KERAS_FILE).exists():
            return None
        return read_weights(folder / _WEIGHTS_FILE, summary.shape), summary
    except (OSError, ValidationError, BundleError):
        return None
