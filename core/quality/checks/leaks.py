"""Columns that know what the target does next, judged on train rows: an honest feature never knows it exactly."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from core.data.columns import Roles
from core.data.dataset import Dataset
from core.findings.limit import limit_findings
from core.findings.model import Finding, Severity, drop_column, legacy_finding
from core.quality.column.changes import difference_levels
from core.quality.column.profile import ColumnProfile
from core.quality.market.prices import PriceGroup, group_prices
from core.quality.numerics.blocks import Rows, read_blocks
from core.quality.scan import Scan

_KNOWS, _SORTS, _PURE = 0.99, 0.995, 0.99
# What the target's own last value tells already cannot be told by a feature.
_OWN_SHARE, _OWN_SORTS = 0.05, 0.9
_FEWEST, _FEWEST_OF_A_SIGN = 100, 20
# A feature that sorts ups from downs correlates with them at least so much: ranks are worked out for those alone.
_WORTH_RANKING = 0.3
_FEW_VALUES, _MOST_COLUMNS = 10, 50


def find_leaks(dataset: Dataset, scan: Scan, rows: Rows, roles: Roles) -> tuple[Finding, ...]:
    """Return the features that tell the target's next value, or its next direction, and those that tell that of the same row.

    A feature leaks where, over train rows, it gives the target's next change beyond what the target's own last value gives, or
    sorts its ups from its downs, almost without fail. An open follows the close of the row before, honestly: where it is the
    target, what knows its next value cannot be told from what is fair, and is passed over.
    """
    if scan.aligned is None:
        return ()
    groups = group_prices([column.name for column in scan.columns if column.kind.is_numeric])
    is_open = any(group.open == roles.target for group in groups)
    places = scan.aligned.index.to_numpy()
    follows = (np.diff(places) == 1) & ~rows.train_first[places[1:]]
    told = {} if is_open else dict(_know_next(scan.aligned, roles.target, follows))
    findings = [_next_told(name, what, roles.target) for name, what in sorted(told.items())]
    few = [column for column in _few_valued(scan.columns, roles) if column.name not in told]
    return limit_findings([*findings, *_look_at_few_values(dataset, few, rows, roles, groups)])


def _know_next(aligned: pd.DataFrame, target: str, follows: np.ndarray) -> Iterator[tuple[str, str]]:
    """Yield the features that know the next value of the target, and what they know; `follows` marks rows with a next one."""
    values = aligned[target].to_numpy(np.float64)
    now, later = values[:-1][follows], values[1:][follows]
    if len(later) < _FEWEST:
        return
    own_left = _left_over(later, now)
    exact = own_left @ own_left > _OWN_SHARE * np.sum((later - later.mean()) ** 2)
    up = later > _middle(later)
    signed = min(np.count_nonzero(up), np.count_nonzero(~up)) >= _FEWEST_OF_A_SIGN and _sorts(now, up) < _OWN_SORTS
    for name in aligned.columns.drop(target):
        feature = aligned[name].to_numpy(np.float64)[:-1][follows]
        good = np.isfinite(feature)
        if np.count_nonzero(good) < _FEWEST or np.ptp(feature[good]) == 0:
            continue
        x, y, before = feature[good], later[good], now[good]
        if exact and abs(_correlation(_left_over(x, before), _left_over(y, before))) > _KNOWS:
            yield name, "value"
        elif signed and abs(_correlation(x, up[good])) > _WORTH_RANKING and _sorts(x, up[good]) > _SORTS:
            yield name, "direction"


def _middle(values: np.ndarray) -> float:
    """Return what parts ups from downs: zero where there are both, else the mean, as for a target of zeros and ones."""
    return 0.0 if values.min() < 0 < values.max() else float(values.mean())


def _left_over(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return what a straight line through `known` leaves of the values."""
    x, y = known - known.mean(), values - values.mean()
    size = x @ x
    return y - x * ((x @ y) / size) if size > 0 else y


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else 0.0


def _sorts(values: np.ndarray, up: np.ndarray) -> float:
    """Return how well values sort ups from downs: the area under the ROC curve, or that of the opposite, if larger."""
    ups, downs = np.count_nonzero(up), np.count_nonzero(~up)
    if not ups or not downs:
        return 0.5
    area = (stats.rankdata(values)[up].sum() - ups * (ups + 1) / 2) / (ups * downs)
    return float(max(area, 1 - area))


def _few_valued(columns: Sequence[ColumnProfile], roles: Roles) -> list[ColumnProfile]:
    """Return the columns, words among them, that take two to ten values in the train era."""
    others = (column for column in columns if column.name not in (roles.time, roles.series, roles.target))
    few = (column for column in others if 2 <= column.train.distinct <= _FEW_VALUES)
    return sorted(few, key=lambda column: column.name)[:_MOST_COLUMNS]


def _look_at_few_values(
    dataset: Dataset, few: Sequence[ColumnProfile], rows: Rows, roles: Roles, groups: Sequence[PriceGroup]
) -> Iterator[Finding]:
    """Yield the columns of few values each of which means ups or downs: of the next row, or of its own."""
    bar = next((g for g in groups if g.bar and (roles.target in g.prices or len(groups) == 1)), None)
    if not few:
        return

    def read(names: Sequence[str]) -> Iterator[np.ndarray]:
        blocks = read_blocks(dataset, [dataset.column(name) for name in names], len(rows.times))
        return (rows.of_train(line) for block in blocks for line in block.values)

    change = difference_levels(*read([roles.target]), rows.train_first)
    is_open = any(group.open == roles.target for group in groups)
    following = np.full(len(change), np.nan) if is_open else np.r_[change[1:], np.nan]
    same = [(f"{roles.target} rose since the row before", change)]
    if bar:
        same.insert(0, (f"{bar.close} ended above {bar.open}", np.subtract(*read([bar.close, bar.open]))))
    for column, values in zip(few, read([column.name for column in few]), strict=True):
        if _means_sign(values, following):
            yield _next_told(column.name, "direction", roles.target)
        else:
            told = next((what for what, moves in same if _means_sign(values, moves)), None)
            if told is not None:
                yield _same_row_told(column.name, told)


def _means_sign(values: np.ndarray, moves: np.ndarray) -> bool:
    """Return whether each value stands for ups or for downs, almost without fail, and both are there."""
    known = np.isfinite(values) & np.isfinite(moves) & (moves != 0)
    if np.count_nonzero(known) < _FEWEST:
        return False
    up = moves[known] > 0
    held = values[known]
    each = [held == value for value in pd.unique(held)]
    ups, all_of = (np.array([np.count_nonzero(one & what) for one in each]) for what in (up, True))
    most = np.maximum(ups, all_of - ups)
    both = np.any(2 * ups > all_of) and np.any(2 * ups < all_of)
    return bool(both and most.sum() >= _PURE * len(up))


def _next_told(name: str, what: str, target: str) -> Finding:
    return legacy_finding(
        "knows-the-future",
        Severity.PROBLEM,
        f"{name} tells the next {what} of {target}",
        "Over the train rows it gives it almost without fail, which no honest feature does: it was made from later rows, or "
        "stands a row too early. A model that learns from it looks perfect and is worth nothing.",
        name,
        remedy=drop_column(name),
    )


def _same_row_told(name: str, told: str) -> Finding:
    return legacy_finding(
        "same-row-direction",
        Severity.WARNING,
        f"{name} only says whether {told}, of the same row",
        "It is known when the row has ended and adds nothing to the prices. Set against the same row it gives the answer away.",
        name,
        remedy=drop_column(name),
    )
