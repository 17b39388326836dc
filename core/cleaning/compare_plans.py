"""What two plans decide differently: columns that stay by one and go, or are not there, by the other."""

from dataclasses import dataclass

from core.cleaning.plan import CleaningPlan


@dataclass(frozen=True)
class PlanDifference:
    """The names of the columns that stay by one of two plans alone, in the order of the file."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def compare_plans(first: CleaningPlan, second: CleaningPlan) -> PlanDifference:
    """Return which columns stay by the first plan alone, and which by the second alone.

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
