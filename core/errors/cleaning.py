"""Errors of cleaning: columns or rows that it needs and the data lack."""

from core.errors.model import DataError, RecipeError


class NotAThreshold(RecipeError, code="not-a-threshold"):
    """A threshold curve is requested for a setting that drops no columns."""

    setting: str
    thresholds: tuple[str, ...]

    @property
    def message(self) -> str:
        """The setting."""
        return f"{self.setting!r} is not a threshold that drops columns."

    @property
    def hint(self) -> str:
        """The thresholds that do."""
        return f"Choose one of {', '.join(self.thresholds)}."


class NoTargetChosen(DataError, code="no-target-chosen"):
    """Cleaning is requested before a target is chosen."""

    message = "No target is chosen."
    hint = "Choose the column to forecast."


class ColumnNotInData(DataError, code="column-not-in-data"):
    """The data to clean lack a column that the model was trained with."""

    column: str
    hint = "Provide data with the same columns as the training data."

    @property
    def message(self) -> str:
        """The column."""
        return f"The data have no column {self.column!r}."


class ColumnNotNumeric(DataError, code="column-not-numeric"):
    """A feature or the target holds text where cleaning needs numbers."""

    column: str
    found: str
    hint = "Correct the values, or drop the column."

    @property
    def message(self) -> str:
        """The column, and its first value."""
        return f"Column {self.column!r} must be numeric, but contains {self.found[:40]!r}."


class NoRows(DataError, code="no-rows-to-clean"):
    """The data to clean have no rows."""

    message = "The data have no rows."
    hint = "Provide at least one row."


class NoTargetValue(DataError, code="no-target-value"):
    """The target has no value in any row."""

    rows: int
    column: str
    hint = "Choose another target."

    @property
    def message(self) -> str:
        """How many rows there are, and the target."""
        return f"The target {self.column!r} has no value in any of the {self.rows:,} rows."
