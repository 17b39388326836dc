"""The step "importance": features ranked against noise columns, cached."""

from dataclasses import replace

from core.context import Context
from core.findings.model import worst_first
from core.importance.ranking import ImportanceRanking, rank_importance
from core.io.fingerprint import fingerprint_of
from core.samples.step import prepare_once, samples_key

# Raise it when the ranking of the same samples changes.
VERSION = 4


def importance_key(context: Context) -> str:
    """Return the key of the ranking: everything that its numbers depend on."""
    recipe = context.recipe
    return context.once(
        "importance-key",
        lambda: fingerprint_of(VERSION, samples_key(context), recipe.importance, recipe.training.seed),
    )


def rank(context: Context) -> ImportanceRanking:
    """Return the features ranked against noise columns, learned from the train era."""

    def fit() -> ImportanceRanking:
        ready, recipe = prepare_once(context), context.recipe
        ranking = rank_importance(
            ready.features,
            ready.samples,
            ready.task,
            recipe.importance,
            recipe.training.seed,
            context.progress,
            context.should_stop,
        )
        return replace(ranking, findings=worst_first([*ready.findings, *ranking.findings]))

    return context.fetch("importance", importance_key(context), ImportanceRanking, fit)
