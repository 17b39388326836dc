"""Errors about the time column, the series column and the pivot of a file."""

from core.errors.model import DataError, RecipeError

_CONTENTS = {"number": "numbers", "integer": "integers", "boolean": "booleans", "empty": "no values"}
_USE_ROW_NUMBERS = 'If the rows are in time order and evenly spaced, set ingest.time_column to "row number".'


class UnreadableDates(DataError, code="unreadable-dates"):
    """No column can be read as dates, although one seems to hold them."""

    column: str
    cell: str
    line: int
    hint = f"Write dates as 2024-01-31, or name another time column. {_USE_ROW_NUMBERS}"

    @property
    def message(self) -> str:
        """The column, and a cell that may be a date."""
        return f"No column holds readable dates or times: {self.column!r} holds {self.cell!r} in line {self.line:,}."


class TransposedTable(DataError, code="transposed-table"):
    """The column names are dates, so the table has its series in rows."""

    example: str
    hint = "Transpose it, so each row is a date. In a spreadsheet: Paste Special, Transpose."

    @property
    def message(self) -> str:
        """An example of a column name that is a date."""
        return f"The table is transposed: its column names are dates, such as {self.example!r}."


class NoDates(DataError, code="no-dates"):
    """No column holds dates or times, and text in the rows suggests a list of items."""

    column: str
    hint = f"Add a column of dates such as 2024-01-31, or name the time column. {_USE_ROW_NUMBERS}"

    @property
    def message(self) -> str:
        """The column of text."""
        return (
            f"No column holds dates or times. Column {self.column!r} holds text, so the rows look like a list of items, "
            "not a time series."
        )


class MixedDateFormats(DataError, code="mixed-date-formats"):
    """A column writes its dates in more than one format."""

    column: str
    cell: str
    line: int
    other_cell: str
    other_line: int
    hint = "Write all dates in one format, such as 2024-01-31, or name another time column."

    @property
    def message(self) -> str:
        """The column, and two cells of different formats."""
        return (
            f"The dates in {self.column!r} have different formats: {self.cell!r} in line {self.line:,}, "
            f"{self.other_cell!r} in line {self.other_line:,}."
        )


class WrongDayOrder(RecipeError, code="wrong-day-order"):
    """The order of day and month that the recipe sets makes many dates invalid."""

    column: str
    day_first: bool
    cell: str
    line: int
    hint = "Leave ingest.day_first empty, or set it the other way."

    @property
    def message(self) -> str:
        """The order that is set, and a date that it makes invalid."""
        order = "day" if self.day_first else "month"
        return f"Many dates in {self.column!r} do not exist if read {order} first: {self.cell!r} in line {self.line:,}."


class InvalidDates(DataError, code="invalid-dates"):
    """Many dates of a column are not in the calendar."""

    column: str
    cell: str
    line: int
    hint = "Correct them, or name another time column."

    @property
    def message(self) -> str:
        """The column, and an invalid date."""
        return f"Many dates in {self.column!r} do not exist: {self.cell!r} in line {self.line:,}."


class NoValidTimes(DataError, code="no-valid-times"):
    """No row has a valid time in the time column."""

    column: str
    hint = "Name another time column, or correct the dates."

    @property
    def message(self) -> str:
        """The time column."""
        return f"No row has a valid time in {self.column!r}."


class NotATimeColumn(RecipeError, code="not-a-time-column"):
    """The time column that the recipe names holds no dates or times."""

    column: str
    kind: str
    cell: str | None = None
    line: int | None = None
    hint = "Name a column of dates such as 2024-01-31, or leave it empty."

    @property
    def message(self) -> str:
        """The column, the type of its cells, and an example of text."""
        example = "" if self.cell is None else f", such as {self.cell!r} in line {self.line:,}"
        contents = _CONTENTS.get(self.kind, "text")
        return f"ingest.time_column is {self.column!r}, which holds {contents}, not dates or times{example}."


class SeriesIsTime(RecipeError, code="series-is-time"):
    """The recipe names one column as both the time and the series column."""

    column: str
    hint = "Name another series column."

    @property
    def message(self) -> str:
        """The column."""
        return f"ingest.series_column is {self.column!r}, which is the time column."


class PivotWithoutSeries(RecipeError, code="pivot-without-series"):
    """A pivot is set, but no column identifies series."""

    setting: str

    @property
    def message(self) -> str:
        """The setting that asks for the pivot."""
        return f"'{self.setting}' is on, but no column identifies series."

    @property
    def hint(self) -> str:
        """What to set."""
        return f"Name the series column, or turn '{self.setting}' off."


class PivotWithoutValues(DataError, code="pivot-without-values"):
    """A pivot is set, but there are no values besides the time and the series column."""

    setting: str
    time: str
    series: str

    @property
    def message(self) -> str:
        """The columns that are not values."""
        return f"There is no column of values besides {self.time!r} and {self.series!r}."

    @property
    def hint(self) -> str:
        """What to set."""
        return f"Turn '{self.setting}' off, or name another series column."


class PivotTooWide(DataError, code="pivot-too-wide"):
    """A pivot would make more columns than can be used."""

    setting: str
    columns: int
    series: int
    limit: int

    @property
    def message(self) -> str:
        """How many columns there would be, and the limit."""
        return (
            f"'{self.setting}' would make {self.columns * self.series:,} columns, {self.columns:,} for each of "
            f"{self.series:,} series. At most {self.limit:,} can be used."
        )

    @property
    def hint(self) -> str:
        """What to set."""
        return f"Ignore some columns, name another series column, or turn '{self.setting}' off."
