"""Presets of the network's settings: its window, its size, and the number of networks."""

from collections.abc import Mapping
from typing import Literal

from core.recipe.model import Recipe, TrainingSettings

Preset = Literal["quick", "balanced", "thorough"]

# Balanced are the defaults. The question, its features and the seed belong to no preset.
PRESETS: Mapping[Preset, Mapping[str, object]] = {
    "quick": {"window": 16, "units": (16,), "epochs": 15, "patience": 4, "seeds": 1, "plateau": 0},
    "balanced": {
        name: getattr(TrainingSettings(), name)
        for name in ("window", "units", "epochs", "patience", "seeds", "plateau")
    },
    "thorough": {"window": 64, "units": (64,), "epochs": 120, "patience": 20, "seeds": 3, "plateau": 7},
}


def apply_preset(recipe: Recipe, preset: Preset) -> Recipe:
    """Return the recipe with the settings of a preset.

    Examples
    --------
    >>> apply_preset(Recipe(), "balanced") == Recipe()
    True
    """
    return recipe.change("training", **PRESETS[preset])


def find_preset(training: TrainingSettings) -> Preset | None:
    """Return the preset whose settings these are, or None.

    Examples
    --------
    >>> find_preset(TrainingSettings()), find_preset(TrainingSettings(epochs=7))
    ('balanced', None)
    """
    for preset, fields in PRESETS.items():
        if all(getattr(training, name) == value for name, value in fields.items()):
            return preset
    return None
