"""One check of a regression as a result: a statistic, whether it passed, and what that means in plain words."""

from dataclasses import dataclass

import numpy as np

ALPHA = 0.05
MOST_VIF = 10.0
MOST_CONDITION = 30.0


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One check: `passed` is None where it could not be judged, and the sentence says why."""

    name: str
    statistic: float | None
    p_value: float | None
    passed: bool | None
    sentence: str


def check_collinearity(names: tuple[str, ...], inverse: np.ndarray) -> tuple[Diagnostic, Diagnostic]:
    """Return the worst variance inflation factor, with its feature, and the condition number of the scaled features.

    `inverse` is the inverse of the features' correlation matrix; its diagonal holds the inflation factors.
    """
    spreads = np.linalg.eigvalsh(inverse)
    condition = float(np.sqrt(spreads[-1] / spreads[0]))
    inflation = np.diag(inverse)
    worst = int(inflation.argmax())
    factor = float(inflation[worst])
    return (
        Diagnostic(
            name="Variance inflation",
            statistic=factor,
            p_value=None,
            passed=factor <= MOST_VIF,
            sentence="There is one feature only, so none repeats it."
            if len(names) == 1
            else f"The other features explain {max(0.0, 1 - 1 / factor):.1%} of {names[worst]}, the most of any feature"
            + (
                f": its coefficient varies {np.sqrt(factor):,.0f} times as much as alone." if factor > MOST_VIF else "."
            ),
        ),
        Diagnostic(
            name="Condition number",
            statistic=condition,
            p_value=None,
            passed=condition <= MOST_CONDITION,
            sentence=f"The scaled features spread {condition:,.1f} times as far in one direction as in another"
            + ("; small changes in the data move the coefficients much." if condition > MOST_CONDITION else "."),
        ),
    )


def p_text(p_value: float) -> str:
    """Return a p-value as it is read.

    Examples
    --------
    >>> p_text(0.0321), p_text(1e-9)
    ('p = 0.03', 'p < 0.001')
    """
    if p_value < 0.001:
        return "p < 0.001"
    return f"p = {p_value:.3f}" if p_value < 0.01 else f"p = {p_value:.2f}"
