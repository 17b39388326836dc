"""Calibration of predicted probabilities: how far to trust them beyond the train frequency, learned on validation."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from scipy.stats import norm

from core.data.eras import Era
from core.samples.direction import train_log_odds
from core.samples.samples import Samples

# No probability is below or above these: nothing here is as sure as that, and the log loss of a miss stays finite.
SUREST = (0.01, 0.99)
_STEEPEST_ERROR = 10.0
# Log odds closer to those of train than this are the same: the rest is rounding.
_NO_EXCESS = 1e-9


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How log odds are drawn towards those of train: by the factor `slope`, from 0 (the train frequency) to 1 (as predicted).

    `log_odds` are those of train outcomes. The errors are standard errors; `coverage` is that of the confidence band.
    """

    log_odds: float
    log_odds_error: float
    slope: float
    slope_error: float
    coverage: float

    def is_consistent(self) -> bool:
        """Return whether the numbers make a calibration; in a foreign file they may not."""
        errors = self.log_odds_error, self.slope_error
        is_small = all(0 <= error <= _STEEPEST_ERROR for error in errors)
        return is_small and abs(self.log_odds) < 50 and 0 <= self.slope <= 1 and 0 < self.coverage < 1

    def apply(self, probability: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities, float64 (n,), from predicted ones, NaN where those are.

        Examples
        --------
        >>> half = Calibration(log_odds=0.0, log_odds_error=0.0, slope=0.5, slope_error=0.0, coverage=0.9)
        >>> half.apply(np.array([0.5, 0.8])).round(3)
        array([0.5  , 0.667])
        """
        return _bounded(self.log_odds + self.slope * self._excess(probability))

    def band(self, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the confidence band of calibrated probabilities, float64 (n,) each (delta method)."""
        excess = self._excess(probability)
        error = np.sqrt(self.log_odds_error**2 + np.square(excess * self.slope_error))
        reach = float(norm.ppf((1 + self.coverage) / 2)) * error
        middle = self.log_odds + self.slope * excess
        return _bounded(middle - reach), _bounded(middle + reach)

    def _excess(self, probability: np.ndarray) -> np.ndarray:
        return _log_odds(probability) - self.log_odds


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
    share = float(expit(log_odds))
    log_odds_error = float(np.sqrt(horizon / (len(outcome) * share * (1 - share))))
    rows = samples.of(Era.VALIDATION)
    rows = rows[np.isfinite(probability[rows])]
    excess, rose = _log_odds(probability[rows]) - log_odds, samples.outcome[rows] > 0
    slope, slope_error = 1.0, 0.0
    if np.abs(excess).max(initial=0.0) > _NO_EXCESS:

        def log_loss(slope: float) -> float:
            fitted = log_odds + slope * excess
            return float(np.logaddexp(0.0, np.where(rose, -fitted, fitted)).sum())

        slope = float(minimize_scalar(log_loss, bounds=(0.0, 1.0), method="bounded").x)
        fitted = expit(log_odds + slope * excess)
        information = float((fitted * (1 - fitted) * np.square(excess)).sum()) / horizon
        slope_error = min(1 / float(np.sqrt(information)), _STEEPEST_ERROR)
    return Calibration(
        log_odds=log_odds,
        log_odds_error=min(log_odds_error, _STEEPEST_ERROR),
        slope=slope,
        slope_error=slope_error,
        coverage=coverage,
    )


def _log_odds(probability: np.ndarray) -> np.ndarray:
    return np.asarray(logit(np.clip(probability, *SUREST)))


def _bounded(log_odds: np.ndarray) -> np.ndarray:
    return np.clip(expit(log_odds), *SUREST)
