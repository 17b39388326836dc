"""The history of every setting: what was changed and when, the way back to any state, and what two states differ in."""

import streamlit as st

from core.cleaning.compare_plans import compare_plans
from core.cleaning.plan import CleaningPlan, plan_cleaning
from core.errors.model import PlumblineError
from core.recipe.model import CleaningSettings, FeatureSettings
from core.text.escape import markdown_text
from core.workspace.history import RecipeEntry
from core.workspace.projects import Project
from pages.parts.cleaning import describe_history
from pages.parts.frame import internal_error, state
from pages.parts.frame.context import PageContext, page_context
from pages.parts.widgets import placing

_A_PAGE = 12


def show(context: PageContext, _plan: CleaningPlan) -> None:
    """Draw the list of changes, and beside it what two of its states differ in."""
    entries = state.workspace().history(context.project.id)
    with st.grid(2, min_column_width=340, gap="large") as grid:
        with grid.cell():
            _list_changes(context, entries)
        with grid.cell():
            _compare(context.project, entries)


def _list_changes(context: PageContext, entries: tuple[RecipeEntry, ...]) -> None:
    st.subheader(f"Changes: {len(entries):,}")
    pages = -(-len(entries) // _A_PAGE)
    page = st.pagination(pages, key="history-page") if pages > 1 else 1
    for entry in entries[(page - 1) * _A_PAGE : page * _A_PAGE]:
        with st.container(border=entry.current):
            words, button = st.columns([3, 1], vertical_alignment="center")
            words.markdown(f"{markdown_text(entry.note)}  \n:gray[{placing.moment(entry.created)}]")
            button.button(
                "Now" if entry.current else "Go here",
                key=f"go-{entry.id}",
                disabled=entry.current,
                on_click=state.workspace().go_to,
                args=(context.project.id, entry.id),
            )


def offer_defaults(context: PageContext) -> None:
    """Draw the button that sets the whole page back."""
    st.button(
        "Cleaning back to defaults",
        key="to-defaults",
        icon=":material/restart_alt:",
        help="Every setting of this page gets its default, and what was decided by hand is forgotten. It can be taken back.",
        disabled=(context.recipe.cleaning, context.recipe.features) == (CleaningSettings(), FeatureSettings()),
        on_click=_to_defaults,
        args=(context.project,),
    )


def _to_defaults(project: Project) -> None:
    fresh = {"cleaning": CleaningSettings(), "features": FeatureSettings()}
    state.change(project, lambda recipe: recipe.model_copy(update=fresh), "Cleaning back to defaults")


def _compare(project: Project, entries: tuple[RecipeEntry, ...]) -> None:
    st.subheader("Compare two states")
    current = next(entry for entry in entries if entry.current)
    # Chosen by place, not by entry, so that both move on when the recipe does.
    moving = {"a step back": current.parent or current.id, "now": current.id}
    named = {entry.id: f"{placing.moment(entry.created)} · {entry.note}" for entry in entries}
    choices = [*moving, *named]
    words = {place: place.capitalize() for place in moving} | named
    first, second = (
        st.selectbox(label, choices, place, format_func=words.get, key=f"state-{label.lower()}")
        for place, label in enumerate(("Before", "After"))
    )
    first, second = moving.get(first, first), moving.get(second, second)
    try:
        before, after = (state.workspace().recipe_at(project.id, entry) for entry in (first, second))
    except PlumblineError as error:
        st.error(internal_error.say(error))
        return
    settings = describe_history.changes(before, after)
    if settings.empty:
        st.info("These two states have the same settings.")
        return
    placing.sentences(settings)
    one, other = page_context(project, before), page_context(project, after)
    if one.quality is None or other.quality is None:
        st.info("The columns are not compared: the file is no longer kept as one of the two states reads it.")
        return
    plans = (plan_cleaning(each.quality, each.recipe.cleaning) for each in (one, other))
    st.markdown(describe_history.difference(compare_plans(*plans)))
