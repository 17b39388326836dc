"""The losses of a training by epoch, while it runs and after: the chart with its scale, smoothing, and other trainings."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

import streamlit as st

from core.charts.training import plot_loss
from core.forecast.evaluation.linear_level import LEFT_OUT, LINEAR
from core.forecast.network.ensemble import split_metric
from core.forecast.network.training_summary import EpochLoss
from core.text.format import format_duration, format_error, format_number
from core.workspace.runs import Event, Run
from pages.parts.frame import state
from pages.parts.models import describe_models, validation_chart
from pages.parts.widgets import live_chart, placing

_MOST_OTHERS = 3
# The speed is the median over so many of the last epochs.
_SPEED_EPOCHS = 10
# Shorter than any epoch: after a resume the earlier ones are reported again, all at once.
_SHORTEST_EPOCH = 1e-3


@dataclass(frozen=True, kw_only=True)
class TrainingCurve:
    """What a training has reported: losses by epoch and network, naive levels in its loss, its learning rate and its speed.

    Each is None if it was not reported. `linear_seconds` is what a fit of the linear rival would take that was left out.
    `initial` is the val_loss before the first epoch, equal for all networks, and `speed` that of one network, in windows a second.
    """

    history: tuple[EpochLoss, ...]
    persistence: float | None
    mean: float | None
    linear: float | None
    linear_seconds: float | None
    initial: float | None
    learning_rate: float | None
    speed: float | None
    train_windows: float | None

    @property
    def best(self) -> EpochLoss | None:
        """The epoch with the lowest val_loss; None before the first one, and if the initial weights have a lower one."""
        best = min(self.history, key=lambda point: point.val_loss, default=None)
        return None if best is None or (self.initial is not None and best.val_loss >= self.initial) else best


def read_curve(events: Sequence[Event]) -> TrainingCurve:
    """Return the curve of the metric events of a training, in order.

    Of an epoch repeated after a resume its last values count; epochs whose loss was not finite (None) are left out.
    """
    values: dict[str, dict[tuple[int, int], float | None]] = {}
    ended: dict[tuple[int, int], float] = {}
    for event in events:
        payload = event.payload
        if not {"name", "step", "value"} <= payload.keys():
            continue
        name, member = split_metric(payload["name"])
        values.setdefault(name, {})[member, payload["step"]] = payload["value"]
        if name == "val_loss":
            ended[member, payload["step"]] = payload.get("elapsed", 0.0)
    loss, val_loss = values.get("loss", {}), values.get("val_loss", {})
    points = ((place, loss[place], val_loss[place]) for place in sorted(loss.keys() & val_loss.keys()))
    history = tuple(
        EpochLoss(member=member, epoch=epoch, loss=on_train, val_loss=on_validation)
        for (member, epoch), on_train, on_validation in points
        if on_train is not None and on_validation is not None
    )
    rates, whole = values.get("learning_rate", {}), (0, 0)
    windows = values.get("train_windows", {}).get(whole)
    return TrainingCurve(
        history=history,
        persistence=values.get("persistence_val_loss", {}).get(whole),
        mean=values.get("mean_val_loss", {}).get(whole),
        linear=values.get(LINEAR, {}).get(whole),
        linear_seconds=values.get(LEFT_OUT, {}).get(whole),
        initial=values.get("initial_val_loss", {}).get(whole),
        learning_rate=rates[max(rates)] if rates else None,
        speed=_speed(ended, windows),
        train_windows=windows,
    )


def _speed(ended: dict[tuple[int, int], float], windows: float | None) -> float | None:
    """Return the windows that one network is trained on per second over its last epochs, from when each ended."""
    paces = []
    for member in {member for member, _ in ended}:
        times = [ended[place] for place in sorted(ended) if place[0] == member][-_SPEED_EPOCHS - 1 :]
        steps = [later - earlier for earlier, later in zip(times[:-1], times[1:], strict=True)]
        if steps := [step for step in steps if step > _SHORTEST_EPOCH]:
            paces.append(median(steps))
    return windows / mean(paces) if windows and paces else None


def show(run: Run) -> None:
    """Draw the losses of a training and, in a second tab, what it predicts of validation rows; nothing if it had no epoch.

    The empty chart of one that runs keeps the place of its losses, and loads what draws them.
    """
    curve = curve_of(run)
    if not curve.history and not run.state.active:
        return
    losses, validation = st.tabs(["Loss", "Validation"], key="training-tabs", on_change="rerun")
    if validation.open:
        with validation:
            validation_chart.show(run)
    else:
        with losses:
            _show_losses(run, curve)


def _show_losses(run: Run, curve: TrainingCurve) -> None:
    """Draw loss and val_loss of every finished epoch, with the controls of the chart."""
    trainings = state.workspace().runs(run.project_id, kind="training")
    with st.container(horizontal=True, vertical_alignment="center"):
        log_scale = st.toggle("Log scale", key="loss-log")
        smooth = st.toggle("Smooth", key="loss-smooth", help="Exponential moving average over about 9 epochs.")
        others = _choose_others(run, trainings)
    best = curve.best
    figure = plot_loss(
        curve.history,
        None if best is None else best.epoch,
        placing.theme(),
        persistence_val_loss=curve.persistence,
        mean_val_loss=curve.mean,
        linear_val_loss=curve.linear,
        log_scale=log_scale,
        smooth=smooth,
        others={describe_models.run_name(other, trainings): curve_of(other).history for other in others},
    )
    live_chart.chart(figure, f"loss-{run.id}")
    if curve.history:
        st.caption(describe(curve))


def curve_of(run: Run) -> TrainingCurve:
    """Return what a training has reported so far."""
    return read_curve(state.workspace().events(run.id, kinds=("metric",)))


def _choose_others(run: Run, trainings: Sequence[Run]) -> list[Run]:
    """Return the trainings to compare with, by the user's choice."""
    ended = {other.id: other for other in trainings if other.id != run.id and not other.state.active}
    if not ended:
        return []
    chosen = st.multiselect(
        "Compare with",
        list(ended),
        format_func=lambda run_id: describe_models.run_name(ended[run_id], trainings),
        max_selections=_MOST_OTHERS,
        key="loss-others",
        label_visibility="collapsed",
        placeholder="Compare with other trainings",
    )
    return [ended[run_id] for run_id in chosen if run_id in ended]


def describe(curve: TrainingCurve) -> str:
    """Return the last and the best epoch, the learning rate if it is scheduled, and the speed; markdown."""
    members, best = sorted({point.member for point in curve.history}), curve.best
    parts = []
    for member in members:
        last = [point for point in curve.history if point.member == member][-1]
        name = f"Network {member + 1}, epoch" if len(members) > 1 else "Epoch"
        parts.append(f"{name} {last.epoch}: loss {format_error(last.loss)}, val_loss {format_error(last.val_loss)}.")
    if best is None:
        parts.append("No epoch has a lower val_loss than the initial weights.")
    else:
        of = f" of network {best.member + 1}" if len(members) > 1 else ""
        parts.append(f"Best val_loss {format_error(best.val_loss)} at epoch {best.epoch}{of}.")
    if curve.learning_rate is not None:
        parts.append(f"Learning rate {format_number(curve.learning_rate)}.")
    if curve.speed is not None:
        each = " in each network" if len(members) > 1 else ""
        parts.append(f"{format_number(curve.speed)} windows a second{each}.")
    if curve.linear is None and curve.linear_seconds is not None:
        parts.append(
            f"No line of the linear rival: its fit takes about {format_duration(max(1.0, curve.linear_seconds))} "
            "and follows the training."
        )
    return " ".join(parts)
