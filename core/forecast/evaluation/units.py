"""The units that levels of the target are shown in: its own, or those of a volatility, per row and annualised."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.text.format import ABSENT, format_error, format_number

if TYPE_CHECKING:
    from core.forecast.evaluation.evaluation import Evaluation


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What levels are multiplied by for display; `sign` follows each number, `name` is that of the unit.

    The default is the target's own unit, which has no name.

    Examples
    --------
    >>> Unit(factor=100, sign="%", name="per row").text(0.00824)
    '0.824% per row'
    """

    factor: float = 1.0
    sign: str = ""
    name: str = ""

    def text(self, level: float | None) -> str:
        """Return a level with three significant digits and the unit."""
        if level is None or not np.isfinite(level):
            return ABSENT
        return f"{format_number(self.factor * level)}{self.sign}{f' {self.name}' if self.name else ''}"

    def error_text(self, error: float) -> str:
        """Return an error with four significant digits, as in tables: without the name of the unit."""
        return f"{format_error(self.factor * error)}{self.sign}"

    def heading(self, text: str) -> str:
        """Return a heading or an axis title with the unit."""
        return f"{text} ({self.sign} {self.name})" if self.name else text


OWN = Unit()
PER_ROW = Unit(factor=100, sign="%", name="per row")


def annual_unit(rows_a_year: float) -> Unit:
    """Return the unit of an annualised volatility, in percent."""
    return Unit(factor=100 * float(np.sqrt(rows_a_year)), sign="%", name="a year")


def units_of(evaluation: "Evaluation") -> tuple[Unit, ...]:
    """Return the units that levels are shown in: one, or those of a volatility, per row and, if it is known how, a year."""
    if evaluation.volatility is None:
        return (OWN,)
    rows = evaluation.volatility.rows_a_year
    return (PER_ROW,) if rows is None else (PER_ROW, annual_unit(rows))


def level_text(evaluation: "Evaluation", level: float | None) -> str:
    """Return a level in every unit: "0.824% per row, 13.1% a year"."""
    return ", ".join(unit.text(level) for unit in units_of(evaluation))
