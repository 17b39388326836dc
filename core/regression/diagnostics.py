"""The result of one diagnostic test, and the diagnostics of collinearity."""

from dataclasses import dataclass

import numpy as np

from core.findings.model import Remedy
from core.findings.regression import describe_vif
from core.text.feature_tokens import feature_label
from core.text.format import format_number

ALPHA = 0.05
MOST_VIF = 10.0
MOST_CONDITION = 30.0


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One test: `passed` is None if it could not be run, and the sentence says why; a failed one may have a remedy."""

    name: str
    statistic: float | None
    p_value: float | None
    passed: bool | None
    sentence: str
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Inflation:
    """A feature and the variance inflation factor of its coefficient."""

    feature: str
    factor: float


def worst_inflation(names: tuple[str, ...], inverse: np.ndarray) -> Inflation:
    """Return the largest variance inflation factor.

    `inverse` float64 (k, k): the inverse of the correlation matrix of the `names`, with the factors on its diagonal.
    """
    factors = np.diag(inverse)
    worst = int(factors.argmax())
    return Inflation(names[worst], float(factors[worst]))


def diagnose_collinearity(names: tuple[str, ...], inverse: np.ndarray) -> tuple[Diagnostic, Diagnostic]:
    """Return the largest variance inflation factor and the condition number.

    `inverse` float64 (k, k): the inverse of the correlation matrix of the `names`.
    """
    eigenvalues = np.linalg.eigvalsh(inverse)
    condition = float(np.sqrt(eigenvalues[-1] / eigenvalues[0]))
    worst = worst_inflation(names, inverse)
    vif_high, condition_high = worst.factor > MOST_VIF, condition > MOST_CONDITION
    sentence = f"Condition number of the scaled features: {format_number(condition)}"
    return (
        Diagnostic(
            name="Variance inflation",
            statistic=worst.factor,
            p_value=None,
            passed=not vif_high,
            sentence="There is only one feature, so there is no collinearity."
            if len(names) == 1
            else describe_vif(feature_label(worst.feature), worst.factor, vif_high),
        ),
        Diagnostic(
            name="Condition number",
            statistic=condition,
            p_value=None,
            passed=not condition_high,
            sentence=f"{sentence}, above 30: small changes in the data move the coefficients a lot."
            if condition_high
            else f"{sentence}, at most 30.",
        ),
    )
