"""Settings of step 3: which columns go, how values are repaired and changed, and the features made of them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.recipe.fields import SHARE, Names, Settings, stops


class CleaningSettings(Settings):
    """Step 3: which columns go, and how values are repaired. Judged and learned on the train era alone."""

    max_bad_ratio: float = Field(
        0.30,
        ge=0,
        le=1,
        json_schema_extra=SHARE | {"why": "with more, nearly every third value would be a filled one"},
        title="Bad values, at most",
        description="A column with a larger share of bad values goes, and so does one that died in train. 100 %: none goes.",
    )
    min_relative_variance: float = Field(
        1e-4,
        ge=0,
        le=0.1,
        json_schema_extra=stops(0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.1)
        | {"why": "only what stands still but for rare ticks lies below"},
        title="Relative variance, at least",
        description="Variance after scaling to the 1 % to 99 % range, so that units do not matter. Constant columns always go, "
        "unless this is 0.",
    )
    max_unique_ratio: float = Field(
        0.95,
        ge=0,
        le=1,
        json_schema_extra=SHARE | {"why": "row numbers and keys repeat next to nothing"},
        title="Uniqueness, at most",
        description="Acts on columns that look like identifiers only: prices are nearly unique too, and stay.",
    )
    max_correlation: float = Field(
        0.9999,
        ge=0.5,
        le=1,
        json_schema_extra=stops(0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9999, 1.0)
        | {"why": "copies in another unit go, and what merely moves alongside stays"},
        title="Correlation with a better column, at most",
        description="Of two columns correlated more than this in the train era, the one with more bad values goes.",
    )
    max_top_share: float = Field(
        0.998,
        ge=0.5,
        le=1,
        json_schema_extra=stops(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0)
        | SHARE
        | {"why": "yearly events in daily rows stay, and volumes that are mostly 0; one row in 500 teaches nothing"},
        title="Share of one value, at most",
        description="A column that holds one value in a larger share of its good rows goes. 100 %: none goes.",
    )
    max_stale_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        json_schema_extra=SHARE
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
        json_schema_extra=SHARE,
        title="Clip at quantile",
        description="Features are clipped at this train quantile and its mirror; 0 clips nothing.",
    )
    clip_robust_z: float = Field(
        0.0,
        ge=0,
        le=50,
        json_schema_extra=stops(0.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0),
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
