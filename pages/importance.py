"""Step 5: CatBoost's ranking against columns of noise, and the choice of features."""

import streamlit as st

from core import pipeline
from core.charts.importance import plot_ranking
from core.importance.ranking import ImportanceRanking
from pages.parts import describe_models, forms, frame, live, look, state

desk = frame.open_step("importance")
with st.expander("Settings"):
    forms.edit(desk.project, desk.recipe, "training", "predict", "horizon")
    forms.edit(desk.project, desk.recipe, "importance", "iterations", "folds", "seeds", "noise_probes")

key = pipeline.importance_key(desk.dataset, desk.recipe)
forms.edit(desk.project, desk.recipe, "importance", "top_k")
ranking = state.on_shelf(desk.project, "importance", key, ImportanceRanking)
if ranking is None:
    live.offer(desk.project, "importance", "Rank the features")
    st.stop()

look.answer(describe_models.importance(ranking))
frame.show_findings(desk, ranking.findings)
look.chart(plot_ranking(ranking, look.theme()), "ranking")
look.table(
    describe_models.ranking(ranking),
    "ranking-table",
    best=st.column_config.NumberColumn(help="The best rank over the fits.", width=55),
    worst=st.column_config.NumberColumn(help="The worst rank over the fits.", width=60),
    rank=st.column_config.NumberColumn(width=50),
    feature=st.column_config.TextColumn(width=120),
    importance=st.column_config.NumberColumn(width=82),
    label=st.column_config.TextColumn(width=72),
    chosen=st.column_config.CheckboxColumn(width=65),
)
forms.edit(
    desk.project,
    desk.recipe,
    "training",
    "features",
    options=tuple(feature.name for feature in ranking.features),
)
st.caption(describe_models.chosen(ranking, desk.recipe))
frame.next_step("importance")
