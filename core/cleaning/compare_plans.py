"""Columns that one cleaning plan keeps and another does not."""

from dataclasses import dataclass

from core.cleaning.plan import CleaningPlan


@dataclass(frozen=True)
class PlanDifference:
    """The names of the columns that only one of two plans keeps, in file order."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def compare_plans(first: CleaningPlan, second: CleaningPlan) -> PlanDifference:
    """Return which columns only the first plan keeps, and which only the second.

    Examples
    --------
    >>> from core.cleaning.plan import ColumnDecision
    >>> one = CleaningPlan((ColumnDecision(name="vix", decision="keep", reasons=(), overridden=False),), ())
    >>> other = CleaningPlan((ColumnDecision(name="vix", decision="drop", reasons=(), overridden=False),), ())
    >>> compare_plans(one, other)
    PlanDifference(only_first=('vix',), only_second=())
    """
    kept_first, kept_second = set(first.kept), set(second.kept)
    return PlanDifference(
        tuple(name for name in first.kept if name not in kept_second),
        tuple(name for name in second.kept if name not in kept_first),
    )
