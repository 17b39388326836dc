"""How far each step of a project has come: done, stale or to do."""

from core.recipe.model import Recipe
from core.steps import STEPS
from core.workspace.projects import Project
from core.workspace.runs import RunState
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext, load_context

DONE, STALE, TO_DO = "Done", "Stale: an earlier step has changed", "To do"
ICONS = {
    DONE: ":material/check_circle:",
    STALE: ":material/history:",
    TO_DO: ":material/radio_button_unchecked:",
}
# By the name of a step.
StepStates = dict[str, str]


def find_states(project: Project) -> StepStates:
    """Return the state of every step."""
    context = load_context(project)
    loaded = context if isinstance(context, LoadedContext) else None
    profiled = DONE if loaded else _stale_or_to_do(project, "profile", "")
    states = dict.fromkeys(("upload", "quality", "cleaning"), profiled)
    for step in STEPS:
        if step.key is None or step.name in states:
            continue
        key = step.key(loaded.work) if loaded else ""
        done = loaded and state.workspace().cache(project.id).has(step.name, key)
        states[step.name] = DONE if done else _stale_or_to_do(project, step.name, key)
    states["training"] = _training_state(project, context.recipe)
    opened = states["training"] == DONE and state.workspace().runs(project.id, kind="opening")
    states["results"] = DONE if opened else TO_DO if states["training"] != STALE else STALE
    states["export"] = states["training"]
    return states


def _stale_or_to_do(project: Project, step: str, key: str) -> str:
    return STALE if state.workspace().cache(project.id).has_other(step, key) else TO_DO


def _training_state(project: Project, recipe: Recipe) -> str:
    ended = [
        run
        for run in state.workspace().runs(project.id, kind="training")
        if run.state in (RunState.FINISHED, RunState.STOPPED)
    ]
    if not ended:
        return TO_DO
    return DONE if any(run.recipe == recipe for run in ended) else STALE
