"""Features from the past: changes, lags and rolling statistics, each within its own series and never from later rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.cleaning.fitted import CleanFrame, transform_name
from core.errors.model import DataError
from core.recipe.model import FeatureSettings

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile

Change = Literal["log_return", "difference"]


@dataclass(frozen=True, kw_only=True)
class FeatureStep:
    """How one feature is made.

    `source` is a column for a level, log return or difference, and an earlier feature for a lag or a rolling statistic.
    `periods` counts rows; `delay` is the number of rows by which the source column is known late.
    """

    name: str
    source: str
    kind: Literal["level", "log_return", "difference", "lag", "rolling_mean", "rolling_std"]
    periods: int = 1
    delay: int = 0


@dataclass(frozen=True)
class FeaturePlan:
    """The features in order; `warm_up` rows at the start of each series have no complete past and are lost."""

    steps: tuple[FeatureStep, ...]
    warm_up: int


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureFrame:
    """The rows that models see, arrays of equal length, sorted by series and time.

    `values` holds the features alone (float64, no NaN), `target` the target's level in its own unit, `times` datetime64[us],
    `series` the names of the series or None, `blocks` their numbers from 0, `lines` the lines in the user's file.
    """

    values: pd.DataFrame
    times: np.ndarray
    series: np.ndarray | None
    blocks: np.ndarray
    target: np.ndarray
    lines: np.ndarray


def plan_features(
    columns: tuple[str, ...],
    profile: "QualityProfile",
    settings: FeatureSettings,
    availability_lag: dict[str, int],
    changed: Mapping[str, tuple[str, ...]] | None = None,
) -> FeaturePlan:
    """Return how features are made of `columns`: the kept ones and the target, in the order in which features will stand.

    What drifts in the train era enters by its changes, if the settings say so: by log returns where it is positive, like
    a price, else by differences. `changed` are the columns that cleaning has made a log, difference or return: a difference or
    a return drifts no more and is left as it is, while the log of a column drifts where the column does. The target's own last
    change is always a feature. Lags and rolling statistics are made of every one of these.
    """
    steps: list[FeatureStep] = []
    past: dict[str, int] = {}

    def add(step: FeatureStep, rows: int) -> None:
        steps.append(step)
        past[step.name] = rows

    for column in columns:
        found = profile.column(column)
        made = (changed or {}).get(column, ())
        name = f"{column} {transform_name(made)}" if made else column
        drifts = found.drifts and made in ((), ("log",))
        change: Change = "log_return" if found.price_like and not made else "difference"
        delay = availability_lag.get(column, 0)
        bases = []
        if not (drifts and settings.returns == "replace"):
            bases.append(FeatureStep(name=_free_name(name, past), source=column, kind="level", delay=delay))
        if column == profile.roles.target or (drifts and settings.returns != "none"):
            word = "log return" if made else change.replace("_", " ")
            bases.append(
                FeatureStep(name=_free_name(f"{column} {word}", past), source=column, kind=change, delay=delay)
            )
        for base in bases:
            rows = delay + (base.kind != "level")
            add(base, rows)
            for step, more in _derived(base.name, settings):
                add(replace(step, name=_free_name(step.name, past)), rows + more)
    # A difference or return costs the first row already when it is taken, whatever else is made of the others.
    lost = any(made not in ((), ("log",)) for made in (changed or {}).values())
    return FeaturePlan(tuple(steps), max(past.values(), default=0) + lost)


def _derived(feature: str, settings: FeatureSettings) -> Iterator[tuple[FeatureStep, int]]:
    """Yield the lags and rolling statistics of a feature, each with the rows that it reaches further back."""
    for periods in dict.fromkeys(settings.lags):
        yield FeatureStep(name=f"{feature} lag {periods}", source=feature, kind="lag", periods=periods), periods
    for periods in dict.fromkeys(settings.rolling):
        yield (
            FeatureStep(name=f"{feature} mean {periods}", source=feature, kind="rolling_mean", periods=periods),
            periods - 1,
        )
        yield (
            FeatureStep(name=f"{feature} std {periods}", source=feature, kind="rolling_std", periods=periods),
            periods - 1,
        )


def _free_name(name: str, taken: dict[str, int]) -> str:
    """Return the name, numbered where a column of the file already bears the name of a feature."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def add_features(clean: CleanFrame, plan: FeaturePlan) -> FeatureFrame:
    """Return the features of every row that has them all; a row sees itself and earlier rows of its own series.

    A log return of a value that is not positive does not exist, and costs its rows. A rolling standard deviation divides by
    the number of rows less one. Raises `DataError` where no row is left.
    """
    frame, roles, blocks = clean.frame, clean.roles, clean.blocks
    into = np.arange(len(frame)) - np.searchsorted(blocks, blocks)
    values: dict[str, np.ndarray] = {}
    moments: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = {}
    complete = np.ones(len(frame), dtype=bool)
    for step in plan.steps:
        of_column = step.kind in ("level", "log_return", "difference")
        source = _shift(frame[step.source].to_numpy(), step.delay, into) if of_column else values[step.source]
        with np.errstate(all="ignore"):
            if step.kind in ("rolling_mean", "rolling_std"):
                key = (step.source, step.periods)
                if key not in moments:  # the last pair alone is held, since a mean and its deviation stand side by side
                    moments = {key: _rolling_moments(source, step.periods)}
                mean, squares = moments[key]
                found = mean if step.kind == "rolling_mean" else np.sqrt(squares / (step.periods - 1))
                values[step.name] = np.where(into >= step.periods - 1, found, np.nan)
            else:
                values[step.name] = _look_back(source, step, into)
        complete &= np.isfinite(values[step.name])
    if not complete.any():
        raise DataError(
            f"No row has all {len(plan.steps):,} features: they look back {plan.warm_up:,} rows, and the longest series has "
            f"{int(into.max(initial=-1)) + 1:,}.",
            "Use shorter lags, rolling windows or availability lags, or more rows.",
        )
    return FeatureFrame(
        values=pd.DataFrame({step.name: values.pop(step.name)[complete] for step in plan.steps}, copy=False),
        times=frame[roles.time].to_numpy(dtype="datetime64[us]")[complete],
        series=None if roles.series is None else frame[roles.series].astype(str).to_numpy(dtype=object)[complete],
        blocks=np.unique(blocks[complete], return_inverse=True)[1],
        target=frame[roles.target].to_numpy(copy=True)[complete],
        lines=clean.lines[complete],
    )


def _look_back(source: np.ndarray, step: FeatureStep, into: np.ndarray) -> np.ndarray:
    if step.kind == "level":
        return source
    if step.kind == "log_return":
        source = np.log(source)
    earlier = _shift(source, step.periods, into)
    return earlier if step.kind == "lag" else source - earlier


def _shift(values: np.ndarray, periods: int, into: np.ndarray) -> np.ndarray:
    """Return the values of `periods` rows before in the same series; `into` counts the rows of the series before each row."""
    return values if periods == 0 else np.where(into >= periods, _later(values, periods), np.nan)


def _later(values: np.ndarray, rows: int) -> np.ndarray:
    moved = np.full(len(values), np.nan)
    moved[rows:] = values[: max(0, len(values) - rows)]
    return moved


def _rolling_moments(values: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and sum of squared deviations of the last `window` values up to each row.

    Windows of 1, 2, 4 … rows are merged pairwise (Chan, Golub & LeVeque 1983). Each result is made of its own window alone,
    so neither a huge value before it nor any row after it changes a bit; a running sum would carry both.
    """
    mean, squares, size = values, np.zeros(len(values)), 0
    part_mean, part_squares, part = values, np.zeros(len(values)), 1
    while True:
        if window & part:
            earlier = (_later(part_mean, size), _later(part_squares, size))
            mean, squares = (part_mean, part_squares) if not size else _merge(mean, squares, size, *earlier, part)
            size += part
        if size == window:
            return mean, squares
        earlier = (_later(part_mean, part), _later(part_squares, part))
        part_mean, part_squares = _merge(part_mean, part_squares, part, *earlier, part)
        part *= 2


def _merge(
    mean: np.ndarray, squares: np.ndarray, size: int, more_mean: np.ndarray, more_squares: np.ndarray, more: int
) -> tuple[np.ndarray, np.ndarray]:
    whole = size + more
    step = more_mean - mean
    mean = mean + step * (more / whole)
    step *= step
    step *= size * more / whole
    step += squares
    step += more_squares
    return mean, step
