"""What lies before a page: the project, its settings, and, once read, the data and their profile."""

from dataclasses import dataclass

from core.context import Context
from core.data.dataset import Dataset
from core.errors.model import PlumblineError
from core.io.fingerprint import fingerprint_of
from core.quality.profile import QualityProfile
from core.quality.step import profile_key
from core.recipe.model import Recipe
from core.workspace.projects import Project
from pages.parts.frame import state


@dataclass(frozen=True, eq=False, kw_only=True)
class PageContext:
    """A project with its recipe and as much of its data as is there; `fault` says why the rest is not."""

    project: Project
    recipe: Recipe
    dataset: Dataset | None
    quality: QualityProfile | None
    fault: PlumblineError | None = None

    @property
    def has_file(self) -> bool:
        """Whether a file has come into the project."""
        return state.workspace().source(self.project.id) is not None

    @property
    def work(self) -> Context:
        """What the steps of `core` work on."""
        return Context(dataset=self.dataset, recipe=self.recipe, cache=state.workspace().cache(self.project.id))

    @property
    def key(self) -> str:
        """What the cleaned columns depend on: the profile and the settings of cleaning."""
        return fingerprint_of(profile_key(self.work), self.recipe.cleaning)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of the columns that hold numbers, in the file's order."""
        if self.dataset is None:
            return ()
        return tuple(c.name for c in self.dataset.columns if c.kind.is_numeric)


def page_context(project: Project, recipe: Recipe | None = None) -> PageContext:
    """Return what there is of a project, by its own recipe or by another; what cannot be read back is told, not thrown."""
    recipe = recipe or state.workspace().recipe(project.id)
    try:
        data = state.dataset(project, recipe)
        return PageContext(
            project=project, recipe=recipe, dataset=data, quality=data and state.quality(project, data, recipe)
        )
    except PlumblineError as error:
        return PageContext(project=project, recipe=recipe, dataset=None, quality=None, fault=error)
