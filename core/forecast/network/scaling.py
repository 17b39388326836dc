"""Scaling of features and outcomes, fitted on the train era: of each series by itself, and of all together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.data.eras import Era
from core.errors.training import NoTrainOutcome
from core.samples.direction import train_log_odds
from core.samples.samples import Samples
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

Kind = Literal["standard", "robust", "none"]

IQR_OF_NORMAL = 1.3489795
# Scaled features are cut at 1.5 times their largest size in train, but never below 10.
TRAIN_REACH = 1.5
LOWEST_CAP = 10.0
# The standard error of a normal standard deviation from 30 values is 13%; all series together may differ a thousand times.
FEWEST_OF_SERIES = 30
# Centres of a bundle, its series times its features: a manifest with more would exceed its limit of 16 MiB.
MOST_OF_SERIES = 200_000


@dataclass(frozen=True, kw_only=True)
class SeriesScaling:
    """Scaling of the features and the outcome of one series, (value - center) / scale."""

    center: tuple[float, ...]
    scale: tuple[float, ...]
    outcome_center: float
    outcome_scale: float


@dataclass(frozen=True, eq=False)
class OutcomeUnit:
    """Centre and scale of n outcomes: float64 (n,) if each series has its own, else one number each."""

    center: float | np.ndarray = 0.0
    scale: float | np.ndarray = 1.0

    @property
    def series_scale(self) -> float | np.ndarray:
        """The scale of each outcome if each series has its own, else 1."""
        return self.scale if isinstance(self.scale, np.ndarray) else 1.0

    def outcome(self, scaled: np.ndarray) -> np.ndarray:
        """Return outcomes (n,) in their own unit, float64, from scaled ones (n,).

        Examples
        --------
        >>> OutcomeUnit(0.0, 0.02).outcome(np.array([0.5]))
        array([0.01])
        """
        return self.center + self.scale * np.asarray(scaled, dtype=np.float64)

    def scale_outcome(self, outcome: np.ndarray) -> np.ndarray:
        """Return scaled outcomes (n,), float64, from outcomes (n,) in their own unit."""
        return (np.asarray(outcome, dtype=np.float64) - self.center) / self.scale

    def take(self, which: np.ndarray) -> "OutcomeUnit":
        """Return the unit of the outcomes at the positions `which`, int (m,)."""
        if isinstance(self.center, np.ndarray) and isinstance(self.scale, np.ndarray):
            return OutcomeUnit(self.center[which], self.scale[which])
        return self


@dataclass(frozen=True, kw_only=True)
class Scaling(SeriesScaling):
    """Scaling of all series together, fitted on the train era, and of each by itself.

    `series` holds that of each series by its name; a series that is not in it is scaled as all together. It is empty without a
    series column, and in models that are older than it.

    `caps` are the largest sizes of scaled features: larger ones are cut, so a value that train never had moves the network no
    further than train could. Empty in models that are older than the caps.
    """

    caps: tuple[float, ...] = ()
    series: dict[str, SeriesScaling] = field(default_factory=dict)

    @property
    def each(self) -> tuple[SeriesScaling, ...]:
        """The scaling of all series together, then that of each."""
        return (self, *self.series.values())

    def of(self, name: str) -> SeriesScaling:
        """Return the scaling of one series."""
        return self.series.get(name, self)

    def unit(self, series: Sequence[str] | np.ndarray | None = None) -> OutcomeUnit:
        """Return the unit of n outcomes; `series` are the names of their series, (n,), None without any."""
        if series is None or not self.series:
            return OutcomeUnit(self.outcome_center, self.outcome_scale)
        places, found = self._by_series(series)
        center = np.array([each.outcome_center for each in found])
        scale = np.array([each.outcome_scale for each in found])
        return OutcomeUnit(center[places], scale[places])

    def input_scales(self, series: np.ndarray | None) -> "InputScales":
        """Return the scales of the features in n rows; `series` are the names of their series, (n,), None without any."""
        if series is None or not self.series:
            return InputScales(None, np.array([self.center]), np.array([self.scale]))
        places, found = self._by_series(series)
        return InputScales(places, np.array([each.center for each in found]), np.array([each.scale for each in found]))

    def _by_series(self, series: Sequence[str] | np.ndarray) -> tuple[np.ndarray, list[SeriesScaling]]:
        """Return the scaling of each series among n rows, and its place in that list by row, int (n,)."""
        places, names = pd.factorize(np.asarray(series, dtype=object))
        return places, [self.of(name) for name in names]


@dataclass(frozen=True, eq=False)
class InputScales:
    """Scales of the features in n rows: `centers` and `scales` float64 (series, features), `places` int (n,) the row's series.

    `places` is None if one series holds all rows.
    """

    places: np.ndarray | None
    centers: np.ndarray
    scales: np.ndarray

    def scale(self, values: np.ndarray, position: int) -> np.ndarray:
        """Return the scaled values of the feature at a position, float64 (n,)."""
        center, scale = self.centers[:, position], self.scales[:, position]
        if self.places is not None:
            center, scale = center[self.places], scale[self.places]
        scaled: np.ndarray = (values - center) / scale
        return scaled


def fit_scaling(
    features: "FeatureFrame",
    names: tuple[str, ...],
    samples: Samples,
    task: Task,
    kind: Kind,
) -> Scaling:
    """Fit the scaling on rows up to the last train origin, and on train outcomes.

    Changes are scaled but not centred, so an output of 0 is exactly the persistence forecast. Levels are centred at their
    train mean. For a direction the outcome is in log odds, centred at those of train: an output of 0 is the train frequency.
    A constant feature has scale 1. Raises `NoTrainOutcome`.

    With a series column, each series of at least 30 train outcomes has a scaling of its own, from its own rows; the log odds of a
    direction stay those of all series. Where a feature is constant within a series, or has fewer than 30 values, the scaling of all
    series is used: such a constant may tell series apart. Above 200,000 series times features there is only that of all series.

    Parameters
    ----------
    features
        The feature frame.
    names
        The features to scale, in order.
    samples, task
        Samples of all eras, and their task.
    kind
        `standard` uses mean and standard deviation, `robust` median and interquartile range, `none` leaves features as is.
    """
    train = samples.of(Era.TRAIN)
    if not len(train):
        raise NoTrainOutcome
    fitted = features.times <= samples.origin_times[train].max()
    centers, scales, caps = [], [], []
    for name in names:
        values = features.values[name].to_numpy()[fitted]
        values = values[np.isfinite(values)]
        center, scale = _center_and_scale(values, kind)
        centers.append(center)
        scales.append(scale)
        caps.append(_cap((values - center) / scale))
    outcome = samples.outcome[train]
    if task.is_direction:
        outcome_center, outcome_scale = train_log_odds(outcome), 1.0
    else:
        outcome_center = float(outcome.mean()) if task.predict == "level" else 0.0
        outcome_scale = _scale_or_one(float(outcome.std()), float(np.abs(outcome).max()))
    pooled = Scaling(
        center=tuple(centers),
        scale=tuple(scales),
        outcome_center=outcome_center,
        outcome_scale=outcome_scale,
        caps=tuple(caps),
    )
    if features.series is None:
        return pooled
    # Series that begin after the train era do not count: nothing depends on later rows.
    if len(np.unique(features.series_codes[samples.rows[train]])) * len(names) > MOST_OF_SERIES:
        return pooled
    return _fit_series(pooled, features, names, samples, task, kind, fitted)


def _center_and_scale(values: np.ndarray, kind: str) -> tuple[float, float]:
    if kind == "none" or not len(values):
        return 0.0, 1.0
    size = float(np.abs(values).max())
    deviation = _scale_or_one(float(values.std()), size)
    if kind == "standard":
        return float(values.mean()), deviation
    low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
    robust = float(high - low) / IQR_OF_NORMAL
    return float(median), robust if _scale_or_one(robust, size) == robust else deviation


def _scale_or_one(scale: float, size: float) -> float:
    """Return the scale, or 1 if it is only the rounding error of a constant of that size."""
    return scale if scale > 1e-12 * size else 1.0


def _cap(scaled: np.ndarray) -> float:
    return max(LOWEST_CAP, TRAIN_REACH * float(np.abs(scaled).max(initial=0.0)))


def _fit_series(
    pooled: Scaling,
    features: "FeatureFrame",
    names: tuple[str, ...],
    samples: Samples,
    task: Task,
    kind: Kind,
    fitted: np.ndarray,
) -> Scaling:
    """Return the scaling with that of each series; `fitted` bool (rows,) are the rows that features are fitted on."""
    assert features.series is not None
    all_codes, train = features.series_codes, samples.of(Era.TRAIN)
    count, codes = int(all_codes.max()) + 1, all_codes[fitted]
    outcomes = _Groups(samples.outcome[train], all_codes[samples.rows[train]], count)
    is_own = outcomes.counts >= FEWEST_OF_SERIES
    centers, scales = np.tile(pooled.center, (count, 1)), np.tile(pooled.scale, (count, 1))
    caps = []
    for place, name in enumerate(names):
        values = features.values[name].to_numpy()[fitted]
        known = np.isfinite(values)
        if kind != "none":
            groups = _Groups(values[known], codes[known], count)
            center, scale = groups.center_and_scale(kind)
            usable = is_own & (groups.counts >= FEWEST_OF_SERIES) & groups.varies
            centers[usable, place], scales[usable, place] = center[usable], scale[usable]
        of_row = codes[known]
        caps.append(_cap((values[known] - centers[of_row, place]) / scales[of_row, place]))
    outcome_center = np.full(count, pooled.outcome_center)
    outcome_scale = np.full(count, pooled.outcome_scale)
    if task.predict == "level":
        outcome_center = outcomes.means
    if not task.is_direction:
        outcome_scale = np.where(outcomes.varies, outcomes.deviations, pooled.outcome_scale)
    first = np.searchsorted(all_codes, np.arange(count))
    own = {
        str(features.series[first[code]]): SeriesScaling(
            center=tuple(centers[code].tolist()),
            scale=tuple(scales[code].tolist()),
            outcome_center=float(outcome_center[code]),
            outcome_scale=float(outcome_scale[code]),
        )
        for code in np.flatnonzero(is_own)
    }
    return replace(pooled, caps=tuple(caps), series=own)


class _Groups:
    """Statistics of values by their series, float64 (series,): NaN without values.

    Parameters
    ----------
    values
        float64 (n,), finite.
    codes
        int (n,), the series of each value.
    count
        How many series there are.
    """

    def __init__(self, values: np.ndarray, codes: np.ndarray, count: int) -> None:
        self._grouped, self._series = pd.Series(values).groupby(codes), pd.RangeIndex(count)
        self.counts = np.bincount(codes, minlength=count)
        self.means = self._by_series(self._grouped.mean())
        self.deviations = self._by_series(self._grouped.std(ddof=0))
        self.sizes = self._by_series(pd.Series(np.abs(values)).groupby(codes).max())
        #: Whether the values differ by more than rounding, bool (series,).
        self.varies = self._exceeds_rounding(self.deviations) & np.isfinite(self.means)

    def center_and_scale(self, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
        """Return centre and scale of each series, as `standard` or `robust` has them."""
        if kind == "standard":
            return self.means, self.deviations
        low, median, high = (self._by_series(self._grouped.quantile(share)) for share in (0.25, 0.5, 0.75))
        robust = (high - low) / IQR_OF_NORMAL
        return median, np.where(self._exceeds_rounding(robust), robust, self.deviations)

    def _exceeds_rounding(self, scale: np.ndarray) -> np.ndarray:
        exceeds: np.ndarray = np.isfinite(scale) & (scale > 1e-12 * self.sizes)
        return exceeds

    def _by_series(self, found: pd.Series) -> np.ndarray:
        return found.reindex(self._series).to_numpy(dtype=np.float64)
