"""Errors that a user can fix: a declared kind with typed facts, and the sentences that follow from them.

    PlumblineError
    ├── DataError        the file or its contents cannot be used as they are
    ├── RecipeError      a setting is invalid, or does not fit these data
    ├── BundleError      a model bundle is damaged, or is not one of ours
    ├── WorkspaceError   a project, run or file does not exist, or cannot be stored
    └── Stopped          the user stopped a job

Pages and the command line catch `PlumblineError` and show `message` and `hint`. Any other exception is a bug and stays loud.
"""

from dataclasses import dataclass
from typing import Any, dataclass_transform


@dataclass_transform(kw_only_default=True)
class PlumblineError(Exception):
    """An error that the user can fix; each subclass with a code declares one kind and becomes a dataclass of its facts.

    `message` states what was found and where, `hint` what to do. `code` is stable and kebab-case. The docstring says when
    the error is raised; it is printed in `docs/errors.md`. Facts are keyword arguments, and survive pickling.

    Examples
    --------
    >>> class TextInColumn(DataError, code="example-text-in-column"):
    ...     "A column that must be numeric holds text."
    ...     column: str
    ...     line: int
    ...     hint = "Choose another target."
    ...     @property
    ...     def message(self) -> str:
    ...         return f"Column {self.column!r} holds text in line {self.line}."
    >>> str(TextInColumn(column="close", line=7))
    "Column 'close' holds text in line 7. Choose another target."
    """

    code = ""

    @property
    def message(self) -> str:
        """What was found, and where."""
        raise NotImplementedError

    @property
    def hint(self) -> str:
        """What to do; empty if there is nothing to do."""
        return ""

    def __init_subclass__(cls, *, code: str | None = None) -> None:
        """Make a declared kind a dataclass and enter it in the catalogue under its code."""
        if code is not None:
            dataclass(kw_only=True, eq=False)(cls)
            cls.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), vars(self))


def _restore(kind: type[PlumblineError], facts: dict[str, Any]) -> PlumblineError:
    error = kind.__new__(kind)
    vars(error).update(facts)
    return error


class DataError(PlumblineError):
    """The file or its contents cannot be used as they are."""


class RecipeError(PlumblineError):
    """A setting is invalid, or does not fit these data."""


class BundleError(PlumblineError):
    """A model bundle is damaged, or is not one of ours."""


class WorkspaceError(PlumblineError):
    """A project, run or file does not exist, or cannot be stored."""


class Stopped(PlumblineError, code="stopped"):
    """The user stopped a job."""

    message = "Stopped on request."
