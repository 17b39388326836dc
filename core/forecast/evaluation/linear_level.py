"""The val_loss of ridge regression on the network's own windows: a level to beat while the network learns."""

from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era
from core.forecast.evaluation.calibration import SUREST
from core.forecast.evaluation.windowed import RIDGE_PENALTIES, count_inputs, fit_ridges
from core.forecast.network.val_loss import val_loss_of
from core.forecast.network.windows import Windows
from core.progress import Progress, ShouldStop
from core.recipe.model import TrainingSettings
from core.runtime import one_blas_thread
from core.samples.samples import split_validation

if TYPE_CHECKING:
    from core.samples.task import Task

# A fit that takes longer would delay the first epoch.
MOST_SECONDS = 0.3
# What one processor does in a second, about: sums of products of a fit, values of a window that are copied and standardised.
_PRODUCTS, _VALUES = 1.5e10, 5e7
LINEAR, LEFT_OUT = "linear_val_loss", "linear_seconds"


def report_linear(
    windows: Windows,
    task: "Task",
    settings: TrainingSettings,
    progress: Progress,
    should_stop: ShouldStop,
) -> None:
    """Report the metric `linear_val_loss`; if the fit would take too long, `linear_seconds` instead, its seconds.

    It is the rival `linear` of the evaluation, neither scaled nor calibrated. Raises `Stopped`.

    Parameters
    ----------
    windows, task, settings
        What the network is trained on, the task, and the settings of the training.
    progress, should_stop
        Progress reports and stop requests.
    """
    seconds = estimate_fit(windows)
    if seconds > MOST_SECONDS:
        progress.metric(LEFT_OUT, 0, seconds)
        return
    samples, unit = windows.samples, windows.unit
    chosen, _ = split_validation(samples)
    naive = task.no_change(samples.base)
    with one_blas_thread():
        fitted = fit_ridges(windows, (samples.outcome - naive)[:, None], should_stop)
        excess = fitted.predict(chosen, should_stop)[:, 0]
    outcome = naive[chosen] + excess
    forecast = np.full(len(samples.rows), np.nan)
    forecast[chosen] = np.clip(outcome, *SUREST) if task.is_direction else unit.take(chosen).scale_outcome(outcome)
    progress.metric(LINEAR, 0, val_loss_of(forecast, windows, chosen, settings.loss))


def estimate_fit(windows: Windows) -> float:
    """Return the seconds that a fit takes, about."""
    rows, inputs = len(windows.samples.of(Era.TRAIN)), count_inputs(windows)
    values = rows * windows.window * windows.inputs.shape[1]
    # A Cholesky factorisation for each penalty, and one for the fit.
    solved = (len(RIDGE_PENALTIES) + 1) * inputs**3 / 3
    return values / _VALUES + (rows * inputs**2 + solved) / _PRODUCTS
