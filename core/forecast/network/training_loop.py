"""The training loop of one network: epochs, early stopping, checkpoints and stops, without TensorFlow."""

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from core.data.eras import Era
from core.errors.training import LossDiverged
from core.forecast.network.checkpoint import Checkpoint, Position, read_checkpoint, write_checkpoint
from core.forecast.network.network import Network, NetworkShape, Weights
from core.forecast.network.training_summary import Ending, EpochLoss, TrainedModel, TrainingSummary
from core.forecast.network.val_loss import val_loss_of
from core.forecast.network.validation_view import ValidationView
from core.forecast.network.windows import Windows
from core.io.fingerprint import fingerprint_of
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.recipe.model import TrainingSettings
from core.samples.samples import split_validation

# Raise it when the content of a checkpoint changes.
FORMAT = 6
POLL_SECONDS = 0.25
EPOCH_SAVE_SECONDS = 0.5
BATCH_SAVE_SECONDS = 20.0
VALIDATION_BATCH = 256
# Factor of the learning rate after a plateau of the val_loss.
RATE_FACTOR = 0.5


class Learner(Protocol):
    """A network with its optimiser.

    Batches are inputs float32 (n, window, features) and scaled outcomes float32 (n,).
    """

    def reset(self, seed: int) -> None:
        """Initialise weights, optimiser and random states from a seed."""

    def train_batch(self, inputs: np.ndarray, outcomes: np.ndarray) -> None:
        """Take one optimiser step on a batch, and add its losses to the running sum."""

    def validate_batch(self, inputs: np.ndarray, outcomes: np.ndarray) -> float:
        """Return the sum of the losses of a batch, without training."""

    def read_loss(self) -> float:
        """Return the sum of the losses of all batches trained since `clear_loss`."""

    def clear_loss(self) -> None:
        """Set the running sum to 0."""

    def read_rate(self) -> float:
        """Return the learning rate."""

    def scale_rate(self, factor: float) -> None:
        """Multiply the learning rate; it is part of the state."""

    def weights(self) -> Weights:
        """Return a copy of the weights by name."""

    def state(self) -> dict[str, np.ndarray]:
        """Return everything that the next batch depends on, as arrays by name."""

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Restore a saved state; extra arrays are ignored."""


class TrainingLoop:
    """The training of one network, from the first seed of the settings.

    It resumes from the checkpoint in `folder` if that has the same data and settings; more epochs or patience continue a finished
    training. The weights before the first epoch are a candidate too: of a change they predict none, which is persistence.
    """

    def __init__(
        self,
        shape: NetworkShape,
        learner: Learner,
        windows: Windows,
        settings: TrainingSettings,
        folder: Path,
        progress: Progress = NoProgress(),
        should_stop: ShouldStop = never_stop,
    ) -> None:
        self.shape, self.learner = shape, learner
        self.windows, self.settings, self.folder = windows, settings, folder
        self.progress, self.should_stop = progress, should_stop
        self.train = windows.samples.of(Era.TRAIN)
        self.validation, _ = split_validation(windows.samples)
        self.view = ValidationView(shape, windows, folder)
        self.best: Weights | None = None
        self.last_poll = self.last_save = -np.inf
        key = self._key()
        checkpoint, self.findings = read_checkpoint(folder, key, settings.epochs, settings.patience)
        if checkpoint:
            self._restore(checkpoint)
        else:
            self.position = Position(key=key, epochs=settings.epochs, patience=settings.patience)
            self.learner.reset(settings.seed)

    def run(self) -> TrainedModel:
        """Train until the network is finished or a stop is requested.

        Raises `LossDiverged` if the loss is infinite or NaN before an epoch has ended.
        """
        self.progress.metric("train_windows", 0, len(self.train))
        self.progress.metric("persistence_val_loss", 0, self._val_loss_of(self.windows.persistence))
        if self.windows.mean is not None:
            self.progress.metric("mean_val_loss", 0, self._val_loss_of(self.windows.mean))
        for step, epoch in enumerate(self.position.history, start=1):
            self._report(step, epoch)
        while (ending := self._ending()) is None:
            if not (self._judge_initial_weights() and self._run_epoch()):
                self._save()
                return self._stopped_result()
        self._save()
        return self._result(ending)

    def _ending(self) -> Ending | None:
        """Return why the network is finished, or None if it is not."""
        position, settings = self.position, self.settings
        finished = self._end("epochs")
        if position.diverged:
            return replace(finished, reason="diverged")
        if position.wait >= settings.patience:
            return replace(finished, reason="patience", limit=settings.patience)
        return finished if position.epoch >= settings.epochs else None

    def _judge_initial_weights(self) -> bool:
        """Make the weights before the first epoch, a naive forecast, the ones to beat; return False if stopped before."""
        if self.best is not None:
            return True
        val_loss = self._validate()
        if val_loss is None:
            return False
        if np.isfinite(val_loss):
            self.best = self.learner.weights()
            self.position = replace(self.position, best=val_loss)
            if not self.position.history:
                self.progress.metric("initial_val_loss", 0, val_loss)
        return True

    def _run_epoch(self) -> bool:
        """Train to the end of the epoch; return False if stopped before."""
        position, size = self.position, self.settings.batch_size
        random = np.random.default_rng([self.settings.seed, position.epoch])
        order = random.permutation(self.train)
        batches = -(-len(order) // size)
        for batch in range(position.batch, batches):
            chosen = order[batch * size : (batch + 1) * size]
            self.learner.train_batch(self.windows.batch(chosen), self.windows.outcomes[chosen])
            self.position = replace(self.position, batch=batch + 1)
            if self._poll(f"batch {batch + 1:,} of {batches:,}"):
                return False
            if time.monotonic() - self.last_save > BATCH_SAVE_SECONDS:
                self._save()
        loss = self.learner.read_loss() / len(order)
        val_loss = self._validate()
        if val_loss is None:
            return False
        self._end_epoch(loss, val_loss)
        return True

    def _validate(self) -> float | None:
        """Return the val_loss, or None if a stop is requested."""
        total = 0.0
        for start in range(0, len(self.validation), VALIDATION_BATCH):
            chosen = self.validation[start : start + VALIDATION_BATCH]
            total += self.learner.validate_batch(self.windows.batch(chosen), self.windows.outcomes[chosen])
            if self._poll("validation"):
                return None
        return total / len(self.validation)

    def _poll(self, text: str) -> bool:
        """Report progress and return whether a stop is requested, at most four times a second."""
        now = time.monotonic()
        if now - self.last_poll < POLL_SECONDS:
            return False
        self.last_poll = now
        epoch, epochs = self.position.epoch, self.settings.epochs
        self.progress.step(epoch, epochs, f"Epoch {epoch + 1} of {epochs}: {text}")
        return self.should_stop()

    def _end_epoch(self, loss: float, val_loss: float) -> None:
        position = self.position
        if not np.isfinite([loss, val_loss]).all():
            self._require_epoch()
            self.position = replace(position, diverged=True)
            return
        epoch = EpochLoss(member=0, epoch=position.epoch + 1, loss=loss, val_loss=val_loss)
        better = self._is_better(val_loss)
        if better:
            self.best = self.learner.weights()
        self.position = replace(
            position,
            epoch=epoch.epoch,
            batch=0,
            best=val_loss if better else position.best,
            best_epoch=epoch.epoch if better else position.best_epoch,
            wait=0 if better else position.wait + 1,
            history=(*position.history, epoch),
        )
        self.learner.clear_loss()
        if self._is_plateau():
            self.learner.scale_rate(RATE_FACTOR)
            self.position = replace(self.position, halved=(*self.position.halved, epoch.epoch))
        if time.monotonic() - self.last_save > EPOCH_SAVE_SECONDS:
            self._save()
        self._report(len(self.position.history), epoch)
        self.view.show(epoch.epoch, self.learner.weights)

    def _is_better(self, val_loss: float) -> bool:
        return self.position.best is None or val_loss < self.position.best

    def _is_plateau(self) -> bool:
        """Return whether the learning rate is to be halved after this epoch."""
        plateau, wait = self.settings.plateau, self.position.wait
        return bool(plateau and wait and wait % plateau == 0)

    def _require_epoch(self) -> None:
        if not self.position.epoch:
            raise LossDiverged(epoch=self.position.epoch + 1)

    def _report(self, step: int, epoch: EpochLoss) -> None:
        self.progress.metric("loss", step, epoch.loss)
        self.progress.metric("val_loss", step, epoch.val_loss)
        if self.settings.plateau:
            self.progress.metric("learning_rate", step, self.learner.read_rate())
        epochs = self.settings.epochs
        self.progress.step(epoch.epoch, epochs, f"Epoch {epoch.epoch} of {epochs}: val_loss {epoch.val_loss:.4g}")

    def _save(self) -> None:
        best = {f"best_{name}": weights for name, weights in (self.best or {}).items()}
        checkpoint = Checkpoint(self.position, best | self.learner.state())
        self.position = write_checkpoint(self.folder, checkpoint)
        self.last_save = time.monotonic()

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.position = replace(checkpoint.position, epochs=self.settings.epochs, patience=self.settings.patience)
        arrays, names = checkpoint.arrays, self.shape.weights()
        self.best = {name: arrays[f"best_{name}"] for name in names} if self.position.best is not None else None
        self.learner.restore(arrays)

    def _key(self) -> str:
        """Return the hash of data and settings that a checkpoint must share to be resumed from."""
        digest = hashlib.sha256()
        samples = self.windows.samples
        for array in (self.windows.inputs, self.windows.ends, self.windows.outcomes, samples.eras):
            digest.update(np.ascontiguousarray(array).data)
        settings = self.settings.model_dump(exclude={"features", "predict", "horizon", "epochs", "patience", "seeds"})
        return fingerprint_of(FORMAT, digest.hexdigest(), self.windows.inputs.shape, self.windows.log_odds, settings)

    def _stopped_result(self) -> TrainedModel:
        """Return the result after a stop, with the best weights so far: the initial ones before the first epoch has ended."""
        if not np.isfinite(self.learner.read_loss()):
            self._require_epoch()
        return self._result(self._end("stopped"))

    def _end(self, reason: Literal["epochs", "stopped"]) -> Ending:
        position = self.position
        halved = tuple(epoch for epoch in position.halved if epoch < position.best_epoch)
        return Ending(
            reason=reason,
            epoch=position.epoch,
            best_epoch=position.best_epoch,
            limit=self.settings.epochs,
            halved=halved,
        )

    def _result(self, ending: Ending) -> TrainedModel:
        mean = self.windows.mean
        summary = TrainingSummary(
            history=self.position.history,
            endings=(ending,),
            persistence_val_loss=self._val_loss_of(self.windows.persistence),
            mean_val_loss=None if mean is None else self._val_loss_of(mean),
            findings=self.findings,
        )
        weights = self.best or self.learner.weights()
        self.view.show(ending.best_epoch, lambda: weights, kept=True)
        return TrainedModel(Network(self.shape, (weights,)), summary)

    def _val_loss_of(self, forecast: np.ndarray) -> float:
        return val_loss_of(forecast, self.windows, self.validation, self.settings.loss)
