"""The project that a page shows: its recipe and, once the file has been read, its data and their profile."""

from dataclasses import dataclass

from core.context import Context
from core.data.dataset import Dataset
from core.errors.model import PlumblineError
from core.forecast.evaluation.trials import Trials
from core.io.fingerprint import fingerprint_of
from core.quality.profile import QualityProfile
from core.quality.step import profile_key
from core.recipe.model import Recipe
from core.workspace.projects import Project, SourceFile
from pages.parts.frame import small_data, state


@dataclass(frozen=True, eq=False, kw_only=True)
class PageContext:
    """A project, its recipe, and its data if they have been read; `error` is why they could not be loaded."""

    project: Project
    recipe: Recipe
    source: SourceFile | None
    dataset: Dataset | None
    quality: QualityProfile | None
    error: PlumblineError | None = None

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """The names of the numeric columns, in file order; empty before the file has been read."""
        if self.dataset is None:
            return ()
        return tuple(column.name for column in self.dataset.columns if column.kind.is_numeric)


@dataclass(frozen=True, eq=False, kw_only=True)
class LoadedContext(PageContext):
    """A project whose file has been read and profiled; `work` is what the steps of `core` take."""

    source: SourceFile
    dataset: Dataset
    quality: QualityProfile
    work: Context

    @property
    def cleaning_key(self) -> str:
        """A hash of everything that the cleaned columns depend on: the profile and the cleaning settings."""
        return fingerprint_of(profile_key(self.work), self.recipe.cleaning)

    @property
    def trials(self) -> Trials:
        """The counts of the ledger for the project and its file, as of now."""
        return state.count_trials(self.project, self.source.fingerprint)

    @property
    def sealed_columns(self) -> tuple[str, ...]:
        """The columns whose test era is hidden: the target, unless somebody has opened or looked at its test era."""
        target = self.quality.roles.target
        return () if target is None or self.quality.eras.rows[-1] == 0 or self.trials.is_open else (target,)

    def is_sealed(self, *columns: str) -> bool:
        """Return whether the test era of one of the columns is hidden."""
        return any(name in columns for name in self.sealed_columns)


def load_context(project: Project, recipe: Recipe | None = None) -> PageContext:
    """Return a project under its own recipe or another; a `LoadedContext` if its data have been read and profiled.

    Small data are read and profiled here if the recipe has changed.
    """
    recipe = recipe or state.workspace().recipe(project.id)
    source = state.workspace().source(project.id)
    context = _find_results(project, recipe, source)
    if source is None or context.error is not None or isinstance(context, LoadedContext):
        return context
    return _find_results(project, recipe, source) if small_data.refresh(project, recipe, source) else context


def _find_results(project: Project, recipe: Recipe, source: SourceFile | None) -> PageContext:
    """Return a project with what has been read and profiled under a recipe."""
    data, error = None, None
    try:
        data = state.dataset(project, recipe)
        if source is not None and data is not None:
            work = Context(dataset=data, recipe=recipe, cache=state.workspace().cache(project.id))
            quality = state.cached_result(project, "profile", profile_key(work), QualityProfile)
            if quality is not None:
                return LoadedContext(
                    project=project, recipe=recipe, source=source, dataset=data, quality=quality, work=work
                )
    except PlumblineError as raised:
        data, error = None, raised
    return PageContext(project=project, recipe=recipe, source=source, dataset=data, quality=None, error=error)
