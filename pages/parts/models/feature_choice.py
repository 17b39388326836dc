"""The choice of features on the Importance page: a rule, or boxes to tick in the ranking."""

from typing import Literal

import streamlit as st

from core.importance.choice import add_lags
from core.importance.ranking import ImportanceRanking
from core.recipe.diff import describe_changes
from core.recipe.model import Recipe
from core.workspace.projects import Project
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models
from pages.parts.widgets import forms

Choice = Literal["signal", "top_k", "hand"]

_CHOICES: dict[Choice, str] = {"signal": "All signal", "top_k": "Top k", "hand": "Selected by hand"}
_HEIGHT = 420
_MOST_ROWS_WHOLE = 12


def show(context: LoadedContext, ranking: ImportanceRanking) -> None:
    """Draw the rule of choice, the ranking with its boxes, and the features that are selected by hand."""
    project, recipe = context.project, context.recipe
    current: Choice = "hand" if recipe.training.features else recipe.importance.choice
    st.radio(
        "Features for training",
        list(_CHOICES),
        format_func=lambda choice: _CHOICES[choice],
        index=list(_CHOICES).index(state.sync_widget("feature-choice", current)),
        horizontal=True,
        key="feature-choice",
        help="All signal: the target's own change and every signal. Top k: unstable features too, up to a maximum. "
        "Selected by hand: the boxes of the table.",
        on_change=_choose,
        args=(project, ranking),
    )
    if current != "hand":
        forms.edit(project, recipe, "importance", "top_k")
    _show_table(project, recipe, ranking)
    names = tuple(feature.name for feature in ranking.features if not feature.is_category)
    options = describe_models.feature_options(add_lags(names, ranking.lags))
    forms.edit(project, recipe, "training", "features", options=options)
    st.caption(describe_models.selection_text(ranking, recipe))


def _show_table(project: Project, recipe: Recipe, ranking: ImportanceRanking) -> None:
    chosen = recipe.training.features or ranking.chosen
    table = describe_models.ranking_table(ranking, chosen)
    key = state.editor_key("ranking-table", table["selected"].tolist())
    st.data_editor(
        table,
        key=key,
        hide_index=True,
        width="stretch",
        height=_HEIGHT if len(table) > _MOST_ROWS_WHOLE else "content",
        disabled=[name for name in table.columns if name != "selected"],
        column_config={
            "selected": st.column_config.CheckboxColumn(
                help="Input of the network. It only accepts numbers, so a category cannot be one.", pinned=True
            ),
            "feature": st.column_config.TextColumn(pinned=True),
            "importance": st.column_config.NumberColumn(
                format="percent", help="Share of the outcome's variance that is explained on later rows."
            ),
            "low": st.column_config.NumberColumn(format="percent", help="Lower end of the interval."),
            "high": st.column_config.NumberColumn(format="percent", help="Upper end of the interval."),
            "best lag": st.column_config.NumberColumn(
                help="The most important lag. If at least twice as important as the last value, it is an input of its own."
            ),
            "best": st.column_config.NumberColumn(help="Best rank in any fold."),
            "worst": st.column_config.NumberColumn(help="Worst rank in any fold."),
        },
        on_change=_save,
        args=(project, key, ranking, chosen),
        alt=f"Ranking of {len(table):,} features.",
    )


def _choose(project: Project, ranking: ImportanceRanking) -> None:
    """Save the rule; to select by hand starts from what the rule has chosen."""
    choice: Choice = state.widget_value("feature-choice")

    def change(recipe: Recipe) -> Recipe:
        if choice == "hand":
            return recipe.change("training", features=recipe.training.features or ranking.chosen)
        return recipe.change("training", features=()).change("importance", choice=choice)

    state.change_recipe(project, change, describe_changes)


def _save(project: Project, key: str, ranking: ImportanceRanking, chosen: tuple[str, ...]) -> None:
    """Save the ticked features with their dominant lags: those chosen so far keep their order."""
    names = [feature.name for feature in ranking.features]
    labels = {feature.name for feature in ranking.features if feature.is_category}
    ticked = {
        names[row]: edited["selected"] for row, edited in state.new_edits(key).items() if names[row] not in labels
    }
    dropped = set(add_lags([name for name, wanted in ticked.items() if not wanted], ranking.lags))
    kept = [name for name in chosen if name not in dropped]
    added = add_lags([name for name, wanted in ticked.items() if wanted and name not in kept], ranking.lags)
    state.change_recipe(project, lambda recipe: recipe.change("training", features=(*kept, *added)), describe_changes)
