"""An ensemble: networks of one shape from consecutive seeds, whose mean is the prediction."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors.model import Stopped
from core.findings.model import Finding
from core.forecast.network.loss_findings import check_losses
from core.forecast.network.network import Network, Weights
from core.forecast.network.training_summary import Ending, EpochLoss, TrainedModel
from core.progress import Progress
from core.recipe.model import TrainingSettings

# What differs from network to network; all else is reported once.
_OWN_METRICS = ("loss", "val_loss", "initial_val_loss", "learning_rate")


def seed_settings(settings: TrainingSettings, member: int) -> TrainingSettings:
    """Return the settings of one network of an ensemble: its own seed alone; `member` counts from 0."""
    return settings.model_copy(update={"seed": settings.seed + member, "seeds": 1})


def seed_folder(folder: Path, member: int) -> Path:
    """Return where a network keeps its checkpoints, in the folder of its ensemble."""
    return folder / f"network{member + 1}"


def metric_name(name: str, member: int) -> str:
    """Return the name under which a metric of one network is reported.

    Examples
    --------
    >>> metric_name("val_loss", 0), metric_name("val_loss", 1)
    ('val_loss', 'val_loss/2')
    """
    return f"{name}/{member + 1}" if member else name


def split_metric(name: str) -> tuple[str, int]:
    """Return the metric and the network (from 0) of a name that `metric_name` made.

    Examples
    --------
    >>> split_metric("val_loss"), split_metric("val_loss/2")
    (('val_loss', 0), ('val_loss', 1))
    """
    plain, _, number = name.partition("/")
    return plain, int(number) - 1 if number.isdigit() else 0


def report_metric(progress: Progress, member: int, name: str, step: int, value: float) -> None:
    """Report a metric of one network; what is the same for all is reported by the first."""
    if not member or name in _OWN_METRICS:
        progress.metric(metric_name(name, member), step, value)


class MemberProgress:
    """The progress of one network as a part of its ensemble."""

    def __init__(self, whole: Progress, member: int, seeds: int) -> None:
        self._whole, self._member, self._seeds = whole, member, seeds

    def step(self, done: int, total: int, text: str) -> None:
        """Report the epochs of all networks together."""
        before = f"Network {self._member + 1} of {self._seeds}: " if self._seeds > 1 else ""
        self._whole.step(self._member * total + done, self._seeds * total, before + text)

    def metric(self, name: str, step: int, value: float) -> None:
        """Report a metric under the network's name."""
        report_metric(self._whole, self._member, name, step, value)


def combine(models: Sequence[TrainedModel | None], settings: TrainingSettings) -> TrainedModel:
    """Return the ensemble of networks trained alone, in order of their seeds; None is one that a stop left out.

    A network that was stopped before its first epoch had ended is left out too, unless there is no other: then its initial
    weights are used. Raises `Stopped` if no network was begun.
    """
    begun = [member for member, model in enumerate(models) if model is not None]
    if not begun:
        raise Stopped
    trained = [member for member in begun if not _is_untrained(models[member])] or begun[:1]
    history: list[EpochLoss] = []
    endings: list[Ending] = []
    findings: list[Finding] = []
    networks: list[Weights] = []
    for member, model in enumerate(models):
        if model is None:
            endings.append(Ending(reason="stopped", epoch=0, best_epoch=0, limit=settings.epochs, used=False))
            continue
        history += [replace(epoch, member=member) for epoch in model.summary.history]
        endings += [replace(ending, used=member in trained) for ending in model.summary.endings]
        findings += model.summary.findings
        if member in trained:
            networks += model.network.members
    first = models[begun[0]]
    assert first is not None
    summary = replace(
        first.summary, history=tuple(history), endings=tuple(endings), findings=tuple(dict.fromkeys(findings))
    )
    summary = replace(summary, findings=(*summary.findings, *check_losses(summary, settings)))
    return TrainedModel(Network(first.network.shape, tuple(networks)), summary)


def _is_untrained(model: TrainedModel | None) -> bool:
    return model is None or (model.summary.stopped and not model.summary.history)
