"""The history of every setting: what was changed and when, the way back to any state, and what two states differ in."""

import streamlit as st

from core.cleaning.comparison import compare_plans
from core.cleaning.plan import CleaningPlan, plan_cleaning
from core.errors import PlumblineError
from core.escaping import markdown_text
from core.recipe import CleaningSettings, FeatureSettings
from core.workspace.history import RecipeEntry
from core.workspace.projects import Project
from pages.parts import describe_history, faults, look, state
from pages.parts.desk import Desk, desk_of

_A_PAGE = 12


def show(desk: Desk, _plan: CleaningPlan) -> None:
    """Draw the list of changes, and beside it what two of its states differ in."""
    entries = state.workspace().history(desk.project.id)
    with st.grid(2, min_column_width=340, gap="large") as grid:
        with grid.cell():
            _list_changes(desk, entries)
        with grid.cell():
            _compare(desk.project, entries)


def _list_changes(desk: Desk, entries: tuple[RecipeEntry, ...]) -> None:
    st.subheader(f"Changes: {len(entries):,}")
    pages = -(-len(entries) // _A_PAGE)
    page = st.pagination(pages, key="history-page") if pages > 1 else 1
    for entry in entries[(page - 1) * _A_PAGE : page * _A_PAGE]:
        with st.container(border=entry.current):
            words, button = st.columns([3, 1], vertical_alignment="center")
            words.markdown(f"{markdown_text(entry.note)}  \n:gray[{look.moment(entry.created)}]")
            button.button(
                "Now" if entry.current else "Go here",
                key=f"go-{entry.id}",
                disabled=entry.current,
                on_click=state.workspace().go_to,
                args=(desk.project.id, entry.id),
            )


def offer_defaults(desk: Desk) -> None:
    """Draw the button that sets the whole page back."""
    st.button(
        "Cleaning back to defaults",
        key="to-defaults",
        icon=":material/restart_alt:",
        help="Every setting of this page gets its default, and what was decided by hand is forgotten. It can be taken back.",
        disabled=(desk.recipe.cleaning, desk.recipe.features) == (CleaningSettings(), FeatureSettings()),
        on_click=_to_defaults,
        args=(desk.project,),
    )


def _to_defaults(project: Project) -> None:
    fresh = {"cleaning": CleaningSettings(), "features": FeatureSettings()}
    state.change(project, lambda recipe: recipe.model_copy(update=fresh), "Cleaning back to defaults")


def _compare(project: Project, entries: tuple[RecipeEntry, ...]) -> None:
    st.subheader("Compare two states")
    current = next(entry for entry in entries if entry.current)
    # Chosen by place, not by entry, so that both move on when the recipe does.
    moving = {"a step back": current.parent or current.id, "now": current.id}
    named = {entry.id: f"{look.moment(entry.created)} · {entry.note}" for entry in entries}
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
        st.error(faults.say(error))
        return
    settings = describe_history.changes(before, after)
    if settings.empty:
        st.info("These two states have the same settings.")
        return
    look.sentences(settings)
    one, other = desk_of(project, before), desk_of(project, after)
    if one.quality is None or other.quality is None:
        st.info("The columns are not compared: the file is no longer kept as one of the two states reads it.")
        return
    plans = (plan_cleaning(each.quality, each.recipe.cleaning) for each in (one, other))
    st.markdown(describe_history.difference(compare_plans(*plans)))
