"""The judgement of a batch of questions: R² against the best naive forecast, and Clark and West's test against each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.accuracy.clark_west import adjusted_differences
from core.accuracy.mean_test import mean_p_values
from core.quality.forecastability.question import Question, Rival
from core.quality.forecastability.transforms import Batch

_FEWEST_OUTCOMES, _FEWEST_HORIZONS = 60, 8
# A spread that was chosen for its reversion and is a walk after all: forecasts of it are wrong for long.
_SPREAD_SMOOTHING = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """Outcomes, naive forecasts by name, and models of a batch after the first cutoff, (columns, rows) each.

    `stamps` (rows,) are the ranks of time of a panel's rows.
    """

    actual: np.ndarray
    naive: Mapping[Rival, np.ndarray]
    models: Sequence[np.ndarray]
    stamps: np.ndarray | None

    def p_value(self, model: np.ndarray, judged: np.ndarray, batch: Batch) -> np.ndarray:
        """Return the largest p-value of Clark and West's test against the naive forecasts: each must lack the signal."""
        smoothing = _SPREAD_SMOOTHING if batch.transform == "spread" else 1
        p_values = []
        for rival in self.naive.values():
            adjusted = np.where(judged, adjusted_differences(self.actual, rival, model), np.nan)
            if self.stamps is not None:
                adjusted = _average_by_stamp(adjusted, self.stamps)
            p_values.append(mean_p_values(adjusted, batch.horizon, smoothing=smoothing))
        largest: np.ndarray = np.max(p_values, axis=0)
        return largest


def judge(batch: Batch, trial: Trial) -> list[Question]:
    """Return the questions whose outcomes are enough, judged on the rows that every forecast has."""
    rivals, models = trial.naive, trial.models
    judged = np.isfinite(models[0]) & np.logical_and.reduce([np.isfinite(rival) for rival in rivals.values()])
    n = judged.sum(axis=1)
    losses = np.stack([_total(trial.actual - rival, judged) for rival in rivals.values()])
    best, least = losses.argmin(axis=0), losses.min(axis=0)
    usable = (n >= max(_FEWEST_OUTCOMES, _FEWEST_HORIZONS * batch.horizon)) & (least > 0)
    r2 = [1 - _total(trial.actual - model, judged) / np.where(usable, least, 1.0) for model in models]
    # Two tests: Bonferroni.
    p_value = np.min([trial.p_value(model, judged, batch) for model in models], axis=0) * len(models)
    names = list(rivals)
    return [
        Question(
            column=batch.names[place],
            transform=batch.transform,
            horizon=batch.horizon,
            rival=names[best[place]],
            r2_oos=float(r2[0][place]),
            r2_oos_all=float(r2[1][place]) if len(models) > 1 else None,
            p_value=min(1.0, float(p_value[place])),
            q_value=1.0,
            n=int(n[place]),
        )
        for place in np.flatnonzero(usable & np.isfinite(p_value)).tolist()
    ]


def _total(errors: np.ndarray, judged: np.ndarray) -> np.ndarray:
    total: np.ndarray = np.where(judged, errors**2, 0.0).sum(axis=1)
    return total


def _average_by_stamp(values: np.ndarray, stamps: np.ndarray) -> np.ndarray:
    """Return the means of the known values of each time stamp, (questions, stamps); NaN if there is none."""
    known = np.isfinite(values)
    stamps = stamps - stamps.min()
    size = int(stamps.max()) + 1
    averages = np.empty((len(values), size))
    for line, number, valid in zip(averages, values, known, strict=True):
        count = np.bincount(stamps[valid], minlength=size)
        total = np.bincount(stamps[valid], number[valid], size)
        line[:] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return averages
