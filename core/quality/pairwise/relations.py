"""Which features move with the target in a straight line, which otherwise, and which not at all."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from core.progress import Progress, ShouldStop, Silence, never_stop, require_going
from core.quality.numerics.circular_shifts import (
    Ranks,
    at_every_shift,
    choose_shifts,
    shift_correlation,
    shift_dependence,
    shift_lead,
)
from core.quality.numerics.correlation import correlation, rank_bounds
from core.quality.numerics.xi import xi_of_ranks

SIGNIFICANT = 0.05
MIN_ROWS = 30
MOST_SHIFTS, FEWEST_SHIFTS = 400, 60
_FEW_VALUES = 0.2
_AT_ONCE = 20
# 500 features of 2,000 rows get the most; of more, each gets fewer.
_SHIFTED_CELLS = 400_000_000


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one feature and the target hang together in the train era; a number that does not exist is None.

    Both enter as changes where they drift. `kind` is `linear` where Pearson's correlation is significant, `nonlinear` where
    what the straight line leaves over still depends on the feature, else `none`; where both hold, the larger part decides.
    `xi` is Chatterjee's coefficient of the target given the feature. `p_value` counts that two tests were made, `q_value`
    is the same after the Benjamini-Hochberg correction over all features: a relation stands where it is below 0.05.

    All that is of one row. `lead` is the correlation with the target's next row, what the target's own last value foretells
    taken out, and `lead_q` its corrected p-value.
    """

    feature: str
    target: str
    kind: Literal["linear", "nonlinear", "none"]
    pearson: float | None
    spearman: float | None
    xi: float | None
    p_value: float | None
    q_value: float | None
    lead: float | None = None
    lead_q: float | None = None

    @property
    def leads(self) -> bool:
        """Whether the feature tells something of the target's next row."""
        return self.lead_q is not None and self.lead_q < SIGNIFICANT


@dataclass(frozen=True, kw_only=True)
class _Tested:
    relation: Relation
    linear_p: float = 1.0
    left_over_p: float = 1.0
    curved_share: float = 0.0
    lead_p: float | None = None


def class_relations(
    values: pd.DataFrame, target: str, progress: Progress = Silence(), should_stop: ShouldStop = never_stop
) -> tuple[Relation, ...]:
    """Return the relation of every other column with the target, in the columns' order.

    Rows stand in order of time, series after series; NaN is a gap. Independent draws would be the wrong yardstick for
    time series, so that each statistic is compared with itself after the feature has been shifted in a circle against the
    target: what is left is the chance that two series with these memories agree by luck. A feature of fewer than 30 good
    pairs, or without variation, is `none` with no p-value.

    References
    ----------
    Chatterjee (2021), A new coefficient of correlation. Benjamini and Hochberg (1995), Controlling the false discovery rate.

    Examples
    --------
    >>> x = np.sin(np.arange(300.0) ** 2)
    >>> frame = pd.DataFrame({"straight": x, "bent": np.cos(np.arange(300.0) ** 1.7)}).assign(y=lambda at: at.straight)
    >>> frame["y"] += 2 * frame["bent"] ** 2
    >>> [relation.kind for relation in class_relations(frame, "y")]
    ['linear', 'nonlinear']
    """
    outcome = values[target].to_numpy(np.float64)
    names = [name for name in values.columns if name != target]
    shifts = count_shifts(len(names), len(values))
    tested: list[_Tested] = []
    # In one thread: so short are the steps that two of them wait for the interpreter longer than they work.
    for place, name in enumerate(names):
        if place % _AT_ONCE == 0:
            require_going(should_stop)
            progress.step(place, len(names), "Relations with the target")
        feature = values[name].to_numpy(np.float64)
        both = np.isfinite(feature) & np.isfinite(outcome)
        tested.append(_test(name, target, feature[both], outcome[both], shifts))
    progress.step(len(names), len(names), "Relations with the target")
    q_values = adjust_p_values([test.relation.p_value for test in tested])
    lead_q = adjust_p_values([test.lead_p for test in tested])
    return tuple(
        replace(_judge(test, q_value), lead_q=lead)
        for test, q_value, lead in zip(tested, q_values, lead_q, strict=True)
    )


def count_shifts(features: int, rows: int) -> int:
    """Return how many shifts each feature is compared with: fewer where there are very many features."""
    return int(np.clip(_SHIFTED_CELLS // max(1, features * rows), FEWEST_SHIFTS, MOST_SHIFTS))


def adjust_p_values(p_values: list[float | None]) -> list[float | None]:
    """Return the p-values after Benjamini and Hochberg's correction for the number of them; None stays None.

    Examples
    --------
    >>> adjust_p_values([0.01, None, 0.04])
    [0.02, None, 0.04]
    """
    known = [place for place, p_value in enumerate(p_values) if p_value is not None]
    adjusted: list[float | None] = list(p_values)
    if known:
        found = stats.false_discovery_control([p_values[place] for place in known])
        for place, q_value in zip(known, found.tolist(), strict=True):
            adjusted[place] = q_value
    return adjusted


def _test(name: str, target: str, x: np.ndarray, y: np.ndarray, shifts: int) -> _Tested:
    if len(x) < MIN_ROWS or x.min() == x.max() or y.min() == y.max():
        return _Tested(
            relation=Relation(
                feature=name,
                target=target,
                kind="none",
                pearson=None,
                spearman=None,
                xi=None,
                p_value=None,
                q_value=None,
            )
        )
    x, y = _standardise(x), _standardise(y)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return _Tested(
            relation=Relation(
                feature=name,
                target=target,
                kind="none",
                pearson=None,
                spearman=None,
                xi=None,
                p_value=None,
                q_value=None,
            )
        )
    order, of_x, of_y = np.argsort(x, kind="stable"), rank_bounds(x), rank_bounds(y)
    pearson = correlation(x, y)
    spearman = correlation(of_x[0] + of_x[1], of_y[0] + of_y[1])
    together = at_every_shift(x, y)
    linear_p = shift_correlation(together)
    left_over_p, curved_share = 1.0, 0.0
    left_over = y - pearson * x
    # A straight line without a rest leaves rounding errors, in which anything can be found.
    if left_over.std() > 1e-6:
        of_rest = rank_bounds(left_over)
        few_values = np.count_nonzero(np.bincount(of_y[0])) < _FEW_VALUES * len(y)
        ranks = Ranks(order=order, of_x=of_x[0], of_rest=of_rest[1])
        at = choose_shifts(len(x), shifts)
        left_over_p, curved_share = shift_dependence(x, left_over, ranks, at, few_values)
        if not few_values:
            curved_share = max(curved_share, xi_of_ranks(order, *of_rest))
    lead, lead_p = shift_lead(together, float(np.mean(y[1:] * y[:-1])))
    relation = Relation(
        feature=name,
        target=target,
        kind="none",
        pearson=pearson,
        spearman=spearman,
        xi=xi_of_ranks(order, *of_y),
        p_value=min(1.0, 2 * min(linear_p, left_over_p)),
        q_value=None,
        lead=lead,
    )
    return _Tested(
        relation=relation, linear_p=linear_p, left_over_p=left_over_p, curved_share=curved_share, lead_p=lead_p
    )


def _judge(test: _Tested, q_value: float | None) -> Relation:
    relation = replace(test.relation, q_value=q_value)
    if q_value is None or q_value >= SIGNIFICANT:
        return relation
    straight, bent = 2 * test.linear_p < SIGNIFICANT, 2 * test.left_over_p < SIGNIFICANT
    mostly_bent = bent and test.curved_share > relation.pearson**2
    return replace(relation, kind="linear" if straight and not mostly_bent else "nonlinear")


def _standardise(values: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        values = values / np.abs(values).max()
        values = values - values.mean()
        return values / values.std()
