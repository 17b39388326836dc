"""Settings of step 1: how the file is read, and where train, validation and test are cut."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.recipe.fields import SHARE, Names, Settings


class IngestSettings(Settings):
    """Step 1: how the file is read. What is left empty is found from the file."""

    time_column: str | None = Field(
        None, title="Time column", description="Orders the rows. Empty: found from the file."
    )
    series_column: str | None = Field(
        None, title="Series column", description="Tells several series in one file apart, such as a ticker."
    )
    pivot: bool = Field(
        False,
        title="One column a series",
        description="Rows of several series become one row a time stamp, with a column for each series.",
    )
    target: str | None = Field(None, title="Target", description="The column to forecast.")
    ignore: Names = Field((), title="Ignore", description="Columns that no step looks at.")
    sheet: str | None = Field(
        None, title="Sheet", description="Of an Excel workbook. Empty: the first sheet that holds a table."
    )
    encoding: str | None = Field(None, title="Encoding", description="Empty: found from the bytes.")
    delimiter: str | None = Field(
        None,
        title="Delimiter",
        description="One character; a blank stands for runs of blanks. Empty: found from the first lines.",
    )
    header_line: int | None = Field(
        None,
        ge=1,
        le=1_000_000_000,
        title="Line of the header",
        description="Lines above it are left out. Empty: found from the first lines.",
    )
    header_rows: int | None = Field(
        None,
        ge=0,
        le=10,
        title="Rows of the header",
        description="0: the first line is data. Empty: found from the first lines.",
    )
    decimal: Literal[".", ","] | None = Field(None, title="Decimal mark", description="Empty: found for each column.")
    day_first: bool | None = Field(
        None, title="Day before month", description="How 03/04/2020 is read. Empty: proved by the data where they can."
    )
    as_numbers: Names = Field(
        (),
        title="Keep as numbers",
        description="Columns whose numbers are no times, though they look so, such as 202401 or 45292.",
    )
    sentinels: tuple[float, ...] = Field(
        (), title="Sentinel codes", description="Numbers that stand for a missing value, besides those found by rule."
    )
    find_sentinels: bool = Field(
        True,
        title="Find sentinel codes",
        description="Take repeated values far outside of the others as missing, and say so.",
    )
    zero_is_missing: Names = Field(
        (), title="0 is missing in", description="Columns, such as prices, in which 0 stands for a missing value."
    )
    availability_lag: dict[str, Annotated[int, Field(ge=0, le=10_000)]] = Field(
        default_factory=dict,
        title="Availability lag",
        description="Rows by which a column is known late, such as 21 for a monthly figure published a month later.",
    )


class SplitSettings(Settings):
    """Step 1: the eras. Train is the past, validation tunes, test is opened once; cut by time before anything is fitted."""

    train: float = Field(
        0.70,
        gt=0,
        lt=1,
        json_schema_extra=SHARE,
        title="Train",
        description="Share of the time stamps that models learn from.",
    )
    validation: float = Field(
        0.15,
        gt=0,
        lt=1,
        json_schema_extra=SHARE,
        title="Validation",
        description="Share used to stop training and to choose.",
    )
    test: float = Field(0.15, gt=0, lt=1, title="Test", description="Share sealed until the verdict.")
    validation_from: str | None = Field(
        None, title="Validation from", description="First date of validation; used in place of the shares."
    )
    test_from: str | None = Field(
        None, title="Test from", description="First date of test; used in place of the shares."
    )
    embargo: int = Field(
        0, ge=0, le=10_000, title="Embargo", description="Rows left out after each cut, besides targets that cross it."
    )

    @model_validator(mode="after")
    def _whole(self) -> "SplitSettings":
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError(f"train + validation + test must be 1, got {self.train + self.validation + self.test:g}")
        if (self.validation_from is None) != (self.test_from is None):
            raise ValueError("give both validation_from and test_from, or neither")
        return self
