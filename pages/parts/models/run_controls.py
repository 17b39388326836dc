"""What can be done with a training that has ended: continue it, use its settings again, delete it."""

import shutil
from functools import partial
from pathlib import Path

import streamlit as st

from core.delivery.results import WORK
from core.forecast.network.loss_findings import MOST_EPOCHS
from core.forecast.network.training_cache import CHECKPOINTS
from core.recipe.model import Recipe
from core.text.escape import markdown_text
from core.workspace.projects import Project
from core.workspace.runs import Run, RunState
from pages.parts.frame import state

_MOST_PATIENCE = 1000


def can_continue(run: Run) -> bool:
    """Return whether more epochs may follow: of a finished training that has epochs left to add."""
    return run.state is RunState.FINISHED and run.recipe.training.epochs < MOST_EPOCHS


def continued(recipe: Recipe, epochs: int) -> Recipe:
    """Return the recipe that continues a training for more epochs, even if it ran out of patience."""
    training = recipe.training
    return recipe.change(
        "training",
        epochs=min(MOST_EPOCHS, training.epochs + epochs),
        patience=min(_MOST_PATIENCE, training.patience + epochs),
    )


def offer_continuation(project: Project, run: Run, name: str) -> None:
    """Draw the button that continues a training from its last checkpoint, as a training of its own."""
    if not can_continue(run):
        return
    key = f"more-epochs-{run.id}"
    with st.popover("Continue", icon=":material/resume:", help="Train on from the last epoch, as a new training."):
        st.number_input(
            "More epochs",
            min_value=1,
            max_value=MOST_EPOCHS - run.recipe.training.epochs,
            value=min(run.recipe.training.epochs, MOST_EPOCHS - run.recipe.training.epochs),
            key=key,
        )
        st.caption("The weights are those of one training with that many epochs. The patience grows by as much.")
        st.button("Continue training", key=f"continue-{run.id}", on_click=_continue, args=(project, run, name, key))


def _continue(project: Project, run: Run, name: str, key: str) -> None:
    recipe = continued(run.recipe, int(state.widget_value(key)))
    state.change_recipe(project, lambda _: recipe, f"Continue {name}")
    state.request_run(project, "training", prepare=partial(_copy_checkpoints, run.folder))


def _copy_checkpoints(source: Path, folder: Path) -> None:
    checkpoints = source / WORK / CHECKPOINTS
    if checkpoints.exists():
        shutil.copytree(checkpoints, folder / WORK / CHECKPOINTS)


def offer_settings(project: Project, run: Run, name: str, current: Recipe) -> None:
    """Draw the button that makes the settings of a training those of the project."""
    st.button(
        "Use these settings",
        key=f"settings-{run.id}",
        icon=":material/content_copy:",
        disabled=run.recipe == current,
        help="The project already has them." if run.recipe == current else "Makes them the project's settings.",
        on_click=state.change_recipe,
        args=(project, lambda _: run.recipe, f"Settings of {name}"),
    )


def offer_deletion(run: Run, name: str) -> None:
    """Draw the button that deletes a training, behind a question."""
    with st.popover("Delete", icon=":material/delete:", disabled=run.state.active):
        st.markdown(
            f"Delete **{markdown_text(name)}** with its model, results and downloads? What was tried stays counted."
        )
        st.button("Delete training", key=f"delete-run-{run.id}", on_click=state.delete_run, args=(run.id,))
