"""Small data are read again and profiled while the page is drawn: to start a job would take ten times as long."""

import threading

from core.context import Context
from core.data.dataset import Dataset
from core.errors.model import PlumblineError
from core.ingest.step import read
from core.quality.step import profile
from core.recipe.model import Recipe
from core.workspace.projects import Project, SourceFile
from pages.parts.frame import state

# Read and profiled in about a second.
MOST_CELLS, MOST_COLUMNS = 150_000, 40

# Two tabs of one project must not write the same data set at once.
_ONE_AT_A_TIME = threading.Lock()


def refresh(project: Project, recipe: Recipe, source: SourceFile) -> bool:
    """Read and profile the project's file under a changed recipe, if it is known to be small; return whether that was done.

    A file is first read by a job, whose memory and time are limited: only then is its size known. What fails here is
    left to the job, which records why.
    """
    workspace = state.workspace()
    try:
        if not _may_refresh(project, recipe, source):
            return False
        with _ONE_AT_A_TIME:
            dataset = read(source.path, recipe, workspace.tables(project.id), fingerprint=source.fingerprint)
            profile(Context(dataset=dataset, recipe=recipe, cache=workspace.cache(project.id)))
    except PlumblineError:
        return False
    return True


def _may_refresh(project: Project, recipe: Recipe, source: SourceFile) -> bool:
    last = state.workspace().latest_run(project.id, "profile")
    if last is not None and (last.state.active or last.has_failed_on(source.fingerprint, recipe)):
        return False
    known = state.dataset(project, recipe) or state.earlier_reading(project, source)
    return known is not None and _is_small(known)


def _is_small(dataset: Dataset) -> bool:
    columns = len(dataset.columns)
    return columns <= MOST_COLUMNS and columns * dataset.rows <= MOST_CELLS
