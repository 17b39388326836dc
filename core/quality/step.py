"""The step "quality": the profile of the data set, cached."""

import numpy as np

from core.context import Context
from core.data.eras import Eras, cut_eras, distinct_stamps, leave_uncut
from core.errors.model import DataError
from core.ingest.target import propose_target, require_target
from core.io.fingerprint import fingerprint_of
from core.quality.numerics.blocks import read_blocks, read_times
from core.quality.profile import QualityProfile, profile_dataset

# Raise it when the profile of the same rows changes: results cached under the old version are then not found.
VERSION = 8

FEWEST_TO_CUT = 20


def target_of(context: Context) -> str | None:
    """Return the recipe's target, or the column that the data propose; None if no column can be one."""
    if context.recipe.ingest.target is not None:
        return context.recipe.ingest.target

    def propose() -> str | None:
        try:
            return propose_target(context.dataset)
        except DataError:
            return None

    return context.once("target", propose)


def profile_key(context: Context) -> str:
    """Return the key of the profile: the data as read, the target, the ignored columns and the split."""
    recipe = context.recipe
    parts = (VERSION, context.dataset.key, target_of(context), recipe.ingest.ignore, recipe.split)
    return context.once("profile-key", lambda: fingerprint_of(*parts))


def profile(context: Context) -> QualityProfile:
    """Return the statistics of every column, over all rows and over the train era."""

    def scan() -> QualityProfile:
        dataset, recipe = context.dataset, context.recipe
        if recipe.ingest.target is not None:
            require_target(dataset, recipe.ingest.target)
        target, eras = target_of(context), _cut(context)
        return profile_dataset(dataset, target, eras, recipe.ingest.ignore, context.progress, context.should_stop)

    return context.fetch("profile", profile_key(context), QualityProfile, scan)


def _cut(context: Context) -> Eras:
    """Cut the eras over the rows that have a target; over all rows without a numeric one."""
    dataset, times = context.dataset, read_times(context.dataset)
    target = target_of(context)
    if target is not None and dataset.column(target).kind.is_numeric:
        values = next(read_blocks(dataset, [dataset.column(target)], dataset.rows)).values[0]
        times = times[np.isfinite(values)]
    # A file of few rows can still be profiled; the steps that learn from it report that there are too few.
    return leave_uncut(times) if len(distinct_stamps(times)) < FEWEST_TO_CUT else cut_eras(times, context.recipe.split)
