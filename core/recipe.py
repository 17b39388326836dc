"""Every setting that a user can touch, its default, range and help, written once.

A result is a function of the data and the recipe. Pages are one way to write a recipe, a JSON file is another.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator
from pydantic.fields import FieldInfo

from core.errors import RecipeError

Names = tuple[str, ...]


def _stops(*places: float) -> dict[str, JsonValue]:
    """Return the places where a slider stops, for a field whose range is not walked in equal steps."""
    return {"stops": list(places)}


def stops_of(field: FieldInfo) -> tuple[float, ...]:
    """Return the places where the slider of a field stops, or nothing where it moves in equal steps.

    Examples
    --------
    >>> stops_of(TrainingSettings.model_fields["learning_rate"])[:2]
    (1e-05, 3e-05)
    """
    extra = field.json_schema_extra
    return tuple(extra.get("stops", ())) if isinstance(extra, dict) else ()


# A share of rows or cells: its widget and its words are in percent.
_SHARE: dict[str, JsonValue] = {"unit": "share"}


def is_share(field: FieldInfo) -> bool:
    """Return whether a field is a share, which is written in percent.

    Examples
    --------
    >>> is_share(CleaningSettings.model_fields["max_bad_ratio"]), is_share(CleaningSettings.model_fields["max_fill"])
    (True, False)
    """
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("unit") == "share"


def why_default(field: FieldInfo) -> str:
    """Return why a field has its default, in words that go on from "Default 30 %:"; nothing where that needs no reason.

    Examples
    --------
    >>> why_default(CleaningSettings.model_fields["max_unique_ratio"])
    'row numbers and keys repeat next to nothing'
    """
    extra = field.json_schema_extra
    return str(extra.get("why", "")) if isinstance(extra, dict) else ""


class Settings(BaseModel):
    """Settings of one step: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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
        None, title="Sheet", description="Of an Excel workbook. Empty: the first sheet that holds a value."
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
        json_schema_extra=_SHARE,
        title="Train",
        description="Share of the time stamps that models learn from.",
    )
    validation: float = Field(
        0.15,
        gt=0,
        lt=1,
        json_schema_extra=_SHARE,
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


class CleaningSettings(Settings):
    """Step 3: which columns go, and how values are repaired. Judged and learned on the train era alone."""

    max_bad_ratio: float = Field(
        0.30,
        ge=0,
        le=1,
        json_schema_extra=_SHARE | {"why": "with more, nearly every third value would be a filled one"},
        title="Bad values, at most",
        description="A column with a larger share of bad values goes, and so does one that died in train. 100 %: none goes.",
    )
    min_relative_variance: float = Field(
        1e-4,
        ge=0,
        le=0.1,
        json_schema_extra=_stops(0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.1)
        | {"why": "only what stands still but for rare ticks lies below"},
        title="Relative variance, at least",
        description="Variance after scaling to the 1 % to 99 % range, so that units do not matter. Constant columns always go, "
        "unless this is 0.",
    )
    max_unique_ratio: float = Field(
        0.95,
        ge=0,
        le=1,
        json_schema_extra=_SHARE | {"why": "row numbers and keys repeat next to nothing"},
        title="Uniqueness, at most",
        description="Acts on columns that look like identifiers only: prices are nearly unique too, and stay.",
    )
    max_correlation: float = Field(
        0.9999,
        ge=0.5,
        le=1,
        json_schema_extra=_stops(0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9999, 1.0)
        | {"why": "copies in another unit go, and what merely moves alongside stays"},
        title="Correlation with a better column, at most",
        description="Of two columns correlated more than this in the train era, the one with more bad values goes.",
    )
    max_top_share: float = Field(
        0.998,
        ge=0.5,
        le=1,
        json_schema_extra=_stops(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0)
        | _SHARE
        | {"why": "yearly events in daily rows stay, and volumes that are mostly 0; one row in 500 teaches nothing"},
        title="Share of one value, at most",
        description="A column that holds one value in a larger share of its good rows goes. 100 %: none goes.",
    )
    max_stale_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        json_schema_extra=_SHARE
        | {"why": "none goes: a monthly figure in daily rows stands still by its nature, and so does a policy rate"},
        title="Standing still, at most",
        description="A column with a larger share of its rows in runs of five or more equal values goes.",
    )
    keep: Names = Field((), title="Kept by hand", description="Columns that stay whatever the thresholds say.")
    drop: Names = Field((), title="Dropped by hand", description="Columns that go whatever the thresholds say.")
    duplicates: Literal["first", "last", "mean"] = Field(
        "last",
        title="Repeated time stamps",
        description="Of rows with one time stamp in one series the first or the last in the file stays, or the mean of their good "
        "values.",
    )
    max_gap: int = Field(
        0,
        ge=0,
        le=10_000,
        title="Cut at gaps longer than",
        description="Usual steps from one row to the next, weekends not counted where the data have none: no fill, lag or window "
        "reaches over a longer gap. 0: none is cut, since how long a pause may be depends on the market.",
    )
    fill: Literal["forward", "median", "none"] = Field(
        "forward",
        title="Fill",
        description="forward: the last known value of the same series. median: of the train era. none: rows with a gap go. "
        "Interpolation and backward fill are not offered: they write later values into earlier rows, which no forecast has.",
    )
    max_fill: int = Field(
        5, ge=1, le=1000, title="Fill at most", description="Rows in a row that a forward fill may bridge."
    )
    log: Names = Field(
        (),
        title="Logarithm of",
        description="Features that enter by their natural logarithm. Values of 0 or less have none and cost their rows.",
    )
    difference: Names = Field(
        (), title="Difference of", description="Features that enter by their change from the row before."
    )
    returns: Names = Field(
        (),
        title="Return of",
        description="Features that enter by their change from the row before as a share of its value.",
    )
    clip_quantile: float = Field(
        0.0,
        ge=0,
        le=0.1,
        json_schema_extra=_SHARE,
        title="Clip at quantile",
        description="Features are clipped at this train quantile and its mirror; 0 clips nothing.",
    )
    clip_robust_z: float = Field(
        0.0,
        ge=0,
        le=50,
        json_schema_extra=_stops(0.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0),
        title="Clip at robust z",
        description="Features are clipped this many robust standard deviations (1.4826 times the median distance from the "
        "median) on either side of their train median; 0 clips nothing. With a quantile too, the tighter bound counts.",
    )
    clip_columns: Names = Field(
        (), title="Clip only", description="Features that are clipped. Empty: all that were kept."
    )
    clip_target: bool = Field(
        False,
        title="Clip what is learned of the target",
        description="The outcomes that models learn from in the train era are clipped in the same way. The target itself, and what "
        "forecasts are scored against, never are.",
    )
    scale: Literal["standard", "robust", "none"] = Field(
        "standard", title="Scale", description="How the network's inputs are scaled, by numbers of the train era."
    )

    @model_validator(mode="after")
    def _one_change(self) -> "CleaningSettings":
        both = sorted({*self.returns} & {*self.log, *self.difference})
        if both:
            raise ValueError(f"{both[0]!r} enters by its return: take it out of log and difference, or out of returns")
        return self


class FeatureSettings(Settings):
    """Step 3: features made from columns, each from the past of its own series alone."""

    returns: Literal["replace", "add", "none"] = Field(
        "replace",
        title="Levels as changes",
        description="Columns that drift like a price enter as changes (replace), as both (add), or as they are (none).",
    )
    lags: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = Field(
        (), title="Lags", description="Rows to look back; each adds a copy of every feature from that many rows before."
    )
    rolling: tuple[Annotated[int, Field(ge=2, le=1000)], ...] = Field(
        (),
        title="Rolling windows",
        description="Lengths in rows; each adds a mean and a standard deviation of every feature.",
    )


class RegressionSettings(Settings):
    """Step 4: ordinary least squares of what is predicted on features known at the origin."""

    features: Names = Field((), title="Features", description="Empty: all that were kept.")
    hac_lags: int | None = Field(
        None,
        ge=0,
        le=1000,
        title="HAC lags",
        description="Lags of the Newey-West standard errors. Empty: by sample size.",
    )


class ImportanceSettings(Settings):
    """Step 5: CatBoost over walk-forward folds of the train era, against columns of noise."""

    iterations: int = Field(200, ge=10, le=5000, title="Iterations", description="Trees in each model.")
    folds: int = Field(3, ge=1, le=10, title="Folds", description="Walk-forward folds inside the train era.")
    seeds: int = Field(
        2, ge=1, le=20, title="Seeds", description="Repeats of each fold, with other seeds and column orders."
    )
    noise_probes: int = Field(
        5, ge=1, le=50, title="Noise probes", description="Random columns that mark the noise line."
    )
    top_k: int = Field(
        10, ge=1, le=500, title="Features chosen, at most", description="The best by rank, handed on to training."
    )


class TrainingSettings(Settings):
    """Step 6: what the network predicts, its shape, and how it learns."""

    predict: Literal["level", "difference", "return", "log_return"] | None = Field(
        None,
        title="Predict",
        description="Change of the target over the horizon. Empty: log return for a price-like target, difference for others.",
    )
    horizon: int = Field(1, ge=1, le=250, title="Horizon", description="Rows ahead.")
    window: int = Field(32, ge=2, le=1000, title="Window", description="Rows that the network sees.")
    cell: Literal["lstm", "gru"] = Field("lstm", title="Cell", description="Kind of recurrent cell.")
    units: tuple[Annotated[int, Field(ge=1, le=1024)], ...] = Field(
        (32,), min_length=1, max_length=4, title="Units", description="Cells of each layer."
    )
    dropout: float = Field(
        0.1,
        ge=0,
        le=0.9,
        json_schema_extra=_SHARE,
        title="Dropout",
        description="Share of each layer's outputs left out while learning.",
    )
    loss: Literal["mse", "mae", "huber"] = Field("mse", title="Loss", description="What training makes small.")
    epochs: int = Field(40, ge=1, le=5000, title="Epochs", description="Passes over the train era, at most.")
    batch_size: int = Field(64, ge=1, le=8192, title="Batch size", description="Windows for each step.")
    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=1,
        json_schema_extra=_stops(1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1),
        title="Learning rate",
        description="Step size of Adam.",
    )
    patience: int = Field(
        8, ge=1, le=1000, title="Patience", description="Epochs without a better val_loss before it ends."
    )
    gradient_clip: float = Field(1.0, gt=0, le=1000, title="Gradient clip", description="Largest norm of a gradient.")
    seeds: int = Field(
        1, ge=1, le=20, title="Seeds", description="Networks trained from other starts; predictions are their mean."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="The first seed; equal seeds, equal numbers.")
    features: Names = Field((), title="Features", description="Empty: those that the importance step chose.")


class EvaluationSettings(Settings):
    """Step 7: the rivals, the interval, and the cost of trading."""

    coverage: float = Field(
        0.90,
        ge=0.5,
        le=0.99,
        json_schema_extra=_SHARE,
        title="Coverage",
        description="Share of outcomes that the interval should hold.",
    )
    cost_bps: float = Field(5.0, ge=0, le=1000, title="Cost", description="Basis points of the traded value, each way.")
    baselines: tuple[Literal["persistence", "drift", "ar", "linear", "catboost"], ...] = Field(
        ("persistence", "drift", "ar", "linear", "catboost"),
        title="Baselines",
        description="Rivals on the same rows. Persistence always takes part.",
    )


class Recipe(Settings):
    """Everything that makes a result, besides the data.

    Examples
    --------
    >>> Recipe.model_validate_json(Recipe().model_dump_json()) == Recipe()
    True
    """

    ingest: IngestSettings = IngestSettings()
    split: SplitSettings = SplitSettings()
    cleaning: CleaningSettings = CleaningSettings()
    features: FeatureSettings = FeatureSettings()
    regression: RegressionSettings = RegressionSettings()
    importance: ImportanceSettings = ImportanceSettings()
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()

    def change(self, section: str, **fields: object) -> "Recipe":
        """Return a recipe with some fields of one section changed; raises `RecipeError` on a value out of range.

        Where series become columns, or rows again, columns get other names: the target is to be chosen anew.

        Examples
        --------
        >>> Recipe().change("training", horizon=5).training.horizon
        5
        """
        document = self.model_dump()
        if section == "ingest" and fields.get("pivot", self.ingest.pivot) != self.ingest.pivot:
            document[section]["target"] = None
        document[section] |= fields
        return read_recipe(document)


def read_recipe(source: Path | dict[str, object]) -> Recipe:
    """Return the recipe in a JSON file or document; raises `RecipeError` naming the field, what was found and what is allowed."""
    try:
        if isinstance(source, Path):
            return Recipe.model_validate_json(source.read_bytes())
        return Recipe.model_validate(source)
    except OSError as error:
        raise RecipeError(f"The recipe {source} cannot be read: {error.strerror}.", "Check the path.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the recipe"
        found = repr(first["input"])
        raise RecipeError(
            f"In the recipe, {field}: {first['msg'].removeprefix('Value error, ')}; found {found[:80]}.",
            "Mend this field; `python -m core recipe` writes a recipe with every setting and its default.",
        ) from error
