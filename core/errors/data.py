"""Errors about built-in data sets, the split into eras, and data sets on disk."""

from core.errors.model import RecipeError, WorkspaceError
from core.text.format import format_list


class UnknownSample(RecipeError, code="unknown-sample"):
    """There is no built-in data set of this name."""

    name: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        """The unknown name."""
        return f"There is no sample {self.name!r}."

    @property
    def hint(self) -> str:
        """The names that exist."""
        return f"The samples are {format_list(self.known)}."


class InvalidSplitDate(RecipeError, code="invalid-split-date"):
    """A date of the split cannot be read."""

    field: str
    text: str
    hint = "Write it as 2024-12-31."

    @property
    def message(self) -> str:
        """The setting and its text."""
        return f"split.{self.field} is {self.text!r}, which is not a date."


class SplitDatesOutOfOrder(RecipeError, code="split-dates-out-of-order"):
    """The validation era would begin after the test era."""

    validation_from: str
    test_from: str
    hint = "Put the dates in time order."

    @property
    def message(self) -> str:
        """Both dates."""
        return f"split.validation_from ({self.validation_from}) is not before split.test_from ({self.test_from})."


class EraTooShort(RecipeError, code="era-too-short"):
    """An era of the split has too few time stamps."""

    era: str
    stamps: int
    total: int
    minimum: int
    hint = "Change the split, or use more data."

    @property
    def message(self) -> str:
        """The era, and how many time stamps it would have."""
        return (
            f"The {self.era} era would have {self.stamps} of {self.total} distinct time stamps; it needs at least "
            f"{self.minimum}."
        )


class DamagedDataset(WorkspaceError, code="damaged-dataset"):
    """The stored data set is missing or damaged."""

    folder: str
    hint = "Upload the file again."

    @property
    def message(self) -> str:
        """The folder of the data set."""
        return f"The data set in {self.folder} is missing or damaged."
