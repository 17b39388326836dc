"""Remedies for failed diagnostics of a regression: one change of the recipe each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from core.findings.model import Remedy, drop_column
from core.regression.design import Design
from core.regression.diagnostics import Diagnostic, worst_inflation
from core.regression.question import ERROR_CORRECTION, Question
from core.text.feature_tokens import split_token

# A column that grows less than this from its smallest value to its largest is as good as linear in its logarithm.
_WORTH_A_LOG = 2.0


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedCase:
    """The fit that remedies are chosen for: its question, its train rows, and the inverse of the features' correlation matrix.

    `target_is_positive` says whether the target has log returns.
    """

    question: Question
    design: Design
    inverse: np.ndarray
    target_is_positive: bool

    @property
    def explains_levels(self) -> bool:
        """Whether the target's level is explained by the levels of other columns."""
        return self.question.kind == "explain" and self.question.values == "levels"


def add_remedies(diagnostics: Iterable[Diagnostic], case: FittedCase) -> tuple[Diagnostic, ...]:
    """Return the diagnostics, each that failed with the change of the recipe that answers it, if there is one.

    Heteroskedasticity, volatility clustering and heavy tails have none: HAC errors hold under them and are always shown.
    """
    return tuple(
        replace(found, remedy=_REMEDIES[found.name](case))
        if found.passed is False and found.name in _REMEDIES
        else found
        for found in diagnostics
    )


def _against_autocorrelation(case: FittedCase) -> Remedy | None:
    lag = Remedy(label="Add lag 1 of every feature", section="features", field="lags", value=(1,))
    return _against_unit_root(case) or lag


def _against_unit_root(case: FittedCase) -> Remedy | None:
    if case.explains_levels:
        return Remedy(label="Explain changes", section="regression", field="values", value="changes")
    if case.question.kind == "predict" and case.question.task.predict == "level":
        change = "log_return" if case.target_is_positive else "difference"
        label = f"Predict the {change.replace('_', ' ')}"
        return Remedy(label=label, section="training", field="predict", value=change)
    return None


def _against_curvature(case: FittedCase) -> Remedy | None:
    """Offer logarithms of the columns that enter as positive levels and grow the most."""
    if not case.explains_levels:
        return None
    design = case.design
    lowest, highest = (
        edge * design.scale + design.center for edge in (design.exog[:, 1:].min(axis=0), design.exog[:, 1:].max(axis=0))
    )
    columns = tuple(
        split_token(name)[0]
        for name, low, high in zip(design.names, lowest, highest, strict=True)
        if low > 0 and high > _WORTH_A_LOG * low and not split_token(name)[1]
    )
    if not columns:
        return None
    label = f"Take logs of {columns[0]}" if len(columns) == 1 else f"Take logs of {len(columns)} columns"
    return Remedy(label=label, section="cleaning", field="log", value=columns)


def _against_inflation(case: FittedCase) -> Remedy | None:
    worst = worst_inflation(case.design.names, case.inverse).feature
    column = split_token(worst)[0]
    others = {split_token(name)[0] for name in case.design.names if name != worst}
    # A column whose lags cause its inflation is not dropped for them.
    is_kept = column in others or column in (case.question.task.target, ERROR_CORRECTION)
    return None if is_kept else drop_column(column)


def _by_forward_selection(case: FittedCase) -> Remedy | None:
    if case.question.choose == "forward":
        return None
    return Remedy(label="Choose features by BIC", section="regression", field="choose", value="forward")


_REMEDIES: dict[str, Callable[[FittedCase], Remedy | None]] = {
    "Durbin-Watson": _against_autocorrelation,
    "Ljung-Box": _against_autocorrelation,
    "Breusch-Godfrey": _against_autocorrelation,
    "RESET": _against_curvature,
    "Variance inflation": _against_inflation,
    "Condition number": _by_forward_selection,
    "ADF": _against_unit_root,
    "KPSS": _against_unit_root,
}
