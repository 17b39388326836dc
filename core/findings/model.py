"""What a finding is: a declared kind with typed facts, and the sentences and remedy that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, dataclass_transform

if TYPE_CHECKING:
    import numpy as np
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import core_schema

MOST_ROWS = 10


class Severity(StrEnum):
    """How much a finding matters: a `problem` invalidates results, a `warning` may, an `info` is worth knowing."""

    PROBLEM = "problem"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """A change of one recipe field that answers a finding; a page offers it as a button named `label`.

    Entries to add to a dictionary are pairs, since findings are hashed to show each once.
    """

    label: str
    section: str
    field: str
    value: str | int | float | bool | None | tuple[str, ...] | tuple[int, ...] | tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class FindingDocument:
    """A finding as JSON. Texts are plain; pages and reports escape them."""

    code: str
    severity: Severity
    title: str
    detail: str
    column: str | None
    rows: tuple[int, ...]
    count: int | None
    remedy: Remedy | None


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Finding:
    """One kind of finding; each subclass declares a kind and becomes a frozen, keyword-only dataclass of its facts.

    `code` is stable and kebab-case. The docstring's first line says when the finding is reported, the lines after it what
    to do; both are printed in `docs/findings.md`. A subclass sets or computes `severity` and `title`, and may do so for
    `detail` and `remedy`. Facts named `column`, `rows` (at most ten line numbers of the user's file, where the header of
    a plain CSV is line 1) and `count` (how many rows, cells or columns are affected) enter the document as they are.
    `plural` completes "12 more columns ..." if `limit_findings` sums up what exceeds its limit.

    Findings are equal if their documents are, whether they were computed or read back from JSON.

    Examples
    --------
    >>> class LateStart(Finding, code="example-late-start"):
    ...     "A column has no valid values at the start of the file."
    ...     column: str
    ...     missing: int
    ...     severity = Severity.WARNING
    ...     @property
    ...     def title(self) -> str:
    ...         return f"{self.column} has no valid values in the first {self.missing} rows"
    >>> finding = LateStart(column="oil", missing=3)
    >>> finding.code, finding.title
    ('example-late-start', 'oil has no valid values in the first 3 rows')
    """

    if TYPE_CHECKING:

        @property
        def code(self) -> str: ...
        @property
        def severity(self) -> Severity: ...
        @property
        def title(self) -> str: ...
        @property
        def column(self) -> str | None: ...
        @property
        def rows(self) -> tuple[int, ...]: ...
        @property
        def count(self) -> int | None: ...

    plural = ""

    @property
    def detail(self) -> str:
        """What the title leaves out: numbers, the reason, what to do. Empty by default."""
        return ""

    @property
    def remedy(self) -> Remedy | None:
        """The recipe change that answers the finding, if there is one."""
        return None

    def is_kind(self, kind: "type[Finding]") -> bool:
        """Return whether this is a finding of a kind, computed or read back from JSON."""
        return isinstance(self, kind) or self.code == vars(kind).get("code")

    def __init_subclass__(cls, *, code: str | None = None) -> None:
        """Make the subclass a dataclass and enter it in the catalogue under its code."""
        dataclass(frozen=True, kw_only=True, eq=False)(cls)
        if code is not None:
            cls.code = code  # type: ignore[method-assign, assignment]

    def __getattr__(self, name: str) -> Any:
        """Return None or () for a document field that this kind does not have."""
        if name in ("column", "count"):
            return None
        if name == "rows":
            return ()
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and to_document(self) == to_document(other)

    def __hash__(self) -> int:
        return hash(to_document(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: "GetCoreSchemaHandler") -> "core_schema.CoreSchema":
        """Write a finding as its document, and read a document as a `RecordedFinding`."""
        from pydantic_core import core_schema

        document = handler.generate_schema(FindingDocument)
        read = core_schema.no_info_after_validator_function(lambda read: RecordedFinding(**vars(read)), document)
        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(Finding), read]),
            serialization=core_schema.plain_serializer_function_ser_schema(to_document, return_schema=document),
        )


class RecordedFinding(Finding):
    """A finding read back from JSON: its rendered texts, without the facts behind them."""

    code: str
    severity: Severity
    title: str
    detail: str = ""
    column: str | None = None
    rows: tuple[int, ...] = ()
    count: int | None = None
    remedy: Remedy | None = None


def to_document(finding: Finding) -> FindingDocument:
    """Return the finding with its texts rendered, as it is written to JSON."""
    return FindingDocument(
        code=finding.code,
        severity=finding.severity,
        title=finding.title,
        detail=finding.detail,
        column=finding.column,
        rows=finding.rows,
        count=finding.count,
        remedy=finding.remedy,
    )


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, problems before warnings before infos, otherwise in their given order.

    Examples
    --------
    >>> mild = RecordedFinding(code="a", severity=Severity.INFO, title="A")
    >>> grave = RecordedFinding(code="b", severity=Severity.PROBLEM, title="B")
    >>> [finding.code for finding in worst_first([mild, grave])]
    ['b', 'a']
    """
    order = list(Severity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))


def first_rows(lines: "np.ndarray") -> tuple[int, ...]:
    """Return the first ten of the line numbers, shape (n,), as a finding shows them."""
    return tuple(int(line) for line in lines[:MOST_ROWS])


def drop_column(name: str) -> Remedy:
    """Return the remedy that drops a column."""
    return Remedy(label=f"Drop {name}", section="cleaning", field="drop", value=(name,))
