"""The history of every setting: what changed when, how to restore any state, and how two states differ."""

import streamlit as st

from core.cleaning.compare_plans import compare_plans
from core.cleaning.plan import CleaningPlan, plan_cleaning
from core.errors.model import PlumblineError
from core.recipe.model import CleaningSettings, FeatureSettings
from core.text.escape import markdown_text
from core.workspace.history import RecipeEntry
from core.workspace.projects import Project
from pages.parts.cleaning import describe_history
from pages.parts.frame import error_messages, state
from pages.parts.frame.context import LoadedContext, load_context
from pages.parts.widgets import placing

_ENTRIES_PER_PAGE = 12
_PREVIOUS, _CURRENT = "previous", "current"


def show(context: LoadedContext, _plan: CleaningPlan) -> None:
    """Draw the list of changes, and the comparison of two states."""
    entries = state.workspace().history(context.project.id)
    with st.grid(2, min_column_width=340, gap="large") as grid:
        with grid.cell():
            _list_changes(context, entries)
        with grid.cell():
            _compare(context.project, entries)


def _list_changes(context: LoadedContext, entries: tuple[RecipeEntry, ...]) -> None:
    st.header(f"Changes: {len(entries):,}")
    pages = -(-len(entries) // _ENTRIES_PER_PAGE)
    page = st.pagination(pages, key="history-page") if pages > 1 else 1
    for entry in entries[(page - 1) * _ENTRIES_PER_PAGE : page * _ENTRIES_PER_PAGE]:
        with st.container(border=entry.current):
            text, button = st.columns([3, 1], vertical_alignment="center")
            text.markdown(f"{markdown_text(entry.note)}  \n:gray[{placing.local_time(entry.created)}]")
            button.button(
                "Current" if entry.current else "Restore",
                key=f"restore-{entry.id}",
                disabled=entry.current,
                on_click=state.restore,
                args=(context.project.id, entry.id),
                width="stretch",
            )


def show_reset(context: LoadedContext) -> None:
    """Draw the button that resets every setting of the page."""
    st.button(
        "Reset to defaults",
        key="reset-cleaning",
        icon=":material/restart_alt:",
        help="Resets every setting of this step, including manual choices. Undo restores them.",
        disabled=(context.recipe.cleaning, context.recipe.features) == (CleaningSettings(), FeatureSettings()),
        on_click=_reset,
        args=(context.project,),
    )


def _reset(project: Project) -> None:
    defaults = {"cleaning": CleaningSettings(), "features": FeatureSettings()}
    state.change_recipe(project, lambda recipe: recipe.model_copy(update=defaults), "Reset cleaning to defaults")


def _compare(project: Project, entries: tuple[RecipeEntry, ...]) -> None:
    st.header("Differences between two states")
    current = next(entry for entry in entries if entry.current)
    # These two follow the recipe; the entries do not.
    relative = {_PREVIOUS: current.parent or current.id, _CURRENT: current.id}
    labels = {place: place.capitalize() for place in relative}
    labels |= {str(entry.id): f"{placing.local_time(entry.created)} · {entry.note}" for entry in entries}

    def choose(label: str, index: int) -> int:
        chosen = st.selectbox(label, list(labels), index, format_func=labels.__getitem__, key=f"state-{label.lower()}")
        return relative.get(chosen) or int(chosen)

    chosen = choose("Before", 0), choose("After", 1)
    try:
        before, after = (state.workspace().recipe_at(project.id, entry_id) for entry_id in chosen)
    except PlumblineError as error:
        st.error(error_messages.error_text(error))
        return
    changes = describe_history.changes_table(before, after)
    if changes.empty:
        st.info("Both states have the same settings.")
        return
    placing.text_table(changes)
    one, other = load_context(project, before), load_context(project, after)
    if not isinstance(one, LoadedContext) or not isinstance(other, LoadedContext):
        st.info("The kept columns cannot be compared: the data as read in one of the states are no longer stored.")
        return
    plans = (plan_cleaning(each.quality, each.recipe.cleaning) for each in (one, other))
    st.markdown(describe_history.difference_text(compare_plans(*plans)))
