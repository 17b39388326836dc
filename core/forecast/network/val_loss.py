"""The val_loss of a forecast that no network made, to compare those of networks with."""

from typing import Literal

import numpy as np

from core.forecast.network.windows import Windows


def val_loss_of(
    forecast: np.ndarray, windows: Windows, validation: np.ndarray, loss: Literal["mse", "mae", "huber"]
) -> float:
    """Return the val_loss of a forecast, in the loss of the training; the log loss if a direction is predicted.

    Parameters
    ----------
    forecast
        Scaled outcomes (windows,), or probabilities of a rise. Only those at `validation` are read.
    windows
        The windows of all eras.
    validation
        int (k,), the windows that choose the epoch.
    loss
        The loss that the networks are trained with.
    """
    actual, predicted = (array[validation].astype(np.float64) for array in (windows.outcomes, forecast))
    if windows.log_odds is not None:
        return float(-np.log(np.where(actual > 0, predicted, 1 - predicted)).mean())
    size = np.abs(actual - predicted)
    if loss == "mae":
        return float(size.mean())
    if loss == "mse":
        return float((size**2).mean())
    return float(np.where(size <= 1, size**2 / 2, size - 0.5).mean())
