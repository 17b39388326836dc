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
        """Whether a model can calculate with the column."""
        return self in (Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN)


@dataclass(frozen=True, kw_only=True)
class BadCounts:
    """Cells of a column that hold no usable value, by reason."""

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
    """One column of the user's file; `original_name` is the header as it was written."""

    name: str
    original_name: str
    kind: Kind
    bad: BadCounts
    sentinels: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Which columns tell the time, tell series apart, and are forecast."""

    time: str
    series: str | None
    target: str | None
