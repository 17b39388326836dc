"""Probabilities and their log odds."""

import numpy as np


def to_probability(log_odds: float | np.ndarray) -> np.ndarray:
    """Return the probabilities of log odds, float64, NaN where those are.

    Examples
    --------
    >>> to_probability(np.array([0.0, 800.0]))
    array([0.5, 1. ])
    """
    # tanh cannot overflow as exp does.
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(log_odds, dtype=np.float64))))


def to_log_odds(probability: np.ndarray) -> np.ndarray:
    """Return the log odds of probabilities, float64, NaN where those are; the inverse of `to_probability`.

    Examples
    --------
    >>> to_log_odds(np.array([0.5]))
    array([0.])
    """
    chance = np.asarray(probability, dtype=np.float64)
    return np.asarray(np.log(chance) - np.log1p(-chance))
