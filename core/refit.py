"""Refit before delivery: everything learned again on train and validation, for the epochs that the training found."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from core.context import Context
from core.data.eras import Era, Eras
from core.delivery.bundle import Refit
from core.errors.model import BundleError
from core.forecast import versions
from core.forecast.network.network import Network, NetworkShape, read_weights, write_weights
from core.forecast.network.scaling import Scaling, fit_scaling
from core.forecast.network.training_cache import CHECKPOINTS, KERAS_FILE
from core.forecast.network.training_summary import TrainingSummary
from core.forecast.network.windows import Windows, make_windows
from core.io.fingerprint import fingerprint_of
from core.io.json import from_json, write_json
from core.progress import Part
from core.quality.step import profile
from core.samples.input_lags import with_lags
from core.samples.prepare import Prepared, prepare

FOLDER = "refit"
_WEIGHTS_FILE, _RECORD_FILE = "weights.npz", "refit.json"
# In the folder of a job: deliver the evaluated network again.
_UNDO = "undo"


@dataclass(frozen=True, eq=False, kw_only=True)
class Refitted:
    """The refitted network with its own cleaning, scaling and windows, and what the manifest says of it."""

    ready: Prepared
    scaling: Scaling
    windows: Windows
    network: Network
    record: Refit


@dataclass(frozen=True, kw_only=True)
class _Kept:
    key: str
    shape: NetworkShape


def ask_undo(folder: Path) -> None:
    """Let the job of this folder deliver the evaluated network again, instead of a refitted one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _UNDO).touch()


def is_undo(folder: Path) -> bool:
    """Return whether the job of this folder delivers the evaluated network again."""
    return (folder / _UNDO).exists()


def refit_eras(eras: Eras) -> Eras:
    """Return the eras of a refit: train and validation are one era, and there is no validation."""
    train, validation, test = eras.rows
    return replace(eras, validation_from=eras.test_from, rows=(train + validation, 0, test))


def refit(
    context: Context, folder: Path, training_key: str, chosen: tuple[str, ...], summary: TrainingSummary
) -> Refitted:
    """Refit cleaning, scaling and network on train and validation, or load the network that was refitted before.

    Columns, features and task are those of the training, which chose them; fills, clip bounds, scaling and weights are learned
    again. Each network runs for its best epoch's number of epochs, and its last weights are kept. No row of the test era has a
    part. A refit that was stopped or killed resumes from its checkpoint. Raises `Stopped`.

    Parameters
    ----------
    context
        The full run.
    folder
        Where the refitted network and its checkpoints are kept.
    training_key
        Hash of everything that the weights of the training depend on.
    chosen, summary
        The features that enter the network, and how its training went.
    """
    recipe, quality = context.recipe, profile(context)
    context.progress.step(0, 1, "Refit on train and validation: cleaning and scaling")
    ready = with_lags(prepare(context.dataset, recipe, replace(quality, eras=refit_eras(quality.eras))), chosen)
    features, samples, task = ready.features, ready.samples, ready.task
    scaling = fit_scaling(features, chosen, samples, task, recipe.cleaning.scale)
    windows = make_windows(features, chosen, samples, task, scaling, recipe.training.window)
    key = fingerprint_of(versions.REFIT, training_key, [(end.used, end.best_epoch) for end in summary.endings])
    network = _load(folder, key)
    if network is None:
        from core.forecast.network.training import refit_networks, write_keras

        part = Part(context.progress, "Refit on train and validation")
        checkpoints = folder / CHECKPOINTS
        network = refit_networks(windows, recipe.training, summary.endings, checkpoints, part, context.should_stop)
        write_weights(network, folder / _WEIGHTS_FILE)
        write_keras(network, folder / KERAS_FILE)
        write_json(folder / _RECORD_FILE, _Kept(key=key, shape=network.shape))
    until = str(np.max(windows.samples.target_times[windows.samples.of(Era.TRAIN)]))
    record = Refit(until=until, epochs=summary.best_epochs)
    return Refitted(ready=ready, scaling=scaling, windows=windows, network=network, record=record)


def _load(folder: Path, key: str) -> Network | None:
    try:
        kept = from_json(_Kept, (folder / _RECORD_FILE).read_bytes())
        is_whole = kept.key == key and (folder / KERAS_FILE).exists()
        return read_weights(folder / _WEIGHTS_FILE, kept.shape) if is_whole else None
    except (OSError, ValidationError, BundleError):
        return None
