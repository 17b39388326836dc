"""The target: the column that the names of a data set suggest, and whether a column can be forecast."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.data.columns import Kind
from core.data.dataset import Dataset
from core.errors.columns import UnknownColumn
from core.errors.files import NoNumericColumn, NoTarget, UnusableTarget
from core.ingest.values.sentinels import mark_sentinels

_PRICE_NAMES = ("close", "adj close", "price", "last", "settle", "target")
_TARGET_NAMES = ("target", *_PRICE_NAMES, "value", "y", "rate", "index", "level", "return", "returns")
_MARKET_NAME = re.compile(
    r"(the )?((s&p|s p|sp|s & p)( ?500)?|spx|gspc|nasdaq( ?100| composite)?|ndx|ixic|dow( jones)?|djia?|russell( ?2000)?"
    r"|dax( ?40)?|ftse( ?100)?|cac( ?40)?|(euro ?)?stoxx( ?50)?|smi|nikkei( ?225)?|topix|hang seng|hsi|ibov(espa)?|sensex|nifty"
    r"( ?50)?|vix|btc( ?usd)?|bitcoin|eth( ?usd)?|ethereum)( close| index| price)?"
)
# Indices of consumer prices and deflated prices are no prices that could be paid; a ratio of a price is none either.
_NO_PRICE = re.compile(r"\b(consumer|producer|cpi|ppi|deflator|real|inflation|ratio|earnings|p/e|pe)\b")
_MOST_BAD = 0.3


class TargetReason(StrEnum):
    """Why a column is proposed as the target, best reason first."""

    NAME = "name"
    MARKET = "market"
    PRICE = "price"
    MEASURED = "measured"
    LAST_NUMBER = "last-number"


@dataclass(frozen=True, kw_only=True)
class TargetGuess:
    """The column proposed as the target, and why."""

    column: str
    reason: TargetReason


def guess_target(dataset: Dataset) -> TargetGuess:
    """Return the column most likely to be forecast, and why.

    It is one with the usual name of a target, else one named after a market, else one with a price in its name, else the first
    that measures something.

    Columns of integers, which are more often counts or ids, and those with 30% or more bad values are the last choice. Raises
    `DataError` if there is no numeric column.
    """
    series = dataset.series_column
    numeric = [
        column
        for column in dataset.columns
        if column.kind.is_numeric
        and column.name not in (dataset.time_column, series)
        and column.bad.total < dataset.rows
    ]
    if not numeric:
        raise NoNumericColumn
    names = {column.name: re.sub(r"[\s._\-]+", " ", column.name.lower()).strip() for column in numeric}
    by_name = _guess_by_name(names)
    if by_name is not None:
        return by_name
    measured = [
        column.name for column in numeric if column.kind == Kind.NUMBER and column.bad.total < _MOST_BAD * dataset.rows
    ]
    if measured:
        nominal = [name for name in measured if not _NO_PRICE.search(names[name])]
        return TargetGuess(column=(nominal or measured)[0], reason=TargetReason.MEASURED)
    return TargetGuess(column=numeric[-1].name, reason=TargetReason.LAST_NUMBER)


def _guess_by_name(names: dict[str, str]) -> TargetGuess | None:
    """Return the column that its name makes a target; `names` are the normalised names by column."""
    for wanted in _TARGET_NAMES:
        for column, name in names.items():
            if name == wanted:
                return TargetGuess(column=column, reason=TargetReason.NAME)
    for column, name in names.items():
        if _MARKET_NAME.fullmatch(name):
            return TargetGuess(column=column, reason=TargetReason.MARKET)
    for wanted in _PRICE_NAMES:
        for column, name in names.items():
            if re.search(rf"(?:^|\W){wanted}(?:$|\W)", name) and not _NO_PRICE.search(name):
                return TargetGuess(column=column, reason=TargetReason.PRICE)
    return None


def propose_target(dataset: Dataset) -> str:
    """Return the column that `guess_target` proposes; raises `DataError` if there is no numeric column."""
    return guess_target(dataset).column


def require_target(dataset: Dataset, name: str | None) -> str:
    """Return the name of the target; raises `RecipeError` if it cannot be forecast."""
    if name is None:
        raise NoTarget(proposed=propose_target(dataset))
    names = [column.name for column in dataset.columns]
    if name not in names and name != dataset.time_column:
        raise UnknownColumn(column=name, columns=names, role="target")
    if name == dataset.time_column:
        raise UnusableTarget(column=name, reason="time")
    if name == dataset.series_column:
        raise UnusableTarget(column=name, reason="series")
    column = dataset.column(name)
    if column.kind == Kind.EMPTY or column.bad.total >= dataset.rows:
        raise UnusableTarget(column=name, reason="no-value")
    if not column.kind.is_numeric:
        raise UnusableTarget(column=name, reason="not-numeric", found=column.kind.value)
    values = dataset.read([name])[name].to_numpy(dtype=np.float64)
    valid = values[np.isfinite(values) & ~mark_sentinels(values, column.sentinels)]
    if len(valid) and (valid == valid[0]).all():
        raise UnusableTarget(column=name, reason="constant", found=f"{valid[0]:g}")
    return name
