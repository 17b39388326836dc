"""Fitting how far to trust predicted probabilities, on validation."""

import numpy as np
from scipy.optimize import minimize_scalar

from core.data.eras import Era
from core.forecast.evaluation.calibration import STEEPEST_ERROR, Calibration, bounded_log_odds
from core.samples.direction import train_log_odds
from core.samples.log_odds import to_probability
from core.samples.samples import Samples

# Log odds closer to those of train than this are the same: the rest is rounding.
_NO_EXCESS = 1e-9


def fit_calibration(probability: np.ndarray, samples: Samples, horizon: int, coverage: float) -> Calibration:
    """Fit the slope that minimises the log loss on validation.

    With one parameter, at most 1, a few hundred rows cannot be overfitted. Errors count one in `horizon` rows, since outcomes
    overlap.

    Parameters
    ----------
    probability
        Predicted probabilities of the n samples, float64 (n,).
    samples
        The samples of all eras; outcomes are 0 or 1.
    horizon
        Rows from origin to outcome.
    coverage
        Coverage of the confidence band, between 0 and 1.

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines; Guo, Pleiss, Sun and Weinberger (2017), On calibration of
    modern neural networks, PMLR 70 (one parameter).
    """
    outcome = samples.outcome[samples.of(Era.TRAIN)]
    log_odds = train_log_odds(outcome)
    share = float(to_probability(log_odds))
    log_odds_error = float(np.sqrt(horizon / (len(outcome) * share * (1 - share))))
    rows = samples.of(Era.VALIDATION)
    rows = rows[np.isfinite(probability[rows])]
    excess, rose = bounded_log_odds(probability[rows]) - log_odds, samples.outcome[rows] > 0
    slope, slope_error = 1.0, 0.0
    if np.abs(excess).max(initial=0.0) > _NO_EXCESS:

        def log_loss(slope: float) -> float:
            fitted = log_odds + slope * excess
            return float(np.logaddexp(0.0, np.where(rose, -fitted, fitted)).sum())

        slope = float(minimize_scalar(log_loss, bounds=(0.0, 1.0), method="bounded").x)
        fitted = to_probability(log_odds + slope * excess)
        information = float((fitted * (1 - fitted) * np.square(excess)).sum()) / horizon
        slope_error = min(1 / float(np.sqrt(information)), STEEPEST_ERROR)
    return Calibration(
        log_odds=log_odds,
        log_odds_error=min(log_odds_error, STEEPEST_ERROR),
        slope=slope,
        slope_error=slope_error,
        coverage=coverage,
    )
