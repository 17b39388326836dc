"""A remark worth telling the user, as data: what was found, where, and what can be done."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: a `problem` spoils results, a `warning` may, an `info` is only worth knowing."""

    PROBLEM = "problem"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Remedy:
    """A change of one recipe field that answers a finding; a page offers it as a button named `label`.

    What is added to a dictionary stands as pairs: findings are hashed, so that none is told twice.
    """

    label: str
    section: str
    field: str
    value: str | int | float | bool | None | tuple[str, ...] | tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Finding:
    """One remark. Texts are plain: whoever shows them escapes them.

    `code` is stable and kebab-case. `rows` are up to ten line numbers in the user's own file (the header of a plain
    CSV is line 1); `count` says how many rows, cells or columns are meant in all.
    """

    code: str
    severity: Severity
    title: str
    detail: str = ""
    column: str | None = None
    rows: tuple[int, ...] = ()
    count: int | None = None
    remedy: Remedy | None = None


def worst_first(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    """Return the findings, problems before warnings before infos, otherwise in their given order.

    Examples
    --------
    >>> calm, grave = Finding("a", Severity.INFO, "A"), Finding("b", Severity.PROBLEM, "B")
    >>> [finding.code for finding in worst_first([calm, grave])]
    ['b', 'a']
    """
    order = list(Severity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))


def counted(number: int, thing: str) -> str:
    """Return how many there are of a thing, in the singular or the plural.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
