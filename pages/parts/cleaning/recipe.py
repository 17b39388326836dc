"""The recipe: its downloads, and applying a recipe of another project to this file."""

from functools import partial

import streamlit as st

from core.cleaning.plan import CleaningPlan
from core.delivery.script import render_script
from core.errors.model import PlumblineError
from core.recipe.import_recipe import SECTIONS, import_recipe
from core.text.escape import plain_text
from core.workspace.projects import Project
from pages.parts.cleaning import describe_history
from pages.parts.frame import error_messages, frame, state
from pages.parts.frame.context import LoadedContext
from pages.parts.server import login
from pages.parts.widgets import placing

_SECTIONS = {"Cleaning": ("cleaning", "features"), "All steps": SECTIONS}


def show(context: LoadedContext, _plan: CleaningPlan) -> None:
    """Draw the downloads, and the upload of another recipe."""
    with st.grid(2, min_column_width=340, gap="large") as grid:
        with grid.cell():
            _show_downloads(context)
        with grid.cell():
            _show_import(context)


def _show_downloads(context: LoadedContext) -> None:
    st.header("This recipe")
    st.caption("All settings of all steps. With the same data, `python -m core run` reproduces every number.")
    st.download_button(
        "Download recipe",
        data=partial(context.recipe.model_dump_json, indent=2),
        file_name="recipe.json",
        mime=login.for_user("application/json"),
        key="download-recipe",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "Download script",
        data=render_script(context.recipe, context.source.name),
        file_name="walk.py",
        mime=login.for_user("text/x-python"),
        key="download-script",
        icon=":material/download:",
        help="All steps as a short Python script, with only the settings that differ from the defaults.",
        on_click="ignore",
        width="stretch",
    )


def _show_import(context: LoadedContext) -> None:
    st.header("Another recipe")
    part = st.segmented_control(
        "Settings to apply", list(_SECTIONS), default="Cleaning", required=True, key="recipe-part"
    )
    file = st.file_uploader("recipe.json of another project", type="json", key="recipe-file")
    st.caption("Reading options, target and column roles of this file are kept. Undo reverts the change.")
    if file is None:
        return
    names = [column.name for column in context.dataset.columns]
    try:
        imported = import_recipe(file.getvalue(), context.recipe, names, _SECTIONS[part])
    except PlumblineError as error:
        st.error(error_messages.error_text(error))
        return
    frame.show_findings(context, imported.findings, "recipe", counted=False)
    changes = describe_history.changes_table(context.recipe, imported.recipe)
    if changes.empty:
        st.info("No changes: the project already has these settings.")
        return
    st.button(
        "Apply recipe",
        type="primary",
        key="apply-recipe",
        on_click=_apply,
        args=(context.project, file.getvalue(), names, part, file.name),
    )
    placing.text_table(changes)


def _apply(project: Project, content: bytes, names: list[str], part: str, file: str) -> None:
    state.change_recipe(
        project,
        lambda recipe: import_recipe(content, recipe, names, _SECTIONS[part]).recipe,
        f"Recipe applied: {plain_text(file, 60)}, {part.lower()}",
    )
