"""The recipe: to take away as a file or a script, and one from elsewhere to apply to this file."""

from functools import partial

import streamlit as st

from core.cleaning.plan import CleaningPlan
from core.delivery.script import render_script
from core.errors.model import PlumblineError
from core.recipe.import_recipe import SECTIONS, adopt_recipe
from core.text.escape import markdown_text, plain_text
from core.workspace.projects import Project
from pages.parts.cleaning import describe_history
from pages.parts.frame import frame, state
from pages.parts.frame.context import PageContext
from pages.parts.widgets import placing

_PARTS = {"Cleaning": ("cleaning", "features"), "All steps": SECTIONS}


def show(context: PageContext, _plan: CleaningPlan) -> None:
    """Draw the downloads, and beside them the way in."""
    with st.grid(2, min_column_width=340, gap="large") as grid:
        with grid.cell():
            _take_away(context)
        with grid.cell():
            _apply(context)


def _take_away(context: PageContext) -> None:
    st.subheader("Take it away")
    st.caption(
        "Every setting of every step. With the same data it makes the same numbers: `python -m core run` repeats it."
    )
    name = state.workspace().source(context.project.id).name
    st.download_button(
        "Download recipe",
        data=partial(context.recipe.model_dump_json, indent=2),
        file_name="recipe.json",
        mime="application/json",
        key="download-recipe",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "Download script",
        data=render_script(context.recipe, name),
        file_name="walk.py",
        mime="text/x-python",
        key="download-script",
        icon=":material/download:",
        help="The same walk as a short Python script, with only what differs from the defaults.",
        on_click="ignore",
        width="stretch",
    )


def _apply(context: PageContext) -> None:
    st.subheader("Apply another to this file")
    part = st.segmented_control("Take over", list(_PARTS), default="Cleaning", required=True, key="recipe-part")
    file = st.file_uploader("A recipe.json of another project", type="json", key="recipe-file")
    st.caption("How this file is read, its target and its columns' roles stay. Undo takes the rest back.")
    if file is None:
        return
    names = [column.name for column in context.dataset.columns]
    try:
        adopted = adopt_recipe(file.getvalue(), context.recipe, names, _PARTS[part])
    except PlumblineError as error:
        st.error(markdown_text(str(error)))
        return
    frame.show_findings(context, adopted.findings, "recipe", counted=False)
    changes = describe_history.changes(context.recipe, adopted.recipe)
    if changes.empty:
        st.info("Nothing would change: the project has these settings.")
        return
    st.button(
        "Apply it",
        type="primary",
        key="apply-recipe",
        on_click=_save,
        args=(context.project, file.getvalue(), names, part, file.name),
    )
    placing.sentences(changes)


def _save(project: Project, content: bytes, names: list[str], part: str, file: str) -> None:
    state.change(
        project,
        lambda recipe: adopt_recipe(content, recipe, names, _PARTS[part]).recipe,
        f"Recipe applied: {plain_text(file, 60)}, {part.lower()}",
    )
