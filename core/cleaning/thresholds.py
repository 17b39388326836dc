"""What the thresholds of cleaning measure, and which columns exceed them."""

import weakref
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from core.data.columns import Kind
from core.quality.pairwise.near_duplicates import DuplicateRanking, rank_near_duplicates
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings

_PERIODS_WITHOUT_VALUES = 3
# Keyed by identity: hashing a profile by value is too slow.
_MEASURES: dict[int, "ColumnMeasures"] = {}


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnMeasures:
    """The measures that the thresholds apply to, of n feature columns; arrays have shape (n,).

    `usable` and `constant` are bool, all others float64. `relative_variance` is infinite if undefined. `unique_ratio` is 0 for
    columns that do not look like identifiers, and `top_share` 0 for constant columns, so neither can exceed that threshold.
    `ranking` holds the columns compared with each other, best first, and `ranked` (int64) their positions among the n columns.
    `target_correlation` is absolute. `died` is the approximate ISO time after which a column has no valid values, None if it
    has some to the end; `died_in_train` is the same from train rows alone.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    usable: np.ndarray
    constant: np.ndarray
    bad_ratio: np.ndarray
    relative_variance: np.ndarray
    unique_ratio: np.ndarray
    top_share: np.ndarray
    stale_ratio: np.ndarray
    ranking: DuplicateRanking
    ranked: np.ndarray
    target_correlation: np.ndarray
    died: tuple[str | None, ...]
    died_in_train: tuple[str | None, ...]

    @cached_property
    def effective_bad_ratio(self) -> np.ndarray:
        """The share of bad values, or 1 if the column has died in the train era."""
        return np.where([stamp is not None for stamp in self.died_in_train], 1.0, self.bad_ratio)


@dataclass(frozen=True, eq=False, kw_only=True)
class ThresholdOutcome:
    """Which of n feature columns are kept; bool arrays of shape (n,) but for `better`.

    `keep` and `drop` are manual choices. `exceeded` marks, per threshold, the columns beyond it. `better`, int64, is the
    position of a better column that a column nearly duplicates, or -1.
    """

    keep: np.ndarray
    drop: np.ndarray
    exceeded: dict[str, np.ndarray]
    better: np.ndarray
    kept: np.ndarray


def measure_columns(profile: QualityProfile) -> ColumnMeasures:
    """Return the train-era measures of every feature column.

    They are computed once per profile and cached as long as it exists, since a slider needs them at every move.
    """
    measures = _MEASURES.get(id(profile))
    if measures is None:
        measures = _MEASURES[id(profile)] = _measure(profile)
        weakref.finalize(profile, _MEASURES.pop, id(profile), None)
    return measures


def _measure(profile: QualityProfile) -> ColumnMeasures:
    roles = {profile.roles.time, profile.roles.series, profile.roles.target}
    columns = [column for column in profile.columns if column.name not in roles]
    names = tuple(column.name for column in columns)
    bad_ratio = np.array([column.train.bad_ratio for column in columns])

    positions = {name: position for position, name in enumerate(names)}
    ranking = rank_near_duplicates(profile.similarity, dict(zip(names, bad_ratio.tolist(), strict=True)))
    target_correlation = dict(zip(profile.similarity.names, profile.similarity.to_target, strict=True))
    return ColumnMeasures(
        names=names,
        kinds=tuple(column.kind for column in columns),
        usable=np.array([column.kind.is_numeric for column in columns], dtype=bool),
        constant=np.array([column.constant for column in columns], dtype=bool),
        bad_ratio=bad_ratio,
        relative_variance=np.array(
            [_relative_variance(column.constant, column.train.relative_variance) for column in columns]
        ),
        unique_ratio=np.array([column.train.unique_ratio if column.identifier_like else 0.0 for column in columns]),
        top_share=np.array([0.0 if column.constant else column.train.top_share for column in columns]),
        stale_ratio=np.array([column.train.stale_ratio for column in columns]),
        ranking=ranking,
        ranked=np.array([positions[name] for name in ranking.names], dtype=np.int64),
        # Rounded, since exact copies differ in the last bits.
        target_correlation=np.array([round(target_correlation.get(name, 0.0), 6) for name in names]),
        died=tuple(column.died_in_train or _find_death(column.bad_by_period, profile.periods) for column in columns),
        died_in_train=tuple(column.died_in_train for column in columns),
    )


def _find_death(bad_by_period: tuple[float | None, ...], periods: tuple[str, ...]) -> str | None:
    """Return the first period after the last valid value, or None if fewer than three follow.

    Fewer may be missing only because figures are published with a lag.
    """
    valid = [position for position, ratio in enumerate(bad_by_period) if ratio is not None and ratio < 1]
    without = sum(ratio is not None for ratio in bad_by_period[valid[-1] + 1 :]) if valid else 0
    return periods[valid[-1] + 1] if without >= _PERIODS_WITHOUT_VALUES else None


def _relative_variance(constant: bool, measured: float | None) -> float:
    if constant:
        return 0.0
    return np.inf if measured is None else measured


def apply_thresholds(measures: ColumnMeasures, settings: CleaningSettings) -> ThresholdOutcome:
    """Decide which columns are kept.

    Manual choices come first, then each column's own measures, then comparison with better kept columns.
    """
    exceeded = {
        "max_bad_ratio": measures.effective_bad_ratio > settings.max_bad_ratio,
        "min_relative_variance": measures.relative_variance < settings.min_relative_variance,
        "max_unique_ratio": measures.unique_ratio > settings.max_unique_ratio,
        "max_top_share": measures.top_share > settings.max_top_share,
        "max_stale_ratio": measures.stale_ratio > settings.max_stale_ratio,
    }
    keep, drop = _mark(measures.names, settings.keep), _mark(measures.names, settings.drop)
    kept = measures.usable & (keep | ~(drop | np.logical_or.reduce(list(exceeded.values()))))
    better = _find_better(measures, kept, keep, settings.max_correlation)
    return ThresholdOutcome(keep=keep, drop=drop, exceeded=exceeded, better=better, kept=kept & (keep | (better < 0)))


@lru_cache(maxsize=8)
def _mark(names: tuple[str, ...], chosen: tuple[str, ...]) -> np.ndarray:
    """Return which names are chosen, bool, shape (n,); cached for the many values of a slider."""
    wanted = set(chosen)
    marks = np.array([name in wanted for name in names], dtype=bool)
    marks.flags.writeable = False
    return marks


def _find_better(measures: ColumnMeasures, kept: np.ndarray, keep: np.ndarray, threshold: float) -> np.ndarray:
    """Return per column the position of a kept column that it nearly duplicates, else -1."""
    better, ranked = np.full(len(measures.names), -1), measures.ranked
    # A threshold of 1 drops nothing, not even exact copies.
    if threshold < 1:
        repeated = measures.ranking.find_originals(threshold, kept[ranked], keep[ranked])
        better[ranked] = np.where(repeated >= 0, ranked[repeated], -1)
    return better
