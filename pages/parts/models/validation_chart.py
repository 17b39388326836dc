"""What a training predicts of validation rows, while it runs and after: the second tab beside its losses."""

import streamlit as st

from core.charts.training import plot_validation
from core.delivery.results import WORK
from core.forecast.evaluation.validation_levels import ValidationLevels, read_levels
from core.forecast.network.training_cache import CHECKPOINTS
from core.text.format import format_list
from core.workspace.runs import Run
from pages.parts.widgets import live_chart, placing

_VIEWS = {"Over time": False, "Changes": True}


def show(run: Run) -> None:
    """Draw predicted and actual values of validation rows, with a choice of the series and of the view."""
    levels = read_levels(run.folder / WORK / CHECKPOINTS, run.recipe.training.seeds)
    if levels is None:
        st.caption("No predictions yet. They are written after an epoch, at most once a second.")
        return
    changes, series = False, None
    with st.container(horizontal=True, vertical_alignment="center"):
        if not levels.task.is_direction:
            # Over time, every forecast of a price looks good: it lies on the last one.
            default = "Over time" if levels.task.predict in ("level", "volatility") else "Changes"
            view = st.segmented_control(
                "View",
                list(_VIEWS),
                default=default,
                required=True,
                key="validation-view",
                label_visibility="collapsed",
            )
            changes = _VIEWS[view]
        if "series" in levels.predictions and not changes:
            names = list(levels.predictions["series"].unique())
            series = st.selectbox("Series", names, key="validation-series", label_visibility="collapsed", width=200)
    figure = plot_validation(levels, placing.theme(), series=series, changes=changes)
    live_chart.chart(figure, f"validation-{run.id}-{changes}")
    st.caption(describe(levels))


def describe(levels: ValidationLevels) -> str:
    """Return which rows are shown, and the epoch that the predictions are from."""
    rows = f"The latest {len(levels.predictions):,} validation rows"
    if "series" in levels.predictions:
        rows += f" of {levels.predictions['series'].nunique()} series"
    if len(levels.epochs) == 1:
        ((member, epoch),) = levels.epochs.items()
        network = f" of network {member + 1}" if member else ""
        kept = f"with the kept weights{network}, those of epoch {epoch}"
        if not epoch:
            kept = f"with the initial weights{network}, which are kept"
        when = kept if levels.kept else f"after epoch {epoch}{network}"
    else:
        epochs = format_list([str(epoch) for epoch in levels.epochs.values()])
        when = f"mean of {len(levels.epochs)} networks, {'kept' if levels.kept else 'now'} at epochs {epochs}"
    return f"{rows}, {when}. Neither scaled nor calibrated yet: that follows the training."
