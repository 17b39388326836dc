"""The vocabulary of a table: columns, their kinds, and the roles they play."""

from dataclasses import dataclass
from enum import StrEnum

LINE = "_line"


class Kind(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    INTEGER = "integer"
    TIME = "time"
    CATEGORY = "category"
    TEXT = "text"
    BOOLEAN = "boolean"
    EMPTY = "empty"

    @property
    def is_numeric(self) -> bool:
        """Whether models can use the column: numbers and booleans."""
        return self in (Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN)


@dataclass(frozen=True, kw_only=True)
class BadCounts:
    """Cells of a column without a usable value, by reason."""

    missing: int = 0
    infinite: int = 0
    unparseable: int = 0
    sentinel: int = 0

    @property
    def total(self) -> int:
        """All cells without a usable value."""
        return self.missing + self.infinite + self.unparseable + self.sentinel


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the user's file.

    `original_name` is its header in the file. `sentinels` are the codes for missing values that it holds.
    """

    name: str
    original_name: str
    kind: Kind
    bad: BadCounts
    sentinels: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The time column, the series column and the target."""

    time: str
    series: str | None
    target: str | None
