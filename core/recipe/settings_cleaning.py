"""Settings of step 3: dropping columns, repairing values, and deriving features."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.recipe.fields import SHARE, Names, Settings, stops


class CleaningSettings(Settings):
    """Step 3: dropping columns, repairing and transforming values; fitted on train alone."""

    max_bad_ratio: float = Field(
        0.30,
        ge=0,
        le=1,
        json_schema_extra=SHARE | {"why": "above it, nearly every third value would be filled"},
        title="Max. bad values",
        description="Drop columns with a larger share of bad values, and columns that stop updating in the train era. "
        "100% drops none.",
    )
    min_relative_variance: float = Field(
        1e-4,
        ge=0,
        le=0.1,
        json_schema_extra=stops(0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.1)
        | {"why": "only columns that are constant but for rare ticks are below it"},
        title="Min. relative variance",
        description="Drop columns with a smaller variance, measured after scaling to the 1% to 99% range so units do not "
        "matter. 0 drops none, not even constant columns.",
    )
    max_unique_ratio: float = Field(
        0.95,
        ge=0,
        le=1,
        json_schema_extra=SHARE | {"why": "row numbers and keys rarely repeat"},
        title="Max. unique values",
        description="Drop identifier-like columns with a larger share of distinct values. Other columns, such as prices, "
        "are not affected.",
    )
    max_correlation: float = Field(
        0.9999,
        ge=0.5,
        le=1,
        json_schema_extra=stops(0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9999, 1.0)
        | {"why": "copies in another unit are dropped, and columns that merely move together are kept"},
        title="Max. correlation with a better column",
        description="Of two columns with a higher correlation in the train era, drop the one with more bad values. 1 drops none.",
    )
    max_top_share: float = Field(
        0.998,
        ge=0.5,
        le=1,
        json_schema_extra=stops(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0)
        | SHARE
        | {"why": "keeps yearly events in daily rows; less than one row in 500 is too few to learn from"},
        title="Max. share of one value",
        description="Drop columns with one value in a larger share of their valid rows. 100% drops none.",
    )
    max_stale_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        json_schema_extra=SHARE
        | {"why": "drops none, since monthly figures and policy rates in daily rows are stale by nature"},
        title="Max. stale values",
        description="Drop columns with a larger share of rows in runs of five or more equal values. 100% drops none.",
    )
    keep: Names = Field((), title="Columns to keep", description="Keep these columns regardless of the thresholds.")
    drop: Names = Field((), title="Columns to drop", description="Drop these columns regardless of the thresholds.")
    swap_back: Names = Field(
        (),
        title="Volumes to swap back",
        description="Pairs of volume columns, first the one in units, then the one in money. Their values are exchanged in "
        "every row in which the price shows that they are swapped.",
    )
    duplicates: Literal["first", "last", "mean"] = Field(
        "last",
        title="Repeated time stamps",
        description="Of rows with the same time stamp in one series, keep the first or the last in the file, or the mean of "
        "their valid values.",
    )
    max_gap: int = Field(
        0,
        ge=0,
        le=10_000,
        title="Max. gap",
        description="Split a series at gaps longer than this many sampling intervals (weekends excluded for weekday data). "
        "Fills, lags and windows never cross a split. 0 disables it.",
    )
    fill: Literal["forward", "median", "none"] = Field(
        "forward",
        title="Fill method",
        description="forward: the last valid value of the same series. median: the training median. none: drop incomplete "
        "rows. Interpolation and backward fill are not offered, because they use later values (look-ahead).",
    )
    max_fill: int = Field(5, ge=1, le=1000, title="Max. fill", description="Maximum consecutive rows to forward-fill.")
    log: Names = Field(
        (),
        title="Log transform",
        description="Features to replace by their natural logarithm. Rows with values of 0 or less are dropped.",
    )
    difference: Names = Field(
        (), title="Difference", description="Features to replace by their change from the previous row."
    )
    returns: Names = Field(
        (), title="Return", description="Features to replace by their relative change from the previous row."
    )
    clip_quantile: float = Field(
        0.0,
        ge=0,
        le=0.1,
        json_schema_extra=SHARE,
        title="Clip quantile",
        description="Clip features at this training quantile on both sides. 0 disables it.",
    )
    clip_robust_z: float = Field(
        0.0,
        ge=0,
        le=50,
        json_schema_extra=stops(0.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0),
        title="Clip robust z-score",
        description="Clip features this many robust standard deviations (1.4826 times the median absolute deviation) from "
        "their training median. 0 disables it. With a quantile as well, the tighter bound applies.",
    )
    clip_columns: Names = Field((), title="Columns to clip", description="Features to clip. Empty: all kept features.")
    clip_target: bool = Field(
        False,
        title="Clip training outcomes",
        description="Clip the outcomes that models are trained on in the same way. Validation, test and scores always use "
        "the actual target.",
    )
    scale: Literal["standard", "robust", "none"] = Field(
        "standard",
        title="Input scaling",
        description="Scaling of the network's inputs. standard: training mean and standard deviation. robust: training median "
        "and interquartile range. none: unscaled. With a series column, each series with at least "
        "30 training outcomes is scaled by its own training rows, inputs and outcomes alike.",
    )

    @model_validator(mode="after")
    def _one_transform(self) -> "CleaningSettings":
        both = sorted({*self.returns} & {*self.log, *self.difference})
        if both:
            raise ValueError(
                f"{both[0]!r} has a return and a log or difference: remove it from returns, or from log and difference"
            )
        return self


class FeatureSettings(Settings):
    """Step 3: features derived from columns, each from the past of its own series alone."""

    returns: Literal["replace", "add", "none"] = Field(
        "replace",
        title="Levels as changes",
        description="Columns that drift like a price enter as changes (replace), as levels and changes (add), or as "
        "levels (none).",
    )
    lags: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = Field(
        (), title="Lags", description="Look-backs in rows; each adds every feature as of that many rows earlier."
    )
    rolling: tuple[Annotated[int, Field(ge=2, le=1000)], ...] = Field(
        (),
        title="Rolling windows",
        description="Window lengths in rows; each adds the rolling mean and standard deviation of every feature.",
    )
