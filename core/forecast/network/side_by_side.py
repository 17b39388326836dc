"""Training of an ensemble: in this process, or its networks side by side on the executor if that saves time."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.executor import Channel, PartProgress, count_free_workers, gather_parts
from core.forecast.network.ensemble import combine, report_metric, seed_folder, seed_settings, split_metric
from core.forecast.network.training import THREADS
from core.forecast.network.training_summary import TrainedModel
from core.forecast.network.windows import Windows
from core.forecast.network.windows_file import WindowsFile, write_windows
from core.progress import Progress, ShouldStop
from core.recipe.model import TrainingSettings

# A worker imports TensorFlow and builds its network first, 13 s of a processor: side by side must save clearly more.
WORTH_SECONDS = 30.0
_REPORT_SECONDS = 0.25
_WINDOWS, _CHANNELS = "windows", "channels"


@dataclass(frozen=True, eq=False, kw_only=True)
class Seed:
    """One network to train: its windows, the settings with its own seed, and the folder of its checkpoints."""

    windows: WindowsFile
    settings: TrainingSettings
    folder: Path


def train_networks(
    windows: Windows, settings: TrainingSettings, folder: Path, progress: Progress, should_stop: ShouldStop
) -> TrainedModel:
    """Train every network; they end with the same weights in this process, in a pool and on a cluster.

    They are trained one after the other, the first loss without delay, until the time of an epoch shows that workers would save
    more than they take to start. Then the executor trains them side by side, from their checkpoints. A stop keeps the best
    weights so far. Raises `TooFewWindows`, `LossDiverged`, `CheckpointNotWritten`, and `Stopped` if nothing was begun.

    Parameters
    ----------
    windows, settings
        The data and the settings of the training.
    folder
        Where checkpoints are written; workers of a cluster share it.
    progress, should_stop
        Progress reports and stop requests.
    """
    from core.forecast.network.training import train_lstm

    workers = count_networks_at_once(settings.seeds)
    if workers == 1:
        return train_lstm(windows, settings, folder, progress, should_stop)
    pace = Pace(settings, workers, progress, should_stop)
    model = train_lstm(windows, settings, folder, pace, pace.should_stop)
    if not pace.is_slow or should_stop():
        return model
    return train_side_by_side(windows, settings, folder, progress, should_stop)


def count_networks_at_once(networks: int) -> int:
    """Return how many networks could be trained at a time; each keeps the threads of TensorFlow busy."""
    return count_free_workers(networks, THREADS)


def train_side_by_side(
    windows: Windows, settings: TrainingSettings, folder: Path, progress: Progress, should_stop: ShouldStop
) -> TrainedModel:
    """Train every network on the executor, each from its own checkpoint. The parameters are those of `train_networks`."""
    relay = _Relay(settings, folder / _CHANNELS, progress)
    try:
        written = write_windows(windows, folder / _WINDOWS)
        seeds = [
            Seed(windows=written, settings=seed_settings(settings, member), folder=seed_folder(folder, member))
            for member in range(settings.seeds)
        ]
        models = gather_parts(train_seed, seeds, folder / _CHANNELS, relay.show, should_stop)
    finally:
        shutil.rmtree(folder / _WINDOWS, ignore_errors=True)
    return combine(models, settings)


def train_seed(seed: Seed, channel: Channel) -> TrainedModel:
    """Train one network, in a worker. Raises what `train_lstm` raises."""
    from core.forecast.network.training import train_network

    return train_network(seed.windows.open(), seed.settings, seed.folder, _Reports(channel), channel.should_stop)


class Pace:
    """Measures the epochs of networks trained one after the other, and stops them when workers would save time.

    An epoch takes as long as the shorter one of the last two: the first is slower. Seconds are those of the processor, divided
    by the threads of TensorFlow: epochs that are slow because others use the machine are no reason for more processes.
    """

    def __init__(self, settings: TrainingSettings, workers: int, progress: Progress, should_stop: ShouldStop) -> None:
        self._settings, self._workers = settings, workers
        self._progress, self._should_stop = progress, should_stop
        self._ended: list[float] = []
        self.is_slow = False

    def step(self, done: int, total: int, text: str) -> None:
        """Report a step."""
        self._progress.step(done, total, text)

    def metric(self, name: str, step: int, value: float) -> None:
        """Report a metric; the val_loss ends an epoch."""
        self._progress.metric(name, step, value)
        plain, member = split_metric(name)
        if plain != "val_loss":
            return
        self._ended = [*self._ended[-2:], _seconds()]
        if len(self._ended) == 3:
            first, second, third = self._ended
            self.is_slow = (
                saved_seconds(
                    min(second - first, third - second), self._settings, self._settings.seeds - member, self._workers
                )
                > WORTH_SECONDS
            )

    def should_stop(self) -> bool:
        """Return whether to stop: on request, or because the networks are to be trained side by side."""
        now = _seconds()
        if not self._ended:
            self._ended = [now]
        self.is_slow = self.is_slow or now - self._ended[-1] > WORTH_SECONDS
        return self.is_slow or self._should_stop()


def _seconds() -> float:
    return time.process_time() / THREADS


def saved_seconds(epoch_seconds: float, settings: TrainingSettings, networks: int, workers: int) -> float:
    """Return the seconds that workers save on so many networks if every epoch is run.

    Examples
    --------
    >>> saved_seconds(0.5, TrainingSettings(epochs=40), networks=3, workers=2)
    20.0
    """
    rounds = -(-networks // workers)
    return epoch_seconds * settings.epochs * (networks - rounds)


def training_seconds(epoch_seconds: float, settings: TrainingSettings, workers: int) -> float:
    """Return the seconds that all epochs of all networks take, side by side if that is worth it.

    Examples
    --------
    >>> three = TrainingSettings(epochs=40, seeds=3)
    >>> training_seconds(0.1, three, workers=2), training_seconds(1.0, three, workers=2)
    (12.0, 80.0)
    """
    saved = saved_seconds(epoch_seconds, settings, settings.seeds, workers)
    whole = epoch_seconds * settings.epochs * settings.seeds
    return whole - saved if saved > WORTH_SECONDS else whole


class _Reports:
    """The progress of a network in a worker, sent to its job through a channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel, self._reported = channel, 0.0

    def step(self, done: int, total: int, text: str) -> None:
        """Report a step, at most four times a second."""
        now = time.monotonic()
        if done >= total or now - self._reported > _REPORT_SECONDS:
            self._reported = now
            self._channel.report(done / total, text)

    def metric(self, name: str, step: int, value: float) -> None:
        """Report a metric."""
        self._channel.record(name, step, value)


class _Relay:
    """Passes on what the workers report: the metrics of each network, and the epochs of all together."""

    def __init__(self, settings: TrainingSettings, folder: Path, progress: Progress) -> None:
        self._settings, self._progress = settings, progress
        self._channels = [Channel(folder=folder, name=str(member)) for member in range(settings.seeds)]
        self._read = [0] * settings.seeds

    def show(self, parts: Sequence[PartProgress]) -> None:
        """Report everything that is new."""
        for member, channel in enumerate(self._channels):
            metrics, self._read[member] = channel.recorded(self._read[member])
            for name, step, value in metrics:
                report_metric(self._progress, member, name, step, value)
        total = self._settings.seeds * self._settings.epochs
        done = round(self._settings.epochs * sum(part.share for part in parts))
        working = [f"{member}: {part.text}" for member, part in enumerate(parts, start=1) if 0 < part.share < 1]
        text = "; ".join(working) or "starting"
        self._progress.step(done, total, f"{self._settings.seeds} networks side by side: {text}")
