"""What every step of the walk works on: one object instead of five arguments."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from core.data.dataset import Dataset
from core.data.user_file import UserFile
from core.io.cache import Cache
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.recipe.model import Recipe

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False, kw_only=True)
class Context:
    """A data set under a recipe, the cache of its results, and how a step reports progress and is stopped.

    A result is computed once per context, and once per `cache` across contexts; `results` holds those made so far. `file` is what
    the data set was read from, if it is known: no number depends on it.
    """

    dataset: Dataset
    recipe: Recipe
    cache: Cache = field(default_factory=Cache)
    progress: Progress = field(default_factory=NoProgress)
    should_stop: ShouldStop = never_stop
    file: UserFile | None = None
    results: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, name: str, make: Callable[[], Result]) -> Result:
        """Return the result of that name, made on the first call."""
        if name not in self.results:
            self.results[name] = make()
        found: Result = self.results[name]
        return found

    def fetch(self, step: str, key: str, kind: type[Result], make: Callable[[], Result]) -> Result:
        """Return a step's result from the cache, or make it and keep it there under `key`."""
        return self.once(step, lambda: self.cache.fetch(step, key, kind, make))

    def under(self, recipe: Recipe) -> "Context":
        """Return a context of the same data set under another recipe, with no results yet."""
        return replace(self, recipe=recipe, results={})
