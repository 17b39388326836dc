"""The table of predictions.csv."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.eras import Era
from core.forecast.evaluation.intervals import Ends
from core.forecast.evaluation.scores import LABELS
from core.forecast.network.windows import Windows
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


def build_predictions(
    features: "FeatureFrame",
    windows: Windows,
    task: Task,
    levels: dict[str, np.ndarray],
    ends: Ends | None,
    opened: bool,
) -> pd.DataFrame:
    """Build the table of predictions.csv.

    Predictions of every model in the target's unit. The index is the row of the origin in the feature frame. `lower` and `upper`
    are NaN without an interval; on validation they are in sample.

    Parameters
    ----------
    features, windows, task
        The feature frame, its windows and the task.
    levels
        Predicted levels, float64 (windows,), by model (`lstm`, `persistence`, ...).
    ends
        The ends of the LSTM's interval, float64 (windows,) each, if there is one.
    opened
        Whether the test era is open; if not, the table has validation rows only.
    """
    last = Era.TEST if opened else Era.VALIDATION
    rows = np.flatnonzero((windows.samples.eras >= Era.VALIDATION) & (windows.samples.eras <= last))
    samples = windows.samples.take(rows)
    columns: dict[str, object] = {"origin": samples.origin_times, "time": samples.target_times}
    if features.series is not None:
        columns["series"] = features.series[samples.rows]
    columns["era"] = np.where(samples.eras == Era.TEST, "test", "validation")
    columns["horizon"] = task.horizon
    columns["actual"] = samples.future
    columns |= {name: levels[name][rows] for name in LABELS if name in levels}
    lower = upper = np.full(len(rows), np.nan)
    if ends is not None:
        lower, upper = ends[0][rows], ends[1][rows]
    return pd.DataFrame(columns | {"lower": lower, "upper": upper}, index=samples.rows)
