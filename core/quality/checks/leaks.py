"""Features that leak the target's next move or restate that of the same row.

Judged on train rows: legitimate features never predict the next move exactly.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from core.data.columns import Roles
from core.data.dataset import Dataset
from core.findings.limit import limit_findings
from core.findings.look_ahead import KnowsTheFuture, SameRowDirection, SuspectedLookAhead
from core.findings.model import Finding
from core.quality.checks.suspected_leaks import SuspectedLeak, find_suspected_leaks
from core.quality.column.changes import difference_levels
from core.quality.column.profile import ColumnProfile
from core.quality.market.prices import PriceGroup, group_prices
from core.quality.numerics.blocks import Rows, read_blocks
from core.quality.scan import Scan

_EXACT, _MIN_AUC, _PURE = 0.99, 0.995, 0.99
# If the target's own last value already predicts the next one, a feature cannot be blamed for it.
_OWN_SHARE, _OWN_AUC = 0.05, 0.9
_FEWEST, _FEWEST_OF_A_SIGN = 100, 20
# A feature with such an AUC correlates at least this much with the signs: the others need no ranks.
_WORTH_RANKING = 0.3
_FEW_VALUES, _MOST_COLUMNS = 10, 50


def check_leaks(
    dataset: Dataset, scan: Scan, rows: Rows, roles: Roles
) -> tuple[tuple[Finding, ...], tuple[SuspectedLeak, ...]]:
    """Check for features that leak the target, or restate its same-row direction.

    Return the findings and the suspected leaks, those found almost perfectly included.

    A feature leaks if, over train rows, it predicts the target's next value almost perfectly beyond what the target's own last
    value predicts, or separates its rises from its falls almost perfectly. An open legitimately follows the previous close:
    if the target is an open, leaks cannot be distinguished from legitimate features and are not checked.

    Parameters
    ----------
    dataset
        The table.
    scan
        Its columns, and the train rows aligned with the target; without a numeric target nothing is checked.
    rows
        The layout of its rows.
    roles
        The columns of time, series and target.
    """
    target = roles.target
    if scan.aligned is None or scan.recent is None or target is None:
        return (), ()
    groups = group_prices([column.name for column in scan.columns if column.kind.is_numeric])
    is_open = any(group.open == target for group in groups)
    places = scan.aligned.index.to_numpy()
    has_next = (np.diff(places) == 1) & ~rows.train_first[places[1:]]
    leaks = {} if is_open else dict(_find_leaks(scan.aligned, target, has_next))
    findings: list[Finding] = [
        KnowsTheFuture(column=name, target=target, leaks=what) for name, what in sorted(leaks.items())
    ]
    few = [column for column in _few_valued(scan.columns, roles) if column.name not in leaks]
    if few:
        findings += _check_few_valued(dataset, few, rows, target, groups)
    exact = {finding.column for finding in findings if isinstance(finding, KnowsTheFuture)}
    exempt = _exempt(groups, target).intersection(scan.recent.columns)
    suspected = find_suspected_leaks(scan.recent, target, scan.recent_first, exempt)
    findings += [SuspectedLookAhead(target=target, **vars(leak)) for leak in suspected if leak.column not in exact]
    known = {leak.column for leak in suspected}
    certain = (
        SuspectedLeak(column=name, evidence="next row", lead=1, share=1.0, delay=1) for name in sorted(exact - known)
    )
    return limit_findings(findings), (*suspected, *certain)


def _exempt(groups: Sequence[PriceGroup], target: str) -> frozenset[str]:
    """Return the prices of the target's bar that follow it within the row, if the target is not its close."""
    return frozenset(
        price
        for group in groups
        if target in group.prices and (group.bar is None or target != group.bar[3])
        for price in group.prices
        if price != target
    )


def _find_leaks(
    aligned: pd.DataFrame, target: str, has_next: np.ndarray
) -> Iterator[tuple[str, Literal["value", "direction"]]]:
    """Yield the features that leak, and what they leak.

    `has_next`, shape (rows - 1,) bool, marks rows that are followed by their next row.
    """
    values = aligned[target].to_numpy(np.float64)
    now, later = values[:-1][has_next], values[1:][has_next]
    if len(later) < _FEWEST:
        return
    own_residual = _residual(later, now)
    value_is_open = own_residual @ own_residual > _OWN_SHARE * np.sum((later - later.mean()) ** 2)
    up = later > _split_level(later)
    both_signs = min(np.count_nonzero(up), np.count_nonzero(~up)) >= _FEWEST_OF_A_SIGN
    direction_is_open = both_signs and _auc(now, up) < _OWN_AUC
    for name in aligned.columns.drop(target):
        feature = aligned[name].to_numpy(np.float64)[:-1][has_next]
        good = np.isfinite(feature)
        if np.count_nonzero(good) < _FEWEST or np.ptp(feature[good]) == 0:
            continue
        x, y, before = feature[good], later[good], now[good]
        if value_is_open and abs(_correlation(_residual(x, before), _residual(y, before))) > _EXACT:
            yield name, "value"
        elif direction_is_open and abs(_correlation(x, up[good])) > _WORTH_RANKING and _auc(x, up[good]) > _MIN_AUC:
            yield name, "direction"


def _split_level(values: np.ndarray) -> float:
    """Return the level between rises and falls.

    It is 0 if there are both signs, else the mean, as for labels 0 and 1.
    """
    return 0.0 if values.min() < 0 < values.max() else float(values.mean())


def _residual(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the residuals of a linear regression of `values` on `known`, all of shape (n,)."""
    x, y = known - known.mean(), values - values.mean()
    size = x @ x
    return y - x * ((x @ y) / size) if size > 0 else y


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else 0.0


def _auc(values: np.ndarray, up: np.ndarray) -> float:
    """Return the area under the ROC curve of `values` as a score for `up`.

    Both have shape (n,). If the score of the opposite is larger, that is returned.
    """
    ups, downs = np.count_nonzero(up), np.count_nonzero(~up)
    if not ups or not downs:
        return 0.5
    area = (stats.rankdata(values)[up].sum() - ups * (ups + 1) / 2) / (ups * downs)
    return float(max(area, 1 - area))


def _few_valued(columns: Sequence[ColumnProfile], roles: Roles) -> list[ColumnProfile]:
    """Return the columns, text included, with two to ten distinct values in the train era."""
    others = (column for column in columns if column.name not in (roles.time, roles.series, roles.target))
    few = (column for column in others if 2 <= column.train.distinct <= _FEW_VALUES)
    return sorted(few, key=lambda column: column.name)[:_MOST_COLUMNS]


def _check_few_valued(
    dataset: Dataset, few: Sequence[ColumnProfile], rows: Rows, target: str, groups: Sequence[PriceGroup]
) -> Iterator[Finding]:
    """Yield the columns whose values encode the direction of the next row, or of their own."""

    def read(names: Sequence[str]) -> Iterator[np.ndarray]:
        blocks = read_blocks(dataset, [dataset.column(name) for name in names], len(rows.times))
        return (rows.of_train(line) for block in blocks for line in block.values)

    change = difference_levels(next(read([target])), rows.train_first)
    is_open = any(group.open == target for group in groups)
    following = np.full(len(change), np.nan) if is_open else np.r_[change[1:], np.nan]
    bar = next((g.bar for g in groups if g.bar and (target in g.prices or len(groups) == 1)), None)
    same_row: list[tuple[str, str | None, np.ndarray]] = [(target, None, change)]
    if bar:
        opening, _, _, close = bar
        same_row.insert(0, (close, opening, np.subtract(*read([close, opening]))))
    for column, values in zip(few, read([column.name for column in few]), strict=True):
        if _encodes_sign(values, following):
            yield KnowsTheFuture(column=column.name, target=target, leaks="direction")
            continue
        for price, compared, moves in same_row:
            if _encodes_sign(values, moves):
                yield SameRowDirection(column=column.name, price=price, opening=compared)
                break


def _encodes_sign(values: np.ndarray, moves: np.ndarray) -> bool:
    """Return whether each distinct value almost always means a rise or a fall.

    Both must occur.
    """
    known = np.isfinite(values) & np.isfinite(moves) & (moves != 0)
    if np.count_nonzero(known) < _FEWEST:
        return False
    up = moves[known] > 0
    held = values[known]
    masks = [held == value for value in pd.unique(held)]
    ups, rows = (np.array([np.count_nonzero(mask & chosen) for mask in masks]) for chosen in (up, True))
    majority = np.maximum(ups, rows - ups)
    both = np.any(2 * ups > rows) and np.any(2 * ups < rows)
    return bool(both and majority.sum() >= _PURE * len(up))
