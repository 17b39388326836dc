"""The table of all columns: what the thresholds judge, the decision and why, and a box that overrides it by hand."""

import streamlit as st

from core.cleaning.plan import CleaningPlan
from core.recipe.diff import say_value
from core.recipe.model import CleaningSettings, Recipe
from core.text.format import ABSENT
from core.workspace.projects import Project
from pages.parts.cleaning import describe_cleaning
from pages.parts.frame import state
from pages.parts.frame.context import PageContext

_HEIGHT = 560
# Most of what stays needs no reason; of what goes it is what one looks for.
_WIDTH_OF_WHY = {"all": 240, "going": 420, "staying": 240, "overridden": 420}


@st.fragment
def show(context: PageContext, plan: CleaningPlan) -> None:
    """Draw the table with its search and filter; a decision draws the page anew.

    A browser tells once more what is ticked when it has drawn the table: as a word of the whole page, that would drop a click on
    Undo that comes in the same moment.
    """
    if state.workspace().recipe(context.project.id) != context.recipe:
        st.rerun()
    with st.container(horizontal=True):
        wanted = st.segmented_control(
            "Show", describe_cleaning.FILTERS, default="all", required=True, key="show-columns"
        )
        search = st.text_input("Search", key="search-columns", placeholder="Part of a name or a reason", width=220)
    table = describe_cleaning.decisions(context.quality, plan)
    shown = describe_cleaning.matching(table, wanted, search)
    if shown.empty:
        st.info("No column fits.")
    else:
        key = state.settle_edits("decisions", shown["keep"].tolist())
        st.data_editor(
            shown,
            key=key,
            hide_index=True,
            width="stretch",
            height=_HEIGHT if len(table) > 14 else "content",
            disabled=[name for name in shown.columns if name != "keep"],
            column_config=_headings(context.recipe.cleaning, wanted),
            on_change=_save,
            args=(context.project, key, tuple(shown["column"]), plan),
            alt=f"{len(shown):,} columns with their decisions.",
            placeholder=ABSENT,
        )
        if shown["why"].any():
            st.caption("Double-click a reason to read all of it.")
    st.button(
        "Forget what was decided by hand",
        key="forget",
        disabled=not (context.recipe.cleaning.keep or context.recipe.cleaning.drop),
        on_click=_forget,
        args=(context.project,),
    )


def _headings(settings: CleaningSettings, wanted: str) -> dict[str, object]:
    def heading(title: str, field: str, word: str, shape: str, words: str) -> object:
        threshold = say_value(CleaningSettings.model_fields[field], getattr(settings, field))
        return st.column_config.NumberColumn(f"{title}, {word} {threshold}", format=shape, help=words)

    return {
        "keep": st.column_config.CheckboxColumn(
            "keep", help="Untick to drop, tick to keep, whatever the sliders say.", pinned=True
        ),
        "column": st.column_config.TextColumn("column", pinned=True),
        "why": st.column_config.TextColumn("why", width=_WIDTH_OF_WHY[wanted]),
        "bad": heading("bad", "max_bad_ratio", "max", "percent", "Share of bad values in the train era."),
        "variance": heading(
            "variance", "min_relative_variance", "min", "%.3g", "After scaling to the 1 % to 99 % range, train era."
        ),
        "unique": st.column_config.NumberColumn(
            format="percent", help="Distinct values, train era. Judged only where a column looks like an identifier."
        ),
        "one value": heading("one value", "max_top_share", "max", "percent", "Share of the most frequent value."),
        "still": heading("still", "max_stale_ratio", "max", "percent", "Share of rows in runs of equal values."),
    }


def _save(project: Project, key: str, names: tuple[str, ...], plan: CleaningPlan) -> None:
    """Keep what was ticked; a box that says what the thresholds say anyway is no decision by hand."""
    by_thresholds = {column.name: (column.decision == "keep") != column.overridden for column in plan.columns}
    ticked = {names[row]: edited["keep"] for row, edited in state.take_edits(key).items()}

    def decide(recipe: Recipe) -> Recipe:
        keep, drop = (set(listed) - set(ticked) for listed in (recipe.cleaning.keep, recipe.cleaning.drop))
        keep |= {name for name, stays in ticked.items() if stays and not by_thresholds[name]}
        drop |= {name for name, stays in ticked.items() if by_thresholds[name] and not stays}
        return recipe.change("cleaning", keep=tuple(sorted(keep)), drop=tuple(sorted(drop)))

    state.change(project, decide, describe_cleaning.by_hand)


def _forget(project: Project) -> None:
    state.change(project, lambda recipe: recipe.change("cleaning", keep=(), drop=()), "Forget what was decided by hand")
