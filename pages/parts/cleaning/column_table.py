"""The table of all columns: what the thresholds measure, the decision with its reason, and a box to override it."""

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.cleaning.plan import CleaningPlan
from core.recipe.diff import format_setting
from core.recipe.model import CleaningSettings, Recipe
from core.text.format import ABSENT, format_count
from core.workspace.projects import Project
from pages.parts.cleaning import describe_cleaning
from pages.parts.cleaning.describe_cleaning import Filter
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.widgets import sparklines
from pages.parts.widgets.placing import ColumnConfigs

_HEIGHT = 560
_MOST_ROWS_WHOLE = 14
# Wider if every row has a reason, which is then what one looks for.
_REASON_WIDTH: dict[Filter, int] = {"all": 240, "dropped": 420, "kept": 240, "manual": 420}


@st.fragment
def show(context: LoadedContext, plan: CleaningPlan) -> None:
    """Draw the table with its search and filter; a decision reruns the whole page.

    This is a fragment because the browser reports the ticked boxes once more after it has drawn the table. In a full rerun,
    that report would swallow a click on Undo at the same moment.
    """
    if state.workspace().recipe(context.project.id) != context.recipe:
        st.rerun()
    with st.container(horizontal=True):
        chosen = st.segmented_control(
            "Filter", describe_cleaning.FILTERS, default="all", required=True, key="show-columns"
        )
        search = st.text_input("Search", key="search-columns", placeholder="Part of a name or reason", width=220)
    table = describe_cleaning.decision_table(context.quality, plan, context.recipe.cleaning.max_unique_ratio)
    shown = describe_cleaning.filter_decisions(table, chosen, search)
    if shown.empty:
        st.info("No matching columns.")
    else:
        key = state.editor_key("decisions", shown["keep"].tolist())
        shown = sparklines.add(context, shown)
        st.data_editor(
            shown,
            key=key,
            hide_index=True,
            width="stretch",
            height=_HEIGHT if len(table) > _MOST_ROWS_WHOLE else "content",
            disabled=[name for name in shown.columns if name != "keep"],
            column_config={**sparklines.CONFIG, **_column_config(context.recipe.cleaning, chosen)},
            on_change=_save,
            args=(context.project, key, tuple(shown["column"]), plan),
            alt=f"Decisions for {format_count(len(shown), 'column')}.",
            placeholder=ABSENT,
        )
        if shown["reason"].any():
            st.caption("Double-click a reason to read it in full.")
    st.button(
        "Reset manual choices",
        key="reset-manual",
        disabled=not (context.recipe.cleaning.keep or context.recipe.cleaning.drop),
        on_click=_reset,
        args=(context.project,),
    )


def _column_config(settings: CleaningSettings, chosen: Filter) -> ColumnConfigs:
    def measure(title: str, field: str, bound: str, number_format: str, meaning: str) -> ColumnConfig:
        threshold = format_setting(CleaningSettings.model_fields[field], getattr(settings, field))
        return st.column_config.NumberColumn(f"{title}, {bound} {threshold}", format=number_format, help=meaning)

    return {
        "keep": st.column_config.CheckboxColumn(
            "keep", help="Untick to drop, tick to keep, regardless of the thresholds.", pinned=True
        ),
        "column": st.column_config.TextColumn("column", pinned=True),
        "reason": st.column_config.TextColumn("reason", width=_REASON_WIDTH[chosen]),
        "bad": measure("bad", "max_bad_ratio", "max", "percent", "Share of bad values in the train era."),
        "variance": measure(
            "variance", "min_relative_variance", "min", "%.3g", "After scaling to the 1% to 99% range, train era."
        ),
        "unique": st.column_config.NumberColumn(
            format="percent",
            help="Distinct values as a share of valid values, train era. Applied only to columns that look like identifiers.",
        ),
        "top value": measure("top value", "max_top_share", "max", "percent", "Share of the most frequent value."),
        "stale": measure(
            "stale", "max_stale_ratio", "max", "percent", "Share of rows in runs of five or more equal values."
        ),
    }


def _save(project: Project, key: str, names: tuple[str, ...], plan: CleaningPlan) -> None:
    """Save what was ticked; a box that agrees with the thresholds is not a manual choice."""
    by_thresholds = {column.name: (column.decision == "keep") != column.overridden for column in plan.columns}
    ticked: dict[str, bool] = {names[row]: edited["keep"] for row, edited in state.new_edits(key).items()}

    def decide(recipe: Recipe) -> Recipe:
        keep, drop = (set(listed) - set(ticked) for listed in (recipe.cleaning.keep, recipe.cleaning.drop))
        keep |= {name for name, kept in ticked.items() if kept and not by_thresholds[name]}
        drop |= {name for name, kept in ticked.items() if by_thresholds[name] and not kept}
        return recipe.change("cleaning", keep=tuple(sorted(keep)), drop=tuple(sorted(drop)))

    state.change_recipe(project, decide, describe_cleaning.manual_choices_note)


def _reset(project: Project) -> None:
    state.change_recipe(project, lambda recipe: recipe.change("cleaning", keep=(), drop=()), "Reset manual choices")
