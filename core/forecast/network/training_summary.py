"""The record of a training: losses by epoch, why each network stopped, and what was kept."""

from dataclasses import dataclass
from typing import Literal

from core.findings.model import Finding
from core.forecast.network.network import Network
from core.text.format import format_count


@dataclass(frozen=True, kw_only=True)
class EpochLoss:
    """The losses of one epoch (from 1) of one network (from 0), in scaled outcomes."""

    member: int
    epoch: int
    loss: float
    val_loss: float


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Why the training of one network ended after `epoch` epochs, and whether it is used.

    `best_epoch` is the epoch whose weights are kept; 0 are those before the first one. `limit` is the setting that ended the
    training: the patience if that is the reason, else the largest number of epochs. `halved` are the epochs before the best one
    after which the learning rate was halved.
    """

    reason: Literal["patience", "epochs", "diverged", "stopped"]
    epoch: int
    best_epoch: int
    limit: int
    used: bool = True
    halved: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The reason and the weights kept, in a sentence, and how often the learning rate was halved for them, in another."""
        if not self.halved:
            return self._reason
        times = format_count(len(self.halved), "time")
        return f"{self._reason} Before that epoch the learning rate was halved {times}, on plateaus of val_loss."

    @property
    def _reason(self) -> str:
        kept = f"kept the weights of epoch {self.best_epoch}."
        if not self.best_epoch:
            kept = "no epoch had a lower val_loss than the initial weights, which are kept."
        match self.reason:
            case "patience":
                return (
                    f"Ended after epoch {self.epoch}: no lower val_loss for {format_count(self.limit, 'epoch')}; {kept}"
                )
            case "epochs":
                return f"Ran all {format_count(self.limit, 'epoch')}; {kept}"
            case "diverged":
                return f"Diverged in epoch {self.epoch + 1}: the loss became infinite or NaN; {kept}"
        if self.epoch:
            return f"Stopped on request in epoch {self.epoch + 1} of {self.limit}; {kept}"
        weights = "its initial weights are used" if self.used else "this network is not used"
        return f"Stopped on request before the first epoch ended; {weights}."


@dataclass(frozen=True, kw_only=True)
class TrainingSummary:
    """How a training went; `endings` has one entry for each network, in order.

    `persistence_val_loss` and `mean_val_loss` are the validation losses of the naive forecasts, in the loss of the training;
    the latter is None if the train mean is no rival.
    """

    history: tuple[EpochLoss, ...]
    endings: tuple[Ending, ...]
    persistence_val_loss: float
    findings: tuple[Finding, ...]
    mean_val_loss: float | None = None

    @property
    def best_epochs(self) -> tuple[int, ...]:
        """The epoch whose weights are kept, for each network that is used."""
        return tuple(ending.best_epoch for ending in self.endings if ending.used)

    @property
    def stopped(self) -> bool:
        """Whether the user stopped the training."""
        return any(ending.reason == "stopped" for ending in self.endings)

    @property
    def diverged(self) -> bool:
        """Whether the loss of a network became infinite or NaN."""
        return any(ending.reason == "diverged" for ending in self.endings)

    @property
    def ended(self) -> str:
        """Why training ended, in a sentence for each network."""
        texts = [ending.text for ending in self.endings]
        if len(texts) == 1:
            return texts[0]
        return " ".join(f"Network {number}: {text}" for number, text in enumerate(texts, start=1))


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained network and how its training went."""

    network: Network
    summary: TrainingSummary
