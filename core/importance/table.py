"""The features, probes and train samples that the ranking works on, and its walk-forward folds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import rows_before
from core.data.eras import Era
from core.errors.importance import TooFewSamplesToRank
from core.errors.samples import ConstantOutcome, NoFeature
from core.importance.categories import Category, shift_labels
from core.importance.groups import group_twins
from core.importance.probes import join_traits, make_probes, measure_traits
from core.recipe.model import ImportanceSettings
from core.samples.samples import Samples
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

MOST_SAMPLES = 100_000
LEAST_SAMPLES = 10
FEWEST_PROBES, MOST_PROBES = 20, 100
CATEGORY_PROBES = 3
_MOST_COMPARED = 5_000
_PROBE_STREAM = 57_885_161


@dataclass(frozen=True, eq=False, kw_only=True)
class RankingTable:
    """Features and probes by column, and the n train samples that have a full window.

    `names` are those of numeric features and then of categories, sorted each. `columns` are the features and then the probes,
    float64 or float32 (rows,) each, `center` and `scale` standardise them, and `groups` int numbers the group of each. `labels` are
    those of columns that hold codes of categories. `rows` int (n,) are the origins, `stamps` int (n,) number their times from 0.
    `unused` counts the samples that were thinned out.
    """

    names: tuple[str, ...]
    columns: tuple[np.ndarray, ...]
    center: np.ndarray
    scale: np.ndarray
    groups: np.ndarray
    rows: np.ndarray
    outcome: np.ndarray
    origin_times: np.ndarray
    target_times: np.ndarray
    stamps: np.ndarray
    window: int
    unused: int
    labels: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def feature_groups(self) -> int:
        """How many groups the features form; those after them are probes."""
        return int(self.groups[: len(self.names)].max()) + 1

    def standardised(self, column: int) -> np.ndarray:
        """Return a column, float64 (rows,), centred and scaled by its train rows."""
        scaled: np.ndarray = (self.columns[column].astype(np.float64) - self.center[column]) / self.scale[column]
        return scaled


def gather_table(
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    settings: ImportanceSettings,
    window: int,
    seed: int,
    categories: Sequence[Category] = (),
) -> RankingTable:
    """Gather the train samples that the network would see, the features, and as many noise probes.

    Of more than 100,000 samples, those of every second, third, ... time stamp are used. Raises `NoFeature`, `TooFewSamplesToRank`
    and `ConstantOutcome`.

    Parameters
    ----------
    features, samples, task
        The feature frame, the samples of all eras, and the task.
    settings
        The number of folds decides how many samples are needed.
    window
        Rows that the network sees.
    seed
        Seed of the probes.
    categories
        Columns of labels; each has probes of its own.
    """
    names = tuple(sorted(features.values.columns))
    if not names:
        raise NoFeature
    train = origins_of(samples, Era.TRAIN, window)
    known = len(train)
    needed = LEAST_SAMPLES * (settings.folds + 1)
    if known < needed:
        raise TooFewSamplesToRank(found=known, folds=settings.folds, needed=needed)
    stamps = np.unique(samples.origin_times[train], return_inverse=True)[1]
    thin = -(-known // MOST_SAMPLES)
    train, stamps = train[stamps % thin == 0], stamps[stamps % thin == 0] // thin
    outcome = samples.outcome[train]
    if np.ptp(outcome) == 0:
        raise ConstantOutcome(outcome=task.label, value=float(outcome[0]), samples=len(train))
    rows = samples.rows[train]
    columns = [features.values[name].to_numpy() for name in names]
    center, scale = np.array([_center_and_scale(column[rows]) for column in columns]).T
    # Of consecutive rows: lags of a thinned sample are not the feature's memory.
    eldest, latest = samples.origin_times[train].min(), samples.origin_times[train].max()
    era = np.flatnonzero((features.times >= eldest) & (features.times <= latest))
    all_stamps = np.unique(features.times, return_inverse=True)[1]
    traits = join_traits(
        measure_traits(np.nan_to_num((column[era] - middle) / unit)[:, None], all_stamps[era], features.blocks[era])
        for column, middle, unit in zip(columns, center, scale, strict=True)
    )
    count = settings.noise_probes or int(np.clip(len(names), FEWEST_PROBES, MOST_PROBES))
    # Not the stream of the seed itself: data that were simulated with the same seed would come back as probes.
    random = np.random.default_rng([seed, _PROBE_STREAM])
    probes = make_probes(traits, all_stamps, count, random)
    compared = rows[:: -(-len(rows) // _MOST_COMPARED)]
    groups = group_twins(names, np.nan_to_num(_standardised(columns, center, scale, compared)))
    categories = sorted(categories, key=lambda category: category.name)
    copies = [category for category in categories for _ in range(CATEGORY_PROBES)]
    shifted = [shift_labels(category, features, latest, random) for category in copies]
    others = len(categories) + count + len(shifted)
    places = (
        range(len(names), len(names) + len(categories)),
        range(len(names) + len(categories) + count, len(names) + others),
    )
    return RankingTable(
        names=(*names, *(category.name for category in categories)),
        columns=(*columns, *(category.codes for category in categories), *probes.T, *shifted),
        center=np.r_[center, np.zeros(others)],
        scale=np.r_[scale, np.ones(others)],
        groups=np.r_[groups, groups.max() + 1 + np.arange(others)],
        labels={place: each.labels for place, each in zip(chain(*places), [*categories, *copies], strict=True)},
        rows=rows,
        outcome=outcome,
        origin_times=samples.origin_times[train],
        target_times=samples.target_times[train],
        stamps=stamps,
        window=window,
        unused=known - len(train),
    )


def origins_of(samples: Samples, era: Era, window: int) -> np.ndarray:
    """Return the samples of an era with a known outcome and a full window in their series, int64, in row order."""
    found = samples.of(era)
    place = rows_before(samples.blocks)
    return found[np.isfinite(samples.outcome[found]) & (place[found] >= window - 1)]


def _center_and_scale(values: np.ndarray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    return float(known.mean()), float(known.std()) or 1.0


def _standardised(columns: list[np.ndarray], center: np.ndarray, scale: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return columns at some rows, float64 (rows, columns), centred and scaled."""
    return np.column_stack(
        [(column[rows] - middle) / unit for column, middle, unit in zip(columns, center, scale, strict=True)]
    )


def split_walk_forward(table: RankingTable, folds: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the samples to fit on and the later samples to score on, for each usable fold.

    Both are int arrays of positions. Time is cut into equal parts. A sample is fitted on if its outcome is known before the first
    scored origin. A fold is skipped if it has too few samples or a constant outcome.
    """
    stamps = int(table.stamps.max()) + 1
    times = np.unique(table.origin_times)
    cuts = np.linspace(0, stamps, folds + 2).round().astype(int)
    for start, end in zip(cuts[1:-1], cuts[2:], strict=True):
        fit = np.flatnonzero(table.target_times < times[start])
        scored = np.flatnonzero((table.stamps >= start) & (table.stamps < end))
        enough = min(len(fit), len(scored)) >= LEAST_SAMPLES
        if enough and np.ptp(table.outcome[fit]) > 0 and np.ptp(table.outcome[scored]) > 0:
            yield fit, scored
