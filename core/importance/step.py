"""The step "importance": features ranked against noise columns, cached, with the last CatBoost model."""

from dataclasses import replace
from pathlib import Path

from core.context import Context
from core.errors.model import Stopped
from core.findings.model import worst_first
from core.importance.categories import read_categories
from core.importance.ranking import ImportanceRanking, rank_importance
from core.io.fingerprint import fingerprint_of
from core.quality.checks.suspected_leaks import open_suspicions
from core.quality.step import profile
from core.runtime import one_blas_thread
from core.samples.prepare import Prepared
from core.samples.step import prepare_once, samples_key

# Raise it when the ranking of the same samples changes.
VERSION = 7
# Where a ranking that was stopped is kept.
STOPPED = "importance-stopped"


def importance_key(context: Context) -> str:
    """Return the key of the ranking: everything that its numbers depend on, but not how many features are chosen."""
    recipe = context.recipe
    ranked = recipe.importance.model_dump(mode="json", exclude={"choice", "top_k"})
    return context.once(
        "importance-key",
        lambda: fingerprint_of(
            VERSION,
            samples_key(context),
            ranked,
            recipe.training.window,
            recipe.training.seed,
            recipe.ingest.known_at_origin,
        ),
    )


def rank(context: Context) -> ImportanceRanking:
    """Return the features ranked against noise columns, learned from the train era, and chosen as the recipe says.

    A ranking that is stopped after its first fit is kept for the page, and `Stopped` raised: it must not decide what is trained.
    """
    key = importance_key(context)

    def fit() -> ImportanceRanking:
        ready, recipe = prepare_once(context), context.recipe
        with one_blas_thread():
            ranking, model = rank_importance(
                ready.features,
                ready.samples,
                ready.task,
                recipe.importance,
                recipe.training.window,
                own_history(ready),
                recipe.training.seed,
                _suspected(context, ready),
                read_categories(context.dataset, recipe, ready),
                context.progress,
                context.should_stop,
            )
        ranking = replace(ranking, findings=worst_first([*ready.findings, *ranking.findings]))
        if ranking.stopped:
            context.cache.keep(STOPPED, key, ranking)
            raise Stopped
        if (file := model_file(context.cache.folder, key)) is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            model.save_model(str(file))
        return ranking

    return context.fetch("importance", key, ImportanceRanking, fit).choose(context.recipe.importance)


def model_file(folder: Path | None, key: str) -> Path | None:
    """Return where the last CatBoost model of a ranking is kept, or None without a folder."""
    return None if folder is None else folder / f"importance-{key}.cbm"


def own_history(ready: Prepared) -> tuple[str, ...]:
    """Return the features of the target itself, without derived ones, what is predicted first: its level or its last change."""
    own = [step for step in ready.feature_plan.steps if step.is_base and step.source == ready.task.target]
    first = ("level",) if ready.task.predict == "level" else ("log_return", "difference")
    own.sort(key=lambda step: step.kind not in first)
    return tuple(step.name for step in own)


def _suspected(context: Context, ready: Prepared) -> frozenset[str]:
    """Return the features of columns with an open suspicion of look-ahead."""
    leaks = {leak.column for leak in open_suspicions(profile(context).suspected_leaks, context.recipe.ingest)}
    plan = ready.feature_plan
    return frozenset(step.name for step in plan.steps if plan.columns_of([step.name]) & leaks)
