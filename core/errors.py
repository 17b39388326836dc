"""Everything that can go wrong in a way the user can mend.

    PlumblineError
    ├── DataError        the file or its contents cannot be used as they are
    ├── RecipeError      a setting is at fault, or does not fit these data
    ├── BundleError      a model bundle is damaged, or is not one of ours
    ├── WorkspaceError   a project, run or file that is asked for is not there
    └── Stopped          the user asked a job to stop

A page and the command line catch the root and show `message` and `hint`. Anything else is a bug and stays loud.
"""


class PlumblineError(Exception):
    """A fault that the user can mend: what was found and where (`message`), and what to do (`hint`).

    Examples
    --------
    >>> str(PlumblineError("Column 'close' holds text in row 7.", "Choose another target."))
    "Column 'close' holds text in row 7. Choose another target."
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class DataError(PlumblineError):
    """The file or its contents cannot be used as they are."""


class RecipeError(PlumblineError):
    """A setting is at fault, or does not fit these data."""


class BundleError(PlumblineError):
    """A model bundle is damaged, or is not one of ours."""


class WorkspaceError(PlumblineError):
    """A project, run or file that is asked for is not there."""


class Stopped(PlumblineError):
    """The user asked a job to stop."""

    def __init__(self) -> None:
        super().__init__("Stopped on request.")
