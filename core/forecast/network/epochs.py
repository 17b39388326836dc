"""The loop over epochs: when it looks for a stop, what it keeps, when it ends. It knows neither TensorFlow nor its viewer."""

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from core.data.eras import Era
from core.errors.model import DataError
from core.findings.model import Finding
from core.forecast.network.checkpoint import Checkpoint, EpochLoss, Position, read_checkpoint, write_checkpoint
from core.forecast.network.network import Network, NetworkShape, Weights
from core.forecast.network.training_findings import check_against_mean, check_training
from core.forecast.network.windows import Windows
from core.io.fingerprint import fingerprint_of
from core.progress import Progress, ShouldStop, Silence, never_stop
from core.recipe.model import TrainingSettings

FORMAT = 1
LOOK_SECONDS = 0.25
EPOCH_SAVE_SECONDS = 0.5
BATCH_SAVE_SECONDS = 20.0
JUDGED_AT_ONCE = 1024


class Learner(Protocol):
    """What learns from batches: inputs float32 (n, window, features), scaled outcomes float32 (n,)."""

    def restart(self, seed: int) -> None:
        """Begin again from the first weights of a seed."""

    def learn(self, inputs: np.ndarray, outcomes: np.ndarray) -> None:
        """Take one step on these windows, and add the sum of their losses to what `read_loss` returns."""

    def judge(self, inputs: np.ndarray, outcomes: np.ndarray) -> float:
        """Return the sum of the losses of these windows, without learning."""

    def read_loss(self) -> float:
        """Return the sum of the losses learned from since `clear_loss`."""

    def clear_loss(self) -> None:
        """Begin a new sum."""

    def weights(self) -> Weights:
        """Return a copy of the weights by name."""

    def state(self) -> dict[str, np.ndarray]:
        """Return all that the next batch depends on."""

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take up a state again; `arrays` may hold more."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainedModel:
    """A trained network, how it learned, and in words why it `ended`.

    `best_epochs` holds, for each member of the network, the epoch whose weights are kept (0: no epoch had ended).
    `persistence_val_loss` is the val_loss of predicting that nothing moves: the line that a network has to get under; and so is
    `mean_val_loss`, that of the train mean, where that is a rival.
    """

    network: Network
    history: tuple[EpochLoss, ...]
    best_epochs: tuple[int, ...]
    stopped: bool
    ended: str
    persistence_val_loss: float
    findings: tuple[Finding, ...]
    mean_val_loss: float | None = None


class Training:
    """One training: where it stands, and the steps that move it on."""

    def __init__(
        self,
        shape: NetworkShape,
        learner: Learner,
        windows: Windows,
        settings: TrainingSettings,
        folder: Path,
        progress: Progress = Silence(),
        should_stop: ShouldStop = never_stop,
    ) -> None:
        self.shape, self.learner = shape, learner
        self.windows, self.settings, self.folder = windows, settings, folder
        self.progress, self.should_stop = progress, should_stop
        self.train, self.validation = windows.samples.of(Era.TRAIN), windows.samples.of(Era.VALIDATION)
        self.finished: list[Weights] = []
        self.best: Weights | None = None
        self.broken = False
        self.looked = self.saved = -np.inf
        key = self._key()
        checkpoint, self.findings = read_checkpoint(folder, key)
        if checkpoint:
            self._restore(checkpoint)
        else:
            self.position = Position(key=key)
            self.learner.restart(settings.seed)

    def run(self) -> TrainedModel:
        """Return the trained network, once all members are done or a stop was asked for."""
        self.progress.metric("persistence_val_loss", 0, self._loss_of(self.windows.unmoved))
        if self.windows.mean is not None:
            self.progress.metric("mean_val_loss", 0, self._loss_of(self.windows.mean))
        for step, epoch in enumerate(self.position.history, start=1):
            self._tell(step, epoch)
        while self.position.member < self.settings.seeds:
            while (ending := self._ending()) is None:
                if not self._run_epoch():
                    self._save()
                    return self._result(stopped=True)
            self._finish_member(ending)
        return self._result(stopped=False)

    def _ending(self) -> str | None:
        """Return why the running member is at its end, or None while it may go on."""
        position, settings = self.position, self.settings
        kept = f"the weights of epoch {position.best_epoch} are kept."
        if self.broken:
            return f"The loss was no longer a number in epoch {position.epoch + 1}; {kept}"
        if position.wait >= settings.patience:
            epochs = f"{settings.patience} epoch{'s' if settings.patience > 1 else ''}"
            return f"Ended after epoch {position.epoch}: no better val_loss for {epochs}; {kept}"
        if position.epoch >= settings.epochs:
            return f"All {settings.epochs} epochs were used; {kept}"
        return None

    def _run_epoch(self) -> bool:
        """Carry the running member to the end of its epoch; returns False where a stop was asked for."""
        position, size = self.position, self.settings.batch_size
        chance = np.random.default_rng([self.settings.seed + position.member, position.epoch])
        order = chance.permutation(self.train)
        batches = -(-len(order) // size)
        for batch in range(position.batch, batches):
            chosen = order[batch * size : (batch + 1) * size]
            self.learner.learn(self.windows.batch(chosen), self.windows.outcomes[chosen])
            self.position = replace(self.position, batch=batch + 1)
            if self._look(f"batch {batch + 1:,} of {batches:,}"):
                return False
            if time.monotonic() - self.saved > BATCH_SAVE_SECONDS:
                self._save()
        loss = self.learner.read_loss() / len(order)
        val_loss = self._judge()
        if val_loss is None:
            return False
        self._close_epoch(loss, val_loss)
        return True

    def _judge(self) -> float | None:
        """Return the val_loss, or None where a stop was asked for."""
        total = 0.0
        for start in range(0, len(self.validation), JUDGED_AT_ONCE):
            chosen = self.validation[start : start + JUDGED_AT_ONCE]
            total += self.learner.judge(self.windows.batch(chosen), self.windows.outcomes[chosen])
            if self._look("validation"):
                return None
        return total / len(self.validation)

    def _look(self, text: str) -> bool:
        """Return whether a stop was asked for; looks, and tells where training stands, a few times a second."""
        now = time.monotonic()
        if now - self.looked < LOOK_SECONDS:
            return False
        self.looked = now
        epochs, member = self.settings.epochs, self.position.member
        of_member = f", network {member + 1} of {self.settings.seeds}" if self.settings.seeds > 1 else ""
        self.progress.step(
            member * epochs + self.position.epoch,
            self.settings.seeds * epochs,
            f"Epoch {self.position.epoch + 1} of {epochs}{of_member}: {text}",
        )
        return self.should_stop()

    def _close_epoch(self, loss: float, val_loss: float) -> None:
        position = self.position
        if not np.isfinite([loss, val_loss]).all():
            self._require_best()
            self.broken = True
            return
        epoch = EpochLoss(member=position.member, epoch=position.epoch + 1, loss=loss, val_loss=val_loss)
        better = position.best is None or val_loss < position.best
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
        if time.monotonic() - self.saved > EPOCH_SAVE_SECONDS:
            self._save()
        self._tell(len(self.position.history), epoch)

    def _require_best(self) -> None:
        if self.best is None:
            raise DataError(
                f"The loss was not a number in epoch {self.position.epoch + 1}, before any epoch had ended well.",
                "Lower the learning rate or the gradient clip, or look for extreme values in the features.",
            )

    def _tell(self, step: int, epoch: EpochLoss) -> None:
        self.progress.metric("loss", step, epoch.loss)
        self.progress.metric("val_loss", step, epoch.val_loss)
        epochs = self.settings.epochs
        self.progress.step(
            epoch.member * epochs + epoch.epoch,
            self.settings.seeds * epochs,
            f"Epoch {epoch.epoch} of {epochs}: val_loss {epoch.val_loss:.4g}",
        )

    def _finish_member(self, ending: str) -> None:
        position = self.position
        self.finished.append(self.best or self.learner.weights())
        self.position = Position(
            key=position.key,
            member=position.member + 1,
            history=position.history,
            best_epochs=(*position.best_epochs, position.best_epoch),
            endings=(*position.endings, ending),
            broken=position.broken + self.broken,
            generation=position.generation,
        )
        self.best, self.broken = None, False
        self.learner.restart(self.settings.seed + self.position.member)
        self._save()

    def _save(self) -> None:
        members = {f"finished{m}_{name}": w for m, member in enumerate(self.finished) for name, w in member.items()}
        best = {f"best_{name}": weights for name, weights in (self.best or {}).items()}
        checkpoint = Checkpoint(self.position, members | best | self.learner.state())
        self.position = write_checkpoint(self.folder, checkpoint)
        self.saved = time.monotonic()

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.position, arrays, names = checkpoint.position, checkpoint.arrays, self.shape.weights()
        self.finished = [
            {name: arrays[f"finished{member}_{name}"] for name in names} for member in range(self.position.member)
        ]
        self.best = {name: arrays[f"best_{name}"] for name in names} if self.position.best is not None else None
        self.learner.restore(arrays)

    def _key(self) -> str:
        """Return what a checkpoint must share with this training to be gone on from: the data and the settings."""
        digest = hashlib.sha256()
        samples = self.windows.samples
        for array in (self.windows.inputs, self.windows.ends, self.windows.outcomes, samples.eras):
            digest.update(np.ascontiguousarray(array).data)
        settings = self.settings.model_dump(exclude={"features", "predict", "horizon"})
        return fingerprint_of(FORMAT, digest.hexdigest(), self.windows.inputs.shape, settings)

    def _result(self, *, stopped: bool) -> TrainedModel:
        position, members = self.position, list(self.finished)
        best_epochs = position.best_epochs
        endings = list(position.endings)
        if stopped:
            endings.append(self._stop_sentence())
            if not np.isfinite(self.learner.read_loss()) and not members:
                self._require_best()
            if self.best is not None or not members:
                members.append(self.best or self.learner.weights())
                best_epochs = (*best_epochs, position.best_epoch)
        ended = endings[0]
        if len(endings) > 1:
            ended = " ".join(f"Network {number}: {text}" for number, text in enumerate(endings, start=1))
        persistence = self._loss_of(self.windows.unmoved)
        mean = None if self.windows.mean is None else self._loss_of(self.windows.mean)
        findings = (*self.findings, *check_training(position, best_epochs, persistence, self.settings, stopped))
        if mean is not None:
            findings = (*findings, *check_against_mean(position, mean))
        network = Network(self.shape, tuple(members))
        return TrainedModel(
            network=network,
            history=position.history,
            best_epochs=best_epochs,
            stopped=stopped,
            ended=ended,
            persistence_val_loss=persistence,
            findings=findings,
            mean_val_loss=mean,
        )

    def _stop_sentence(self) -> str:
        position = self.position
        if not position.best_epoch:
            return "Stopped on request before an epoch had ended: the weights are those of that moment."
        return (
            f"Stopped on request in epoch {position.epoch + 1} of {self.settings.epochs}; the weights of epoch "
            f"{position.best_epoch}, the best so far, are kept."
        )

    def _loss_of(self, answer: np.ndarray) -> float:
        """Return the val_loss of an answer that no network gave."""
        errors = (self.windows.outcomes - answer)[self.validation].astype(np.float64)
        size = np.abs(errors)
        if self.settings.loss == "mae":
            return float(size.mean())
        if self.settings.loss == "mse":
            return float((size**2).mean())
        return float(np.where(size <= 1, size**2 / 2, size - 0.5).mean())
