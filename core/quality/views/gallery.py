"""Columns searched by name and sorted, to look at many of them at once."""

from typing import Literal, get_args

from core.quality.column.profile import ColumnProfile

Order = Literal["file order", "name", "bad ratio", "skewness", "excess kurtosis", "outliers", "drift"]
ORDERS: tuple[Order, ...] = get_args(Order)


def choose_columns(columns: tuple[ColumnProfile, ...], search: str, order: Order) -> tuple[ColumnProfile, ...]:
    """Return the numeric columns whose names contain `search`, extreme ones first.

    The search ignores case.

    Orders by a number sort by its absolute value; columns without it come last, and ties are sorted by name.

    Parameters
    ----------
    columns
        All columns.
    search
        Part of a name.
    order
        What to sort by.
    """
    part = search.strip().casefold()
    found = [column for column in columns if column.kind.is_numeric and part in column.name.casefold()]
    if order == "name":
        found.sort(key=lambda column: (column.name.casefold(), column.name))
    elif order != "file order":
        found.sort(key=lambda column: _rank(measure_column(column, order), column.name))
    return tuple(found)


def measure_column(column: ColumnProfile, order: Order) -> float | None:
    """Return the number that an order sorts by, over all rows; None for names.

    Drift is measured by the lag-1 autocorrelation.
    """
    match order:
        case "bad ratio":
            return column.all.bad_ratio
        case "skewness":
            return column.all.skewness
        case "excess kurtosis":
            return column.all.kurtosis
        case "outliers":
            return column.all.outlier_ratio
        case "drift":
            return column.all.autocorrelation
        case _:
            return None


def _rank(number: float | None, name: str) -> tuple[bool, float, str]:
    return (number is None, -abs(number or 0.0), name)
