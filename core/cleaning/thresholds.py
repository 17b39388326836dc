"""What the thresholds of cleaning look at, and which columns fall to them."""

import weakref
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from core.data.columns import Kind
from core.quality.pairwise.near_duplicates import DuplicateRanking, rank_near_duplicates
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings

UNUSABLE = {
    Kind.TEXT: "text is not used by the models",
    Kind.CATEGORY: "text is not used by the models",
    Kind.TIME: "dates are not used by the models",
    Kind.EMPTY: "it holds no values",
}
PERIODS_OF_DEATH = 3
# A profile is large to compare: it is known by which one it is.
_GATHERED: dict[int, "ColumnMeasures"] = {}


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnMeasures:
    """What the thresholds look at, one entry a feature column.

    `relative_variance` is infinite where it does not exist, `unique_ratio` 0 where a column does not look like an
    identifier, `top_share` 0 where it is constant, which its variance tells: none can then fall to that threshold. `contest`
    are the columns that were compared with each other, and `contestants` the places here of its ranks. `died` are the times,
    about, after which a column has no good value, None where it has; `died_in_train` are those that the train era alone tells.
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
    contest: DuplicateRanking
    contestants: np.ndarray
    related: np.ndarray
    died: tuple[str | None, ...]
    died_in_train: tuple[str | None, ...]

    @cached_property
    def badness(self) -> np.ndarray:
        """What `max_bad_ratio` acts on: the share of bad values, and all of it where a column was dead as the train era ended."""
        return np.where([stamp is not None for stamp in self.died_in_train], 1.0, self.bad_ratio)


@dataclass(frozen=True, eq=False, kw_only=True)
class ThresholdOutcome:
    """What becomes of each column.

    `kept` and `dropped` are choices by hand, `faults` the thresholds that it falls to by name, `better` is the place of a better
    column that it repeats (-1: none).
    """

    kept: np.ndarray
    dropped: np.ndarray
    faults: dict[str, np.ndarray]
    better: np.ndarray
    stays: np.ndarray


def measure_columns(profile: QualityProfile) -> ColumnMeasures:
    """Return the train statistics of every feature column; time, series and target are none.

    It is gathered once a profile and held as long as that is: a slider moves over it many times.
    """
    found = _GATHERED.get(id(profile))
    if found is None:
        found = _GATHERED[id(profile)] = _gather(profile)
        weakref.finalize(profile, _GATHERED.pop, id(profile), None)
    return found


def _gather(profile: QualityProfile) -> ColumnMeasures:
    roles = {profile.roles.time, profile.roles.series, profile.roles.target}
    columns = [column for column in profile.columns if column.name not in roles]
    names = tuple(column.name for column in columns)
    bad_ratio = np.array([column.train.bad_ratio for column in columns])

    place = {name: number for number, name in enumerate(names)}
    contest = rank_near_duplicates(profile.similarity, dict(zip(names, bad_ratio.tolist(), strict=True)))
    related = dict(zip(profile.similarity.names, profile.similarity.to_target, strict=True))
    return ColumnMeasures(
        names=names,
        kinds=tuple(column.kind for column in columns),
        usable=np.array([column.kind not in UNUSABLE for column in columns], dtype=bool),
        constant=np.array([column.constant for column in columns], dtype=bool),
        bad_ratio=bad_ratio,
        relative_variance=np.array(
            [_relative_variance(column.constant, column.train.relative_variance) for column in columns]
        ),
        unique_ratio=np.array([column.train.unique_ratio if column.identifier_like else 0.0 for column in columns]),
        top_share=np.array([0.0 if column.constant else column.train.top_share for column in columns]),
        stale_ratio=np.array([column.train.stale_ratio for column in columns]),
        contest=contest,
        contestants=np.array([place[name] for name in contest.names], dtype=np.int64),
        related=np.array([round(related.get(name, 0.0), 6) for name in names]),
        died=tuple(column.died_in_train or _find_death(column.bad_by_period, profile.periods) for column in columns),
        died_in_train=tuple(column.died_in_train for column in columns),
    )


def _find_death(bad: tuple[float | None, ...], periods: tuple[str, ...]) -> str | None:
    """Return since when no value is good; the newest figures may only be late, so that it takes some periods to tell."""
    good = [place for place, ratio in enumerate(bad) if ratio is not None and ratio < 1]
    since = sum(ratio is not None for ratio in bad[good[-1] + 1 :]) if good else 0
    return periods[good[-1] + 1] if since >= PERIODS_OF_DEATH else None


def _relative_variance(constant: bool, found: float | None) -> float:
    if constant:
        return 0.0
    return np.inf if found is None else found


def judge(evidence: ColumnMeasures, settings: CleaningSettings) -> ThresholdOutcome:
    """Return which columns stay: by hand, by their own statistics, then by comparison with better ones that stay."""
    faults = {
        "max_bad_ratio": evidence.badness > settings.max_bad_ratio,
        "min_relative_variance": evidence.relative_variance < settings.min_relative_variance,
        "max_unique_ratio": evidence.unique_ratio > settings.max_unique_ratio,
        "max_top_share": evidence.top_share > settings.max_top_share,
        "max_stale_ratio": evidence.stale_ratio > settings.max_stale_ratio,
    }
    kept, dropped = _mark(evidence.names, settings.keep), _mark(evidence.names, settings.drop)
    stays = evidence.usable & (kept | ~(dropped | np.logical_or.reduce(list(faults.values()))))
    better = _find_better(evidence, stays, kept, settings.max_correlation)
    return ThresholdOutcome(
        kept=kept, dropped=dropped, faults=faults, better=better, stays=stays & (kept | (better < 0))
    )


@lru_cache(maxsize=8)
def _mark(names: tuple[str, ...], chosen: tuple[str, ...]) -> np.ndarray:
    """Return which names are chosen; kept, since a slider's whole range is judged with the same ones."""
    wanted = set(chosen)
    marks = np.array([name in wanted for name in names], dtype=bool)
    marks.flags.writeable = False
    return marks


def _find_better(evidence: ColumnMeasures, stays: np.ndarray, kept: np.ndarray, threshold: float) -> np.ndarray:
    """Return for each column the place of a better one that stays and correlates with it above the threshold, else -1."""
    better, at = np.full(len(evidence.names), -1), evidence.contestants
    # A threshold of 1 means that none goes, exact copies neither.
    if threshold < 1:
        repeated = evidence.contest.find_originals(threshold, stays[at], kept[at])
        better[at] = np.where(repeated >= 0, at[repeated], -1)
    return better
