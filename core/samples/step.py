"""Cleaned rows, features, task and samples, the input of every model step; not cached."""

from core.context import Context
from core.io.fingerprint import fingerprint_of
from core.quality.step import profile, profile_key
from core.samples.prepare import Prepared, prepare

# Raise it when cleaning, features or samples of the same rows change; every cached model result is then recomputed.
VERSION = 6


def samples_key(context: Context) -> str:
    """Return the key of the samples: a hash of everything that they depend on."""
    recipe = context.recipe
    return context.once(
        "samples-key",
        lambda: fingerprint_of(
            VERSION,
            profile_key(context),
            recipe.cleaning,
            recipe.features,
            recipe.ingest.availability_lag,
            recipe.training.predict,
            recipe.training.horizon,
        ),
    )


def prepare_once(context: Context) -> Prepared:
    """Return the cleaned rows, features, task and samples, computed once per context."""
    return context.once("samples", lambda: prepare(context.dataset, context.recipe, profile(context)))
