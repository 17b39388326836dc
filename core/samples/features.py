"""Causal features of each series: levels, changes, lags and rolling statistics."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.cleaning.fitted import CleanFrame, Transform, transform_token
from core.data.blocks import rows_before
from core.errors.samples import NoCompleteFeatures
from core.samples.realised_volatility import realised_volatility
from core.samples.rolling import rolling_moments, shift
from core.text.feature_tokens import feature_token

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile
    from core.recipe.model import FeatureSettings

Change = Literal["log_return", "difference"]


@dataclass(frozen=True, kw_only=True)
class FeatureStep:
    """How one feature is computed; `name` is its token.

    `source` is a column for a level, log return, difference or volatility, and an earlier feature for a lag or a rolling
    statistic. `periods` counts rows. `delay` is the publication delay of the source column in rows.
    """

    name: str
    source: str
    kind: Literal["level", "log_return", "difference", "volatility", "lag", "rolling_mean", "rolling_std"]
    periods: int = 1
    delay: int = 0

    @property
    def is_base(self) -> bool:
        """Whether the source is a column."""
        return self.kind in ("level", "log_return", "difference", "volatility")

    @property
    def look_back(self) -> int:
        """How many rows before the current one the step needs of its source, without the delay."""
        if self.kind == "level":
            return 0
        return self.periods - 1 if self.kind in ("rolling_mean", "rolling_std") else self.periods


@dataclass(frozen=True)
class FeaturePlan:
    """The features in order; in the first `warm_up` rows of each series some of them lack their look-back."""

    steps: tuple[FeatureStep, ...]
    warm_up: int

    def columns_of(self, tokens: Iterable[str]) -> set[str]:
        """Return the columns that features are computed from; tokens that are not planned have none."""
        columns: dict[str, str] = {}
        for step in self.steps:
            columns[step.name] = step.source if step.is_base else columns[step.source]
        return {columns[token] for token in tokens if token in columns}

    def keep(self, tokens: Iterable[str]) -> "FeaturePlan":
        """Return the plan of these features alone, and of those that they are computed from."""
        wanted = set(tokens)
        # A source comes before what is computed from it.
        for step in reversed(self.steps):
            if step.name in wanted and not step.is_base:
                wanted.add(step.source)
        return FeaturePlan(tuple(step for step in self.steps if step.name in wanted), self.warm_up)


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureFrame:
    """The rows that have a target, sorted by series and time: a row that lacks features still counts as time.

    `values`: the features by token, float64 (n, features), NaN if missing. The others have shape (n,). `times`:
    datetime64[us]. `series`: the names of the series, or None if there is one. `blocks`: int64, the unbroken stretch of one
    series that the row is in, counted from 0. `target`: float64, the target in its own unit, no NaN. `lines`: the lines in
    the user's file. `variances`: float64, those of the target within each row by its high and low, if they are used. `prices`:
    float64, the target itself where `target` is its direction, else None.
    """

    values: pd.DataFrame
    times: np.ndarray
    series: np.ndarray | None
    blocks: np.ndarray
    target: np.ndarray
    lines: np.ndarray
    variances: np.ndarray | None = None
    prices: np.ndarray | None = None

    @cached_property
    def series_codes(self) -> np.ndarray:
        """The series of each row, counted from 0 in their order, int64 (n,)."""
        if self.series is None:
            return np.zeros(len(self.target), dtype=np.int64)
        return np.cumsum(np.r_[False, self.series[1:] != self.series[:-1]])

    def keep_rows(self, kept: np.ndarray) -> "FeatureFrame":
        """Return the frame with some of its rows, bool (n,); its blocks are counted anew."""
        return FeatureFrame(
            values=self.values[kept].reset_index(drop=True),
            times=self.times[kept],
            series=None if self.series is None else self.series[kept],
            blocks=np.unique(self.blocks[kept], return_inverse=True)[1],
            target=self.target[kept],
            lines=self.lines[kept],
            variances=None if self.variances is None else self.variances[kept],
            prices=None if self.prices is None else self.prices[kept],
        )

    def complete_rows(self, names: Sequence[str]) -> np.ndarray:
        """Return which rows have all of these features, bool (n,); raises `NoCompleteFeatures` if none has."""
        complete = np.ones(len(self.target), dtype=bool)
        for name in names:
            complete &= np.isfinite(self.values[name].to_numpy())
        if not complete.any():
            costs = {name: int((~np.isfinite(self.values[name].to_numpy())).sum()) for name in names}
            worst = max(costs, key=lambda name: costs[name])
            missing = costs[worst]
            raise NoCompleteFeatures(features=len(names), rows=len(complete), feature=worst, missing=missing)
        return complete


def plan_features(
    columns: tuple[str, ...],
    profile: "QualityProfile",
    settings: "FeatureSettings",
    availability_lag: dict[str, int],
    transforms: Mapping[str, tuple[Transform, ...]] | None = None,
    volatility_rows: tuple[int, ...] = (),
    bar: tuple[str, str] | None = None,
    *,
    keep_level: bool = False,
) -> FeaturePlan:
    """Plan the features of `columns`, in their order.

    A column that drifts in the train era enters by its changes if the settings ask for it: by log returns if it is
    price-like, else by differences. The target's last change is always a feature. Lags and rolling statistics are added to
    each of these features. Names are tokens, see `core.text.feature_tokens`.

    Parameters
    ----------
    columns
        The kept columns and the target.
    profile
        Says which columns drift and are price-like, from the train era.
    settings
        Changes, lags and rolling windows; lags and windows count rows.
    availability_lag
        Publication delays in rows, by column.
    transforms
        What cleaning did to each transformed column. A difference or return is not differenced again; the log of a
        drifting column still drifts.
    volatility_rows
        The target's realised volatilities over these numbers of rows are features too, as logarithms.
    bar
        The high and low columns that they are measured from: they are known when the later of the three is published.
    keep_level
        Whether the target's level is a feature even if it drifts: a model that predicts a level must see where it is.
    """
    steps: list[FeatureStep] = []
    warm_up = 0
    for column in columns:
        found = profile.column(column)
        done = (transforms or {}).get(column, ())
        drifts = found.drifts and done in ((), ("log",))
        change: Change = "log_return" if found.price_like and not done else "difference"
        delay = availability_lag.get(column, 0)
        # A transformation other than the logarithm has no value in the first row of each series.
        lost = int(done not in ((), ("log",)))
        bases = []
        is_asked = keep_level and column == profile.roles.target
        if is_asked or not (drifts and settings.returns == "replace"):
            token = feature_token(column, transform_token(done)) if done else feature_token(column)
            bases.append(FeatureStep(name=token, source=column, kind="level", delay=delay))
        if column == profile.roles.target or (drifts and settings.returns != "none"):
            # The difference of a logarithm is a log return.
            token = feature_token(column, "log_return" if done else change)
            bases.append(FeatureStep(name=token, source=column, kind=change, delay=delay))
        if column == profile.roles.target:
            bases += [
                FeatureStep(
                    name=feature_token(column, f"volatility{rows}"),
                    source=column,
                    kind="volatility",
                    periods=rows,
                    delay=max(availability_lag.get(name, 0) for name in (column, *(bar or ()))),
                )
                for rows in volatility_rows
            ]
        for base in bases:
            derived = tuple(derive_steps(base.name, settings))
            steps += [base, *derived]
            past = lost + delay + base.look_back
            warm_up = max([warm_up, past, *(past + step.look_back for step in derived)])
    return FeaturePlan(tuple(steps), warm_up)


def derive_steps(feature: str, settings: "FeatureSettings") -> Iterator[FeatureStep]:
    """Yield the lags and rolling statistics of a feature."""
    for periods in dict.fromkeys(settings.lags):
        yield FeatureStep(name=f"{feature}.lag{periods}", source=feature, kind="lag", periods=periods)
    for periods in dict.fromkeys(settings.rolling):
        yield FeatureStep(name=f"{feature}.mean{periods}", source=feature, kind="rolling_mean", periods=periods)
        yield FeatureStep(name=f"{feature}.std{periods}", source=feature, kind="rolling_std", periods=periods)


def add_features(clean: CleanFrame, plan: FeaturePlan) -> FeatureFrame:
    """Compute the features of every row.

    A row uses itself and earlier rows of its own block. A feature is missing (NaN) without its look-back, if its source is
    missing, and as the log return of a value that is not positive. The rolling standard deviation has N - 1 in the
    denominator.
    """
    frame, roles, blocks = clean.frame, clean.roles, clean.blocks
    place = rows_before(blocks)
    values: dict[str, np.ndarray] = {}
    moments: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = {}
    for step in plan.steps:
        column = frame[step.source].to_numpy() if step.is_base else None
        source = values[step.source] if column is None else shift_in_block(column, step.delay, place)
        with np.errstate(all="ignore"):
            if step.kind in ("rolling_mean", "rolling_std"):
                key = (step.source, step.periods)
                if key not in moments:  # Only the last pair is kept: a mean and its deviation are planned side by side.
                    moments = {key: rolling_moments(source, step.periods)}
                mean, squares = moments[key]
                computed = mean if step.kind == "rolling_mean" else np.sqrt(squares / (step.periods - 1))
                values[step.name] = np.where(place >= step.periods - 1, computed, np.nan)
            else:
                variances = None
                if step.kind == "volatility" and clean.variances is not None:
                    variances = shift_in_block(clean.variances, step.delay, place)
                values[step.name] = _apply_step(source, step, place, blocks, variances)
            values[step.name] = np.where(np.isfinite(values[step.name]), values[step.name], np.nan)
    return FeatureFrame(
        values=pd.DataFrame(values, copy=False),
        times=frame[roles.time].to_numpy(dtype="datetime64[us]"),
        series=None if roles.series is None else frame[roles.series].astype(str).to_numpy(dtype=object),
        blocks=blocks,
        target=frame[roles.target].to_numpy(copy=True),
        lines=clean.lines,
        variances=clean.variances,
    )


def _apply_step(
    source: np.ndarray, step: FeatureStep, place: np.ndarray, blocks: np.ndarray, variances: np.ndarray | None
) -> np.ndarray:
    if step.kind == "level":
        return source
    if step.kind == "volatility":
        return np.log(realised_volatility(source, blocks, step.periods, variances))
    if step.kind == "log_return":
        source = np.log(source)
    earlier = shift_in_block(source, step.periods, place)
    return earlier if step.kind == "lag" else source - earlier


def shift_in_block(values: np.ndarray, periods: int, place: np.ndarray) -> np.ndarray:
    """Return the values `periods` rows earlier in the same block, NaN if there is none.

    `place` int64 (n,) counts the rows of the block before each row.
    """
    return values if periods == 0 else np.where(place >= periods, shift(values, periods), np.nan)
