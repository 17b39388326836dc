"""Feature importance for CatBoost over the network's window, over walk-forward folds and against noise columns."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era
from core.errors.importance import NoUsableFold
from core.errors.model import Stopped
from core.findings.importance import (
    CategoriesNotChosen,
    FoldsLeftOut,
    NoiseFeatures,
    NoSignal,
    RankingStopped,
    SamplesThinned,
    SuspectedNotChosen,
)
from core.findings.model import Finding, to_document, worst_first
from core.importance.categories import Category
from core.importance.choice import choose_features, dominant_lags, order_candidates
from core.importance.contributions import FitScores, score_fit
from core.importance.curve import COUNTS, CurvePoint, HeldOut, measure_curve
from core.importance.dependence import Dependence, gather_dependence
from core.importance.entries import Entry, plan_entries
from core.importance.stability import FeatureImportance, combine_folds, rank_features
from core.importance.table import RankingTable, gather_table, origins_of, split_walk_forward
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.recipe.model import ImportanceSettings
from core.samples.samples import Samples, split_validation
from core.samples.task import Task

if TYPE_CHECKING:
    from catboost import CatBoostRegressor

    from core.samples.features import FeatureFrame


@dataclass(frozen=True, kw_only=True)
class ImportanceRanking:
    """Features, best first, and the inputs `chosen` for training: features, and dominant lags of them.

    An importance is the share of the outcome's variance that a feature's contributions explain on later, unseen rows; negative if
    they mislead. `noise_line` is the importance of the best noise column. `own` are the features of the target itself, its last
    change first. `periods` are the first times of the periods of `by_period`. `curve` is the validation loss against the number
    of features. `stopped` marks a ranking of the fits that were finished when it was stopped.
    """

    task: Task
    window: int
    features: tuple[FeatureImportance, ...]
    noise_line: float
    own: tuple[str, ...]
    chosen: tuple[str, ...]
    fits: int
    probes: int
    periods: tuple[str, ...]
    curve: tuple[CurvePoint, ...]
    dependence: tuple[Dependence, ...]
    findings: tuple[Finding, ...]
    stopped: bool = False

    @property
    def lags(self) -> dict[str, str]:
        """The tokens of dominant lags by feature: they enter together."""
        return dominant_lags(self.features, self.noise_line)

    def choose(self, settings: ImportanceSettings) -> "ImportanceRanking":
        """Return the ranking with the features chosen under some settings."""
        return replace(self, chosen=choose_features(self.features, self.own, self.noise_line, settings))


def rank_importance(
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    settings: ImportanceSettings,
    window: int,
    own: Sequence[str],
    seed: int,
    suspected: frozenset[str] = frozenset(),
    categories: Sequence[Category] = (),
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> tuple[ImportanceRanking, "CatBoostRegressor"]:
    """Rank features by what they contribute to CatBoost's forecasts of later rows; return the last model too.

    Each fold is fitted on the start of the train era and scored on the part after it, with a gap that keeps outcomes from
    overlapping. A feature enters with the rows of its window, and so do as many columns of noise. A stop after the first fit ranks
    with the fits that are finished. Raises `NoFeature`, `TooFewSamplesToRank`, `ConstantOutcome`, `NoUsableFold` and `Stopped`.

    Parameters
    ----------
    features, samples, task
        The feature frame, the samples of all eras, and the task. The validation era is used for the curve only.
    settings
        Folds, repeats, iterations, noise columns, and how features are chosen.
    window
        Rows that the network sees.
    own
        The features of the target itself, its last change first.
    seed
        Seed of everything random.
    suspected
        Features that may hold later values of the target: they are ranked, but not chosen.
    categories
        Columns of labels: they are ranked, but not chosen.
    progress, should_stop
        Progress reports and stop requests.
    """
    table = gather_table(features, samples, task, settings, window, seed, categories)
    entries = plan_entries(window, len(table.columns))
    folds = list(split_walk_forward(table, settings.folds))
    if not folds:
        raise NoUsableFold(outcome=task.label)
    total = len(folds) * settings.seeds
    fits, scored = 0, []
    try:
        for number, (fit, later) in enumerate(folds):
            repeats: list[FitScores] = []
            for repeat in range(settings.seeds):
                progress.step(fits, total + 1, _text(number, len(folds), repeat, settings.seeds))
                random = np.random.default_rng([seed, number, repeat])
                before = fits * settings.iterations
                repeats.append(score_fit(table, entries, fit, later, settings, random, before, progress, should_stop))
                fits += 1
            scored.append(_average(repeats))
    except Stopped:
        if not fits:
            raise
        scored += [_average(repeats)] if len(scored) < len(folds) and repeats else []
    by_entry = np.mean([fold.by_entry for fold in scored], axis=0)
    scores = combine_folds(scored, task.horizon)
    ranked, line = rank_features(table, entries, scores, by_entry)
    ranked = tuple(replace(feature, suspected=feature.name in suspected) for feature in ranked)
    stopped = fits < total
    progress.step(fits, total + 1, "Loss by number of features")
    curve: tuple[CurvePoint, ...] = ()
    if not stopped:
        try:
            curve = _curve(table, entries, ranked, own, features, samples, task, seed, should_stop)
        except Stopped:
            stopped = True
    progress.step(total + 1, total + 1, "Features ranked")
    ranking = ImportanceRanking(
        task=task,
        window=window,
        features=ranked,
        noise_line=line,
        own=tuple(own),
        chosen=(),
        fits=fits,
        probes=len(table.columns) - len(table.names),
        periods=tuple(str(start) for start in scores.period_starts.astype("datetime64[s]")),
        curve=curve,
        dependence=gather_dependence(table, entries, ranked, scored[-1], by_entry),
        findings=check_ranking(ranked, table, len(folds), settings, fits),
        stopped=stopped,
    )
    return ranking.choose(settings), scored[-1].model


def _text(fold: int, folds: int, repeat: int, repeats: int) -> str:
    text = f"Fold {fold + 1} of {folds}"
    return text if repeats == 1 else f"{text}, repeat {repeat + 1} of {repeats}"


def _average(repeats: Sequence[FitScores]) -> FitScores:
    """Return the scores of a fold averaged over its repeats: another seed is no further evidence."""
    return replace(
        repeats[-1],
        changes=np.mean([scores.changes for scores in repeats], axis=0),
        by_entry=np.mean([scores.by_entry for scores in repeats], axis=0),
        points=np.mean([scores.points for scores in repeats], axis=0),
    )


def _curve(
    table: RankingTable,
    entries: Sequence[Entry],
    ranked: Sequence[FeatureImportance],
    own: Sequence[str],
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    seed: int,
    should_stop: ShouldStop,
) -> tuple[CurvePoint, ...]:
    """Return the curve over the features worth choosing, and then the others by rank."""
    shunned = {feature.group for feature in ranked if feature.suspected}
    heads = [each for each in ranked if each.name == each.group and not each.is_category]
    rest = [each.name for each in heads if each.group not in shunned]
    ordered = tuple(dict.fromkeys([*order_candidates(ranked, own), *rest]))[: COUNTS[-1]]
    choosing, _ = split_validation(samples)
    held = np.intersect1d(choosing, origins_of(samples, Era.VALIDATION, table.window))
    validation = HeldOut(rows=samples.rows[held], outcome=samples.outcome[held], times=samples.origin_times[held])
    return measure_curve(table, entries, ordered, validation, task.horizon, seed, should_stop)


def importance_document(ranking: ImportanceRanking) -> dict[str, object]:
    """Return the content of `importance.json`."""
    document = asdict(ranking) | {"findings": [asdict(to_document(finding)) for finding in ranking.findings]}
    del document["dependence"]
    return document


def check_ranking(
    ranked: tuple[FeatureImportance, ...], table: RankingTable, folds: int, settings: ImportanceSettings, fits: int
) -> tuple[Finding, ...]:
    """Check for features that are noise or suspected, unused samples, and folds and fits left out; worst first.

    Parameters
    ----------
    ranked
        The ranked features.
    table
        The samples they were ranked on.
    folds, fits
        How many folds were usable, and how many fits were finished.
    settings
        How many folds and repeats were asked for.
    """
    findings: list[Finding] = []
    labels = [feature.label for feature in ranked if not feature.suspected]
    if "signal" not in labels:
        findings.append(NoSignal(features=len(labels), unstable=labels.count("unstable")))
    elif "noise" in labels:
        findings.append(NoiseFeatures(features=len(labels), count=labels.count("noise")))
    if suspected := tuple(feature.name for feature in ranked if feature.suspected):
        findings.append(SuspectedNotChosen(features=suspected))
    if strong := tuple(feature.name for feature in ranked if feature.is_category and feature.label == "signal"):
        findings.append(CategoriesNotChosen(features=strong))
    if table.unused:
        findings.append(SamplesThinned(used=len(table.outcome), count=table.unused))
    if folds < settings.folds:
        findings.append(FoldsLeftOut(folds=settings.folds, count=settings.folds - folds))
    if fits < folds * settings.seeds:
        findings.append(RankingStopped(count=fits, fits=folds * settings.seeds))
    return worst_first(findings)
