"""The recipe: all settings of all steps as one document.

Results depend only on the data and the recipe. Pages write a recipe, and so does a JSON file.
"""

from pathlib import Path

from pydantic import ValidationError

from core.errors.recipe import InvalidSetting, RecipeUnreadable
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
    """All settings that a result depends on.

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
        """Return a recipe with some fields of one section changed.

        Raises `RecipeError` if a value is invalid. Changing `ingest.pivot` renames the columns, so the target is reset.

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
    """Read a recipe from a JSON file or a document.

    Raises `RecipeError` with the setting, its value and the allowed range.
    """
    try:
        if isinstance(source, Path):
            return Recipe.model_validate_json(_read_file(source))
        return Recipe.model_validate(source)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidSetting(
            setting=".".join(str(part) for part in first["loc"]),
            problem=first["msg"].removeprefix("Value error, "),
            found=repr(first["input"])[:80],
        ) from error


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecipeUnreadable(path=path, reason=error.strerror) from error
