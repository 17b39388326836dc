"""What would make a feature easier to learn from: its changes, its logarithm, or fewer extremes. Judged on train rows alone."""

import math

from core.data.columns import Kind, Roles
from core.findings.model import Finding, Remedy, Severity, legacy_finding
from core.quality.column.profile import ColumnProfile
from core.quality.numerics.statistics import BAD_RATIO, ColumnStatistics

_MIN_ROWS, _MIN_DISTINCT = 100, 20
_SKEWED, _HEAVY = 2.0, 10.0


def suggest_change(column: ColumnProfile, roles: Roles) -> Finding | None:
    """Return the one change that suggests itself for a feature, with its remedy; None where it is fine as it is.

    What drifts is taken by its changes. What is positive and skewed so that its logarithm is far more even is taken by that.
    What has an excess kurtosis above 10 and outliers by robust z is clipped. Columns that are to go anyway, and those of a
    few values, are left alone.
    """
    train = column.train
    if (
        column.name in (roles.time, roles.series, roles.target)
        or not column.kind.is_numeric
        or column.kind == Kind.BOOLEAN
        or column.identifier_like
        or column.constant
        or train.bad_ratio > BAD_RATIO
    ):
        return None
    if column.drifts:
        return _take_returns(column) if column.price_like else _take_differences(column)
    if train.valid < _MIN_ROWS or train.unique_ratio * train.valid < _MIN_DISTINCT:
        return None
    if train.skewness is not None and train.skewness > _SKEWED and _log_evens(train):
        return _take_logarithm(column)
    if train.kurtosis is not None and train.kurtosis > _HEAVY and train.outlier_ratio and train.q25 < train.q75:
        return _clip(column)
    return None


def _log_evens(train: ColumnStatistics) -> bool:
    """Return whether the 1 % and 99 % quantiles lie far more evenly about the median on a logarithmic scale."""
    levels = (train.q01, train.median, train.q99)
    if train.min is None or train.min <= 0 or levels[0] == levels[2]:
        return False
    plain, logarithmic = _leaning(*levels), _leaning(*map(math.log, levels))
    return abs(logarithmic) < plain / 2


def _leaning(low: float, middle: float, high: float) -> float:
    return (high + low - 2 * middle) / (high - low) if high > low else 0.0


def _take_returns(column: ColumnProfile) -> Finding:
    title = f"{column.name} drifts like a price: its returns say more than its levels"
    remedy = Remedy(
        label=f"Take the return of {column.name}", section="cleaning", field="returns", value=(column.name,)
    )
    return _suggest("suggest-returns", column, title, _drifting(column), remedy)


def _take_differences(column: ColumnProfile) -> Finding:
    title = f"{column.name} drifts: its changes say more than its levels"
    remedy = Remedy(
        label=f"Take the difference of {column.name}", section="cleaning", field="difference", value=(column.name,)
    )
    return _suggest("suggest-difference", column, title, _drifting(column), remedy)


def _drifting(column: ColumnProfile) -> str:
    return (
        f"Neighbouring values correlate with {column.train.autocorrelation:.3f} in the train era. Cleaning does this to every "
        "such column while Levels as changes is on; the button does it to this one in any case."
    )


def _take_logarithm(column: ColumnProfile) -> Finding:
    train = column.train
    title = f"{column.name} is positive and strongly skewed: its logarithm is more even"
    times = train.q99 / train.median
    detail = f"Skewness {train.skewness:.3g} in the train era; its 99 % quantile is {times:,.3g} times its median."
    return _suggest(
        "suggest-log",
        column,
        title,
        detail,
        Remedy(label=f"Take the logarithm of {column.name}", section="cleaning", field="log", value=(column.name,)),
    )


def _clip(column: ColumnProfile) -> Finding:
    train = column.train
    title = f"{column.name} has heavy tails: clipping keeps a few extremes from ruling what is learned"
    detail = (
        f"Excess kurtosis {train.kurtosis:.3g} in the train era, where {100 * train.outlier_ratio:.3g} % of its good values lie "
        "more than 3.5 robust standard deviations from the median."
    )
    remedy = Remedy(label=f"Clip {column.name}", section="cleaning", field="clip_columns", value=(column.name,))
    return _suggest("suggest-clip", column, title, detail, remedy)


def _suggest(code: str, column: ColumnProfile, title: str, detail: str, remedy: Remedy) -> Finding:
    return legacy_finding(code, Severity.INFO, title, detail, column.name, remedy=remedy)
