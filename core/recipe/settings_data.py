"""Settings of step 1: how the file is read, and the train, validation and test eras."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.recipe.fields import SHARE, Names, Settings


class IngestSettings(Settings):
    """Step 1: how the file is read. Empty settings are inferred from the file."""

    time_column: str | None = Field(
        None, title="Time column", description="Orders the rows. Empty: inferred from the file."
    )
    series_column: str | None = Field(
        None,
        title="Series column",
        description="Separates several series in one file, such as a ticker. Empty: inferred from the file.",
    )
    pivot: bool = Field(
        False,
        title="One column per series",
        description="Turn rows of several series into one row per time stamp with one column per series.",
    )
    target: str | None = Field(None, title="Target", description="The column to forecast.")
    ignore: Names = Field((), title="Ignore", description="Columns that no step uses.")
    sheet: str | None = Field(
        None, title="Sheet", description="The sheet of an Excel workbook. Empty: the first sheet with a table."
    )
    encoding: str | None = Field(
        None, title="Encoding", description="Character encoding of the file. Empty: inferred from its bytes."
    )
    delimiter: str | None = Field(
        None,
        title="Delimiter",
        description="One character; a space also matches several spaces. Empty: inferred from the first lines.",
    )
    header_line: int | None = Field(
        None,
        ge=1,
        le=1_000_000_000,
        title="Header line",
        description="Line number of the header; lines above it are skipped. Empty: inferred from the first lines.",
    )
    header_rows: int | None = Field(
        None,
        ge=0,
        le=10,
        title="Header rows",
        description="Number of header rows; 0 if the first line is data. Empty: inferred from the first lines.",
    )
    transpose: bool | None = Field(
        None,
        title="Dates in a row",
        description="Turn a table with its dates in the header row. Empty: inferred from the first lines.",
    )
    decimal: Literal[".", ","] | None = Field(
        None, title="Decimal mark", description="Decimal mark of all columns. Empty: inferred for each column."
    )
    day_first: bool | None = Field(
        None,
        title="Day before month",
        description="Whether 03/04/2020 is 3 April. Empty: inferred from the data if they are unambiguous.",
    )
    as_numbers: Names = Field(
        (),
        title="Numbers, not dates",
        description="Columns to keep as numbers although they look like dates, such as 202401 or 45292.",
    )
    thirty_seconds: Names = Field(
        (),
        title="Prices in 32nds",
        description="Columns whose prices are quoted in 32nds, as of Treasury futures: 110'165 is 110 + 16.5/32.",
    )
    sentinels: tuple[float, ...] = Field(
        (),
        title="Missing-value codes",
        description="Numbers that mean missing, in addition to detected ones.",
    )
    find_sentinels: bool = Field(
        True,
        title="Detect missing-value codes",
        description="Treat repeated values far outside a column's range as missing, and report them.",
    )
    zero_is_missing: Names = Field(
        (), title="Zero means missing", description="Columns in which 0 means missing, such as prices."
    )
    availability_lag: dict[str, Annotated[int, Field(ge=0, le=10_000)]] = Field(
        default_factory=dict,
        title="Publication delay",
        description="Rows between the date of a value and its publication, by column, such as 21 for a monthly figure "
        "published one month later in daily rows.",
    )
    known_at_origin: Names = Field(
        (),
        title="Known at forecast time",
        description="Columns suspected of look-ahead that you know to be available at each row. Printed beside the verdict.",
    )


class SplitSettings(Settings):
    """Step 1: the train, validation and test eras; test is held out until it is opened."""

    train: float = Field(
        0.70,
        gt=0,
        lt=1,
        json_schema_extra=SHARE,
        title="Train",
        description="Share of the time stamps that models are trained on.",
    )
    validation: float = Field(
        0.15,
        gt=0,
        lt=1,
        json_schema_extra=SHARE,
        title="Validation",
        description="Share of the time stamps for early stopping and for choosing models.",
    )
    test: float = Field(
        0.15,
        gt=0,
        lt=1,
        json_schema_extra=SHARE,
        title="Test",
        description="Share of the time stamps held out until the test era is opened.",
    )
    validation_from: str | None = Field(
        None, title="Validation from", description="First date of the validation era; replaces the shares."
    )
    test_from: str | None = Field(
        None, title="Test from", description="First date of the test era; replaces the shares."
    )
    embargo: int = Field(
        0,
        ge=0,
        le=10_000,
        title="Embargo",
        description="Rows left out after each era boundary, in addition to those whose outcome crosses it.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "SplitSettings":
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, validation and test must add up to 1, not {total:g}")
        if (self.validation_from is None) != (self.test_from is None):
            raise ValueError("set both validation_from and test_from, or neither")
        return self
