"""A predictions table and an evaluation of a small world, for any predicted levels of the LSTM."""

import numpy as np
import pandas as pd

from core.data.eras import Era
from core.forecast.evaluation.evaluation import Evaluation, evaluate
from core.forecast.evaluation.intervals import Interval, IntervalState, gather_origins
from core.forecast.evaluation.outcomes import choose_loss
from core.forecast.evaluation.predictions_table import build_predictions
from core.forecast.evaluation.tradable import Obstacle
from core.forecast.network.windows import Windows
from core.samples.direction import repeat_frequency
from core.samples.samples import train_mean
from tests.forecast.conftest import World


def build_table(
    w: World, windows: Windows, lstm: np.ndarray, interval: Interval | None = None, opened: bool = True
) -> pd.DataFrame:
    levels = {"lstm": lstm, "persistence": windows.samples.base.copy()}
    if w.task.is_direction:
        levels["persistence"] = repeat_frequency(w.samples)[windows.samples.rows]
    if (mean := train_mean(w.samples, is_direction=w.task.is_direction)) is not None:
        levels["mean"] = mean[windows.samples.rows]
    origins = gather_origins(w.features, windows.samples, w.task, w.task.change(windows.samples.base, lstm))
    ends = None if interval is None else interval.follow(w.task, origins)[0]
    return build_predictions(w.features, windows, w.task, levels, ends, opened)


def interval_of(scores: list[float], w: World) -> Interval:
    """A 90% interval calibrated on `scores` at the end of the validation era."""
    last = w.samples.target_times[w.samples.of(Era.VALIDATION)].max()
    state = IntervalState(as_of=str(last), scores=tuple(scores), alphas=(0.1, 0.1, 0.1))
    return Interval(nominal=0.9, most_scores=500, states=(state,))


def evaluate_world(
    w: World,
    lstm: np.ndarray,
    opened: bool = True,
    interval: Interval | None = None,
    obstacle: Obstacle | None = None,
) -> Evaluation:
    predictions = build_table(w, w.windows(4), lstm, interval, opened)
    loss = choose_loss(w.features, w.samples, w.task)
    return evaluate(predictions, w.features, w.samples, w.task, loss, interval, 5.0, obstacle)
