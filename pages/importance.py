"""Step 5: CatBoost's ranking against noise columns, and the choice of features."""

import streamlit as st

from core.charts.importance import plot_ranking
from core.importance.step import importance_key, model_file
from pages.parts.frame import frame, state
from pages.parts.models import describe_models, feature_choice, feature_views, job_panel
from pages.parts.server import login
from pages.parts.widgets import forms, placing

context = frame.open_step("importance")
with st.expander("Settings"):
    forms.edit(context.project, context.recipe, "training", "predict", "horizon")
    forms.edit(context.project, context.recipe, "importance", "iterations", "folds", "seeds", "noise_probes")

ranking = describe_models.find_ranking(context)
if ranking is None or ranking.stopped:
    job_panel.show_job(context.project, "importance", "Rank features")
if ranking is None:
    st.stop()

placing.summarise(describe_models.importance_sentence(ranking))
frame.show_findings(context, (*describe_models.suspicions(context, ranking.chosen), *ranking.findings))
placing.chart(plot_ranking(ranking, placing.theme()), "ranking")
feature_choice.show(context, ranking)
feature_views.show(context, ranking)
model = model_file(state.workspace().cache(context.project.id).folder, importance_key(context.work))
if model is not None and model.exists():
    st.download_button(
        "Download CatBoost model",
        data=model.read_bytes,
        file_name="importance.cbm",
        mime=login.for_user("application/octet-stream"),
        on_click="ignore",
        help="The model of the last fold, with its random columns.",
    )
frame.link_next_step("importance")
