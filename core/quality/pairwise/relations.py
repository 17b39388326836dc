"""Linear and non-linear relations of features with the target."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from core.progress import NoProgress, Progress, ShouldStop, never_stop, require_going
from core.quality.numerics.circular_shifts import (
    Ranks,
    choose_shifts,
    correlate_at_shifts,
    evaluate_correlation,
    evaluate_dependence,
    evaluate_lead,
)
from core.quality.numerics.correlation import correlation, rank_bounds
from core.quality.numerics.xi import xi_of_ranks

SIGNIFICANT = 0.05
MIN_ROWS = 30
MOST_SHIFTS, FEWEST_SHIFTS = 400, 60
_FEW_VALUES = 0.2
_AT_ONCE = 20
# Up to 500 features of 2,000 rows get the full number of shifts; with more, each gets fewer.
_SHIFTED_CELLS = 400_000_000


@dataclass(frozen=True, kw_only=True)
class Relation:
    """The relation of one feature with the target in the train era; a number that does not exist is None.

    Both are differenced unless they mean-revert within a row, as returns do. `kind` is `linear` if Pearson's correlation is
    significant, `nonlinear` if the residual of the linear fit still depends on the feature, else `none`; if both hold, the one
    that explains more decides.
    `xi` is Chatterjee's coefficient of the target given the feature. `p_value` is Bonferroni-corrected for the two tests,
    `q_value` is the same after the Benjamini-Hochberg correction over all features; below 0.05 is significant.

    These are same-row relations. `lead` is the partial correlation with the target's next row, given the target's own last
    value, and `lead_q` its corrected p-value.
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
        """Whether the feature helps to predict the target's next row."""
        return self.lead_q is not None and self.lead_q < SIGNIFICANT


@dataclass(frozen=True, kw_only=True)
class _Tested:
    """A relation before correction, the p-values of its tests, and the share of variance of the residual that it explains."""

    relation: Relation
    linear_p: float = 1.0
    residual_p: float = 1.0
    nonlinear_share: float = 0.0
    lead_p: float | None = None


def classify_relations(
    values: pd.DataFrame, target: str, progress: Progress = NoProgress(), should_stop: ShouldStop = never_stop
) -> tuple[Relation, ...]:
    """Classify the relation of every other column with the target, in the columns' order.

    Autocorrelation invalidates tests for independent draws, so each statistic is compared with its values after circular
    shifts of the feature against the target: these keep both autocorrelations and break the relation. A feature with
    fewer than 30 valid pairs, or without variation, is `none` and has no p-value.

    Parameters
    ----------
    values
        Numeric columns, one row per time, sorted by series and time; NaN is missing.
    target
        The name of the target's column.
    progress, should_stop
        Called every 20 features; `Stopped` is raised if a stop is requested.

    References
    ----------
    Chatterjee (2021), A new coefficient of correlation. Benjamini and Hochberg (1995), Controlling the false discovery rate.

    Examples
    --------
    >>> x = np.sin(np.arange(300.0) ** 2)
    >>> frame = pd.DataFrame({"line": x, "curve": np.cos(np.arange(300.0) ** 1.7)}).assign(y=lambda at: at.line)
    >>> frame["y"] += 2 * frame["curve"] ** 2
    >>> [relation.kind for relation in classify_relations(frame, "y")]
    ['linear', 'nonlinear']
    """
    outcome = values[target].to_numpy(np.float64)
    names = [name for name in values.columns if name != target]
    shifts = count_shifts(len(names), len(values))
    tested: list[_Tested] = []
    # One thread: the steps are so short that two threads would mostly wait for the interpreter lock.
    for place, name in enumerate(names):
        if place % _AT_ONCE == 0:
            require_going(should_stop)
            progress.step(place, len(names), "Relations with the target")
        feature = values[name].to_numpy(np.float64)
        valid = np.isfinite(feature) & np.isfinite(outcome)
        tested.append(_test(name, target, feature[valid], outcome[valid], shifts))
    progress.step(len(names), len(names), "Relations with the target")
    q_values = adjust_p_values([test.relation.p_value for test in tested])
    lead_q = adjust_p_values([test.lead_p for test in tested])
    return tuple(
        replace(_classify(test, q_value), lead_q=lead)
        for test, q_value, lead in zip(tested, q_values, lead_q, strict=True)
    )


def count_shifts(features: int, rows: int) -> int:
    """Return how many shifts each feature is compared with; with very many features there are fewer."""
    return int(np.clip(_SHIFTED_CELLS // max(1, features * rows), FEWEST_SHIFTS, MOST_SHIFTS))


def adjust_p_values(p_values: list[float | None]) -> list[float | None]:
    """Return the p-values after the Benjamini-Hochberg correction; None stays None and is not counted.

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
    """Test one feature x against the target y, both without NaN, shape (rows,)."""
    untested = Relation(
        feature=name, target=target, kind="none", pearson=None, spearman=None, xi=None, p_value=None, q_value=None
    )
    if len(x) < MIN_ROWS or x.min() == x.max() or y.min() == y.max():
        return _Tested(relation=untested)
    x, y = _standardise(x), _standardise(y)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return _Tested(relation=untested)
    order, ranks_x, ranks_y = np.argsort(x, kind="stable"), rank_bounds(x), rank_bounds(y)
    pearson = correlation(x, y)
    spearman = correlation(ranks_x[0] + ranks_x[1], ranks_y[0] + ranks_y[1])
    shifted = correlate_at_shifts(x, y)
    linear_p = evaluate_correlation(shifted)
    residual_p, nonlinear_share = 1.0, 0.0
    residual = y - pearson * x
    # The residual of a perfect line is rounding error, in which any test may find something.
    if residual.std() > 1e-6:
        residual_ranks = rank_bounds(residual)
        few_values = bool(np.count_nonzero(np.bincount(ranks_y[0])) < _FEW_VALUES * len(y))
        ranks = Ranks(order=order, feature=ranks_x[0], residual=residual_ranks[1])
        residual_p, nonlinear_share = evaluate_dependence(x, residual, ranks, choose_shifts(len(x), shifts), few_values)
        if not few_values:
            nonlinear_share = max(nonlinear_share, xi_of_ranks(order, *residual_ranks))
    clustering = float(np.mean(np.square(x[:-1] * y[1:])))
    lead, lead_p = evaluate_lead(shifted, float(np.mean(y[1:] * y[:-1])), clustering)
    relation = replace(
        untested,
        pearson=pearson,
        spearman=spearman,
        xi=xi_of_ranks(order, *ranks_y),
        p_value=min(1.0, 2 * min(linear_p, residual_p)),
        lead=lead,
    )
    return _Tested(
        relation=relation, linear_p=linear_p, residual_p=residual_p, nonlinear_share=nonlinear_share, lead_p=lead_p
    )


def _classify(test: _Tested, q_value: float | None) -> Relation:
    relation = replace(test.relation, q_value=q_value)
    if q_value is None or q_value >= SIGNIFICANT or relation.pearson is None:
        return relation
    linear, nonlinear = 2 * test.linear_p < SIGNIFICANT, 2 * test.residual_p < SIGNIFICANT
    is_mostly_nonlinear = nonlinear and test.nonlinear_share > relation.pearson**2
    return replace(relation, kind="linear" if linear and not is_mostly_nonlinear else "nonlinear")


def _standardise(values: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        values = values / np.abs(values).max()
        values = values - values.mean()
        return values / values.std()
