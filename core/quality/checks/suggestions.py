"""Transformations that make a feature easier to learn from, by its train rows."""

import math

from core.data.columns import Kind, Roles
from core.findings.model import Finding
from core.findings.suggestions import SuggestClip, SuggestDifference, SuggestLog, SuggestReturns
from core.quality.column.profile import ColumnProfile
from core.quality.numerics.statistics import BAD_RATIO, ColumnStatistics

_MIN_ROWS, _MIN_DISTINCT = 100, 20
_SKEWED, _HEAVY = 2.0, 10.0


def check_transformation(column: ColumnProfile, roles: Roles) -> Finding | None:
    """Return the transformation that suits a feature; None if it is fine as it is.

    Levels that drift become returns or differences. Positive, skewed values whose logarithm is far more symmetric become
    logarithms. Values with an excess kurtosis above 10 and outliers by robust z-score are clipped. Columns that other
    findings drop, and those with few distinct values, get no suggestion.
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
        drifting = SuggestReturns if column.price_like else SuggestDifference
        return drifting(column=column.name, autocorrelation=train.autocorrelation)
    if train.valid < _MIN_ROWS or train.unique_ratio * train.valid < _MIN_DISTINCT:
        return None
    return _suggest_logarithm(column.name, train) or _suggest_clipping(column.name, train)


def _suggest_logarithm(name: str, train: ColumnStatistics) -> SuggestLog | None:
    """Suggest the logarithm if it makes the distribution far more symmetric.

    Symmetry is that of the 1% and 99% quantiles about the median.
    """
    low, median, high = train.q01, train.median, train.q99
    if train.skewness is None or train.min is None or low is None or median is None or high is None:
        return None
    if train.skewness <= _SKEWED or train.min <= 0 or low == high:
        return None
    plain, logarithmic = _asymmetry(low, median, high), _asymmetry(*map(math.log, (low, median, high)))
    if abs(logarithmic) < plain / 2:
        return SuggestLog(column=name, skewness=train.skewness, q99_to_median=high / median)
    return None


def _asymmetry(low: float, middle: float, high: float) -> float:
    return (high + low - 2 * middle) / (high - low) if high > low else 0.0


def _suggest_clipping(name: str, train: ColumnStatistics) -> SuggestClip | None:
    if train.kurtosis is None or train.kurtosis <= _HEAVY or not train.outlier_ratio:
        return None
    if train.q25 is None or train.q75 is None or train.q25 >= train.q75:
        return None
    return SuggestClip(column=name, kurtosis=train.kurtosis, outlier_share=train.outlier_ratio)
