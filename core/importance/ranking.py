"""Which features CatBoost can use: ranked over walk-forward folds of the train era, against columns of noise."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.data.eras import Era
from core.errors.model import DataError
from core.findings.model import Finding, Remedy, Severity, legacy_finding, worst_first
from core.importance.probes import Likeness, find_probe_likeness, make_probes
from core.importance.stability import FeatureImportance, choose_features, judge_features
from core.progress import Progress, ShouldStop, Silence, never_stop, require_going
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

    An importance is the part of the outcome's standard deviation by which the error on later, unseen rows would grow
    without the feature; below 0 the feature did harm. `noise_line` is what 95 % of random columns stay under.
    """

    task: Task
    features: tuple[FeatureImportance, ...]
    noise_line: float
    chosen: tuple[str, ...]
    fits: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Material:
    """The train samples: features sorted by name, centred and scaled; `stamps` number the origins' times from 0."""

    names: tuple[str, ...]
    values: np.ndarray
    outcome: np.ndarray
    origin_times: np.ndarray
    target_times: np.ndarray
    stamps: np.ndarray
    likeness: Likeness
    left_out: int


def rank_importance(
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    settings: ImportanceSettings,
    seed: int,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> ImportanceRanking:
    """Return the features ranked by what CatBoost loses without them on rows later than those it learned from.

    Each fold learns from the beginning of the train era and is judged on the part after it, with a gap so that no outcome
    reaches from one into the other; each repeat has its own seed, order of columns and probes. All parameters are fixed:
    nothing is chosen on the rows that judge. Raises `DataError` where the train era is too short or its outcome constant.
    """
    material = _gather(features, samples, settings)
    folds = list(_walk_forward(material, settings.folds))
    if not folds:
        raise DataError(
            f"In no part of the train era is there enough of the {task.label} that varies to learn from.",
            "Choose fewer folds, another target, or a longer train era.",
        )
    total = len(folds) * settings.seeds
    scores = []
    for fold, (learn, judge) in enumerate(folds):
        for repeat in range(settings.seeds):
            progress.step(
                len(scores), total, f"Fold {fold + 1} of {len(folds)}, repeat {repeat + 1} of {settings.seeds}"
            )
            random = np.random.default_rng([seed, fold, repeat])
            scores.append(_score(material, learn, judge, settings, random, should_stop))
    progress.step(total, total, "Features ranked")
    table = np.array(scores)
    ranked, noise_line = judge_features(
        material.names, table[:, : -settings.noise_probes], table[:, -settings.noise_probes :]
    )
    chosen = choose_features(ranked, settings.top_k)
    return ImportanceRanking(
        task=task,
        features=ranked,
        noise_line=noise_line,
        chosen=chosen,
        fits=total,
        findings=_remark(material, ranked, chosen, len(folds), settings),
    )


def importance_document(ranking: ImportanceRanking) -> dict[str, object]:
    """Return the content of `importance.json`."""
    return asdict(ranking)


def _gather(features: "FeatureFrame", samples: Samples, settings: ImportanceSettings) -> _Material:
    names = tuple(sorted(features.values.columns))
    if not names:
        raise DataError("No feature is left to rank.", "Keep more columns in the cleaning step.")
    train = samples.of(Era.TRAIN)
    train = train[np.isfinite(samples.outcome[train])]
    known = len(train)
    needed = LEAST_SAMPLES * (settings.folds + 1)
    if known < needed:
        raise DataError(
            f"The train era holds {known} samples; {settings.folds} folds need at least {needed}.",
            "Choose fewer folds in the importance step, or give the train era more rows.",
        )
    if known > MOST_SAMPLES:
        first = np.partition(samples.origin_times[train], known - MOST_SAMPLES)[known - MOST_SAMPLES]
        train = train[samples.origin_times[train] >= first]
    outcome = samples.outcome[train]
    if np.ptp(outcome) == 0:
        raise DataError(
            f"The outcome is {outcome[0]:g} in all {len(train)} samples of the train era.",
            "Choose a target that moves, or a longer horizon.",
        )
    values = np.column_stack([features.values[name].to_numpy()[samples.rows[train]] for name in names])
    values -= values.mean(axis=0)
    spread = values.std(axis=0)
    values /= np.where(spread > 0, spread, 1.0)
    stamps = np.unique(samples.origin_times[train], return_inverse=True)[1]
    return _Material(
        names=names,
        values=values,
        outcome=outcome,
        origin_times=samples.origin_times[train],
        target_times=samples.target_times[train],
        stamps=stamps,
        likeness=find_probe_likeness(values, stamps, samples.blocks[train]),
        left_out=known - len(train),
    )


def _walk_forward(material: _Material, folds: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, for each fold, the rows to learn from and the later rows to judge on; folds with nothing to learn are left out.

    The stamps are cut in equal parts; a sample is learned from when its outcome is known before the first judged origin.
    """
    stamps = int(material.stamps.max()) + 1
    times = np.unique(material.origin_times)
    cuts = np.linspace(0, stamps, folds + 2).round().astype(int)
    for start, end in zip(cuts[1:-1], cuts[2:], strict=True):
        learn = np.flatnonzero(material.target_times < times[start])
        judge = np.flatnonzero((material.stamps >= start) & (material.stamps < end))
        enough = min(len(learn), len(judge)) >= LEAST_SAMPLES
        if enough and np.ptp(material.outcome[learn]) > 0 and np.ptp(material.outcome[judge]) > 0:
            yield learn, judge


class _StopWatch:
    """Lets CatBoost go on until a stop is asked for."""

    def __init__(self, should_stop: ShouldStop) -> None:
        self._should_stop = should_stop

    def after_iteration(self, info: object) -> bool:
        """Return False to end the fit; CatBoost calls this after each tree."""
        return not self._should_stop()


def _score(
    material: _Material,
    learn: np.ndarray,
    judge: np.ndarray,
    settings: ImportanceSettings,
    random: np.random.Generator,
    should_stop: ShouldStop,
) -> np.ndarray:
    """Return the importance of each feature, then of each probe, in one fit; ends with `Stopped` within a tree's time."""
    from catboost import CatBoostRegressor, Pool

    probes = make_probes(material.likeness, material.stamps, settings.noise_probes, random)
    columns = np.column_stack([material.values, probes]).astype(np.float32)
    outcome = material.outcome
    require_going(should_stop)
    order = random.permutation(columns.shape[1])
    center, scale = outcome[learn].mean(), outcome[learn].std()
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
    learned = Pool(columns[np.ix_(learn, order)], (outcome[learn] - center) / scale)
    model.fit(learned, callbacks=[_StopWatch(should_stop)])
    require_going(should_stop)
    judged = Pool(columns[np.ix_(judge, order)], (outcome[judge] - center) / scale)
    shuffled = model.get_feature_importance(judged, type="LossFunctionChange", thread_count=2)
    importances = np.empty(len(order))
    importances[order] = shuffled
    return importances


def _remark(
    material: _Material,
    ranked: tuple[FeatureImportance, ...],
    chosen: tuple[str, ...],
    folds: int,
    settings: ImportanceSettings,
) -> tuple[Finding, ...]:
    findings = []
    noise = sum(feature.label == "noise" for feature in ranked)
    if noise == len(ranked):
        findings.append(
            legacy_finding(
                "all-noise",
                Severity.WARNING,
                "No feature stands above noise",
                "On later rows of the train era, none helps more than random columns do. The best by rank are handed on, so "
                "that training can run; expect no more from it than from a guess without them.",
                count=noise,
            )
        )
    elif not any(feature.label == "signal" for feature in ranked):
        findings.append(
            legacy_finding(
                "no-signal",
                Severity.WARNING,
                "No feature stands clearly above noise",
                f"{len(ranked) - noise} of {len(ranked)} features helped more than random columns in some fits, none in nearly "
                "all. So many do by luck.",
                count=len(ranked) - noise,
            )
        )
    elif noise:
        findings.append(
            legacy_finding(
                "noise-features",
                Severity.INFO,
                f"{noise} of {len(ranked)} features look like noise",
                "They help no more than random columns do, and are not handed on to training.",
                count=noise,
            )
        )
    if material.left_out:
        findings.append(
            legacy_finding(
                "recent-samples-only",
                Severity.INFO,
                f"Ranked on the {len(material.outcome):,} most recent samples",
                f"{material.left_out:,} older samples of the train era take no part.",
                count=material.left_out,
            )
        )
    if folds < settings.folds:
        findings.append(
            legacy_finding(
                "folds-left-out",
                Severity.WARNING,
                f"{settings.folds - folds} of {settings.folds} folds had nothing to learn from",
                "In their part of the train era the outcome does not vary, or too few samples are left beside the gap.",
                count=settings.folds - folds,
                remedy=Remedy(label=f"Use {folds} folds", section="importance", field="folds", value=folds),
            )
        )
    return worst_first(findings)
