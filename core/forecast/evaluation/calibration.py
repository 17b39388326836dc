"""Calibration of predicted probabilities: how far to trust them beyond the train frequency, learned on validation."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from core.samples.log_odds import to_log_odds, to_probability

# No probability is below or above these: nothing here is as sure as that, and the log loss of a miss stays finite.
SUREST = (0.01, 0.99)
STEEPEST_ERROR = 10.0


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
        is_small = all(0 <= error <= STEEPEST_ERROR for error in errors)
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
        reach = NormalDist().inv_cdf((1 + self.coverage) / 2) * error
        middle = self.log_odds + self.slope * excess
        return _bounded(middle - reach), _bounded(middle + reach)

    def _excess(self, probability: np.ndarray) -> np.ndarray:
        return bounded_log_odds(probability) - self.log_odds


def bounded_log_odds(probability: np.ndarray) -> np.ndarray:
    """Return the log odds of probabilities, float64 (n,), as if none were surer than `SUREST`."""
    return to_log_odds(np.clip(probability, *SUREST))


def _bounded(log_odds: np.ndarray) -> np.ndarray:
    return np.clip(to_probability(log_odds), *SUREST)
