"""Step 5: CatBoost's ranking against noise columns, and the selection of features."""

import streamlit as st

from core.charts.importance import plot_ranking
from core.importance.ranking import ImportanceRanking
from core.importance.step import importance_key
from pages.parts.frame import frame, state
from pages.parts.models import describe_models, job_panel
from pages.parts.widgets import forms, placing

context = frame.open_step("importance")
with st.expander("Settings"):
    forms.edit(context.project, context.recipe, "training", "predict", "horizon")
    forms.edit(context.project, context.recipe, "importance", "iterations", "folds", "seeds", "noise_probes")

key = importance_key(context.work)
forms.edit(context.project, context.recipe, "importance", "top_k")
ranking = state.cached_result(context.project, "importance", key, ImportanceRanking)
if ranking is None:
    job_panel.show_job(context.project, "importance", "Rank features")
    st.stop()

placing.summarise(describe_models.importance_sentence(ranking))
frame.show_findings(context, (*describe_models.suspicions(context, ranking.chosen), *ranking.findings))
placing.chart(plot_ranking(ranking, placing.theme()), "ranking")
placing.table(
    describe_models.ranking_table(ranking),
    "ranking-table",
    {
        "rank": st.column_config.NumberColumn(width=50),
        "feature": st.column_config.TextColumn(width=120),
        "label": st.column_config.TextColumn(width=72),
        "selected": st.column_config.CheckboxColumn(width=75),
        "importance": st.column_config.NumberColumn(width=82),
        "best": st.column_config.NumberColumn(help="Best rank over the fits.", width=55),
        "worst": st.column_config.NumberColumn(help="Worst rank over the fits.", width=60),
    },
)
forms.edit(
    context.project,
    context.recipe,
    "training",
    "features",
    options=describe_models.feature_options(feature.name for feature in ranking.features),
)
st.caption(describe_models.selection_text(ranking, context.recipe))
frame.link_next_step("importance")
