"""The recipe: every setting that a user can touch, of all steps, as one document.

A result is a function of the data and the recipe. Pages are one way to write a recipe, a JSON file is another.
"""

from pathlib import Path

from pydantic import ValidationError

from core.errors.model import RecipeError
from core.recipe.fields import Names, Settings, is_share, stops_of, why_default
from core.recipe.settings_cleaning import CleaningSettings, FeatureSettings
from core.recipe.settings_data import IngestSettings, SplitSettings
from core.recipe.settings_models import EvaluationSettings, ImportanceSettings, RegressionSettings, TrainingSettings

__all__ = [
    "CleaningSettings",
    "EvaluationSettings",
    "FeatureSettings",
    "ImportanceSettings",
    "IngestSettings",
    "Names",
    "Recipe",
    "RegressionSettings",
    "Settings",
    "SplitSettings",
    "TrainingSettings",
    "is_share",
    "read_recipe",
    "stops_of",
    "why_default",
]


class Recipe(Settings):
    """Everything that makes a result, besides the data.

    Examples
    --------
    >>> Recipe.model_validate_json(Recipe().model_dump_json()) == Recipe()
    True
    """

    ingest: IngestSettings = IngestSettings()
    split: SplitSettings = SplitSettings()
    cleaning: CleaningSettings = CleaningSettings()
    features: FeatureSettings = FeatureSettings()
    regression: RegressionSettings = RegressionSettings()
    importance: ImportanceSettings = ImportanceSettings()
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()

    def change(self, section: str, **fields: object) -> "Recipe":
        """Return a recipe with some fields of one section changed; raises `RecipeError` on a value out of range.

        Where series become columns, or rows again, columns get other names: the target is to be chosen anew.

        Examples
        --------
        >>> Recipe().change("training", horizon=5).training.horizon
        5
        """
        document = self.model_dump()
        if section == "ingest" and fields.get("pivot", self.ingest.pivot) != self.ingest.pivot:
            document[section]["target"] = None
        document[section] |= fields
        return read_recipe(document)


def read_recipe(source: Path | dict[str, object]) -> Recipe:
    """Return the recipe in a JSON file or document; raises `RecipeError` naming the field, what was found and what is allowed."""
    try:
        if isinstance(source, Path):
            return Recipe.model_validate_json(source.read_bytes())
        return Recipe.model_validate(source)
    except OSError as error:
        raise RecipeError(f"The recipe {source} cannot be read: {error.strerror}.", "Check the path.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the recipe"
        found = repr(first["input"])
        raise RecipeError(
            f"In the recipe, {field}: {first['msg'].removeprefix('Value error, ')}; found {found[:80]}.",
            "Mend this field; `python -m core recipe` writes a recipe with every setting and its default.",
        ) from error
