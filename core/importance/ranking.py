"""Feature importance for CatBoost, over walk-forward folds and against noise columns."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era
from core.errors.importance import NoUsableFold, TooFewSamplesToRank
from core.errors.samples import ConstantOutcome, NoFeature
from core.findings.importance import AllNoise, FoldsLeftOut, NoiseFeatures, NoSignal, RecentSamplesOnly
from core.findings.model import Finding, to_document, worst_first
from core.importance.probes import ProbeTraits, make_probes, measure_traits
from core.importance.stability import FeatureImportance, choose_features, rank_features
from core.progress import NoProgress, Progress, ShouldStop, TreeCallback, never_stop, require_going
from core.recipe.model import ImportanceSettings
from core.samples.samples import Samples
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

MOST_SAMPLES = 100_000
LEAST_SAMPLES = 10


@dataclass(frozen=True, kw_only=True)
class ImportanceRanking:
    """Features, best first, and those `chosen` for training.

    An importance is the increase of the error on later, unseen rows without the feature, in standard deviations of the outcome;
    negative if the feature increases the error. `noise_line` is the 95% quantile of the importances of noise columns.
    """

    task: Task
    features: tuple[FeatureImportance, ...]
    noise_line: float
    chosen: tuple[str, ...]
    fits: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainTable:
    """The n train samples used for ranking.

    `values` float64 (n, features), sorted by name, centred and scaled; `outcome` float64 (n,); `stamps` int (n,) number the times
    of the origins from 0; `unused` counts older samples.
    """

    names: tuple[str, ...]
    values: np.ndarray
    outcome: np.ndarray
    origin_times: np.ndarray
    target_times: np.ndarray
    stamps: np.ndarray
    traits: ProbeTraits
    unused: int


def rank_importance(
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    settings: ImportanceSettings,
    seed: int,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> ImportanceRanking:
    """Rank features by how much CatBoost's error on later rows grows without them.

    Each fold is fitted on the start of the train era and scored on the part after it, with a gap that keeps outcomes from
    overlapping. Each repeat has its own seed, column order and noise columns. Parameters are fixed, so nothing is selected on the
    scored rows. Raises `NoFeature`, `TooFewSamplesToRank`, `ConstantOutcome`, `NoUsableFold` and `Stopped`.

    Parameters
    ----------
    features, samples, task
        The feature frame, the samples of all eras, and the task.
    settings
        Folds, repeats, iterations, noise columns, and how many features to choose.
    seed
        Seed of everything random.
    progress, should_stop
        Progress reports and stop requests.
    """
    table = gather_train(features, samples, task, settings)
    folds = list(split_walk_forward(table, settings.folds))
    if not folds:
        raise NoUsableFold(outcome=task.label)
    total = len(folds) * settings.seeds
    scores: list[np.ndarray] = []
    for fold, (fit_rows, score_rows) in enumerate(folds):
        for repeat in range(settings.seeds):
            progress.step(
                len(scores), total, f"Fold {fold + 1} of {len(folds)}, repeat {repeat + 1} of {settings.seeds}"
            )
            random = np.random.default_rng([seed, fold, repeat])
            scores.append(_score(table, fit_rows, score_rows, settings, random, should_stop))
    progress.step(total, total, "Features ranked")
    importances = np.array(scores)
    ranked, noise_line = rank_features(
        table.names, importances[:, : -settings.noise_probes], importances[:, -settings.noise_probes :]
    )
    chosen = choose_features(ranked, settings.top_k)
    return ImportanceRanking(
        task=task,
        features=ranked,
        noise_line=noise_line,
        chosen=chosen,
        fits=total,
        findings=check_ranking(ranked, table, len(folds), settings),
    )


def importance_document(ranking: ImportanceRanking) -> dict[str, object]:
    """Return the content of `importance.json`."""
    return asdict(ranking) | {"findings": [asdict(to_document(finding)) for finding in ranking.findings]}


def gather_train(features: "FeatureFrame", samples: Samples, task: Task, settings: ImportanceSettings) -> TrainTable:
    """Gather the most recent train samples with known outcomes.

    Raises `NoFeature`, `TooFewSamplesToRank` and `ConstantOutcome`.

    Parameters
    ----------
    features, samples, task
        The feature frame, the samples of all eras, and the task.
    settings
        The number of folds decides how many samples are needed.
    """
    names = tuple(sorted(features.values.columns))
    if not names:
        raise NoFeature
    train = samples.of(Era.TRAIN)
    train = train[np.isfinite(samples.outcome[train])]
    known = len(train)
    needed = LEAST_SAMPLES * (settings.folds + 1)
    if known < needed:
        raise TooFewSamplesToRank(found=known, folds=settings.folds, needed=needed)
    if known > MOST_SAMPLES:
        first = np.partition(samples.origin_times[train], known - MOST_SAMPLES)[known - MOST_SAMPLES]
        train = train[samples.origin_times[train] >= first]
    outcome = samples.outcome[train]
    if np.ptp(outcome) == 0:
        raise ConstantOutcome(outcome=task.label, value=float(outcome[0]), samples=len(train))
    values = np.column_stack([features.values[name].to_numpy()[samples.rows[train]] for name in names])
    _standardise(values)
    stamps = np.unique(samples.origin_times[train], return_inverse=True)[1]
    return TrainTable(
        names=names,
        values=values,
        outcome=outcome,
        origin_times=samples.origin_times[train],
        target_times=samples.target_times[train],
        stamps=stamps,
        traits=measure_traits(np.nan_to_num(values), stamps, samples.blocks[train]),
        unused=known - len(train),
    )


def _standardise(values: np.ndarray) -> None:
    """Centre columns, float64 (n, k), and scale them to variance 1, in place; missing values stay NaN."""
    counts = np.maximum(np.isfinite(values).sum(axis=0), 1)
    values -= np.nansum(values, axis=0) / counts
    spread = np.sqrt(np.nansum(np.square(values), axis=0) / counts)
    values /= np.where(spread > 0, spread, 1.0)


def split_walk_forward(table: TrainTable, folds: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows to fit on and the later rows to score on, for each usable fold.

    Both are int arrays of positions. Time is cut into equal parts. A sample is fitted on if its outcome is known before the first
    scored origin. A fold is skipped if it has too few rows or a constant outcome.
    """
    stamps = int(table.stamps.max()) + 1
    times = np.unique(table.origin_times)
    cuts = np.linspace(0, stamps, folds + 2).round().astype(int)
    for start, end in zip(cuts[1:-1], cuts[2:], strict=True):
        fit_rows = np.flatnonzero(table.target_times < times[start])
        score_rows = np.flatnonzero((table.stamps >= start) & (table.stamps < end))
        enough = min(len(fit_rows), len(score_rows)) >= LEAST_SAMPLES
        if enough and np.ptp(table.outcome[fit_rows]) > 0 and np.ptp(table.outcome[score_rows]) > 0:
            yield fit_rows, score_rows


def _score(
    table: TrainTable,
    fit_rows: np.ndarray,
    score_rows: np.ndarray,
    settings: ImportanceSettings,
    random: np.random.Generator,
    should_stop: ShouldStop,
) -> np.ndarray:
    """Return the importances in one fit, float64 (features + probes,).

    A stop request raises `Stopped` after the current tree.
    """
    from catboost import CatBoostRegressor, Pool

    probes = make_probes(table.traits, table.stamps, settings.noise_probes, random)
    columns = np.column_stack([table.values, probes]).astype(np.float32)
    outcome = table.outcome
    require_going(should_stop)
    order = random.permutation(columns.shape[1])
    center, scale = outcome[fit_rows].mean(), outcome[fit_rows].std()
    model = CatBoostRegressor(
        iterations=settings.iterations,
        depth=4,
        learning_rate=0.03,
        border_count=64,
        boosting_type="Plain",
        bootstrap_type="Bernoulli",
        subsample=0.8,
        random_seed=int(random.integers(2**31)),
        thread_count=2,
        allow_writing_files=False,
        logging_level="Silent",
    )
    fit_pool = Pool(columns[np.ix_(fit_rows, order)], (outcome[fit_rows] - center) / scale)
    model.fit(fit_pool, callbacks=[TreeCallback(should_stop)])
    require_going(should_stop)
    score_pool = Pool(columns[np.ix_(score_rows, order)], (outcome[score_rows] - center) / scale)
    importances = np.empty(len(order))
    importances[order] = model.get_feature_importance(score_pool, type="LossFunctionChange", thread_count=2)
    return importances


def check_ranking(
    ranked: tuple[FeatureImportance, ...], table: TrainTable, folds: int, settings: ImportanceSettings
) -> tuple[Finding, ...]:
    """Check for features that are noise, unused samples and skipped folds; worst first.

    Parameters
    ----------
    ranked
        The ranked features.
    table
        The samples they were ranked on.
    folds
        How many folds were used.
    settings
        How many folds were asked for.
    """
    findings: list[Finding] = []
    noise = sum(feature.label == "noise" for feature in ranked)
    if noise == len(ranked):
        findings.append(AllNoise(count=noise))
    elif not any(feature.label == "signal" for feature in ranked):
        findings.append(NoSignal(features=len(ranked), count=len(ranked) - noise))
    elif noise:
        findings.append(NoiseFeatures(features=len(ranked), count=noise))
    if table.unused:
        findings.append(RecentSamplesOnly(used=len(table.outcome), count=table.unused))
    if folds < settings.folds:
        findings.append(FoldsLeftOut(folds=settings.folds, count=settings.folds - folds))
    return worst_first(findings)
