"""The frame of every step: its heading and question, the state of its data, and the way to the next step."""

from collections.abc import Callable

import streamlit as st

from core.steps import step_after, step_named
from core.workspace.projects import SourceFile
from core.workspace.runs import Run, RunState
from pages.parts.frame import error_messages, state
from pages.parts.frame.anchor import PAGE_ANCHOR
from pages.parts.frame.context import LoadedContext, PageContext, load_context
from pages.parts.frame.findings import show_findings
from pages.parts.models import job_panel

__all__ = ["link_next_step", "open_step", "open_upload", "show_findings"]

# The pages that always have a filled button of their own: a page has one.
_WITH_BUTTON = ("upload", "quality", "training")


def open_step(name: str) -> LoadedContext:
    """Draw the heading of a step and return its context; stop the page if its data have not been read yet."""
    context = _start_page(name)
    # A box of its own: what is below keeps its focus and scroll position when the job ends.
    with st.container():
        _load_data(context, on_upload=False)
    if not isinstance(context, LoadedContext):
        st.stop()
    return context


def open_upload(show_preview: Callable[[PageContext], None]) -> PageContext:
    """Draw the heading of the upload step and return its context, also for a file that could not be read.

    While a file is being copied or read, `show_preview` draws below the progress and the page stops.
    """
    context = _start_page("upload")
    with st.container():
        go_on = _load_data(context, on_upload=True)
    if not go_on:
        if context.source is not None:
            show_preview(context)
        st.stop()
    return context


def _start_page(name: str) -> PageContext:
    step = step_named(name)
    project = state.current_project()
    context = None if project is None else load_context(project)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(step.title, width="content", anchor=PAGE_ANCHOR)
        if isinstance(context, LoadedContext):
            _link_next(name, "next-top")
    st.caption(step.question)
    if context is None:
        st.info("No project is open. Start with a sample or upload a file.")
        st.page_link("home.py", label="Go to projects", icon=":material/home:")
        st.stop()
    return context


def _load_data(context: PageContext, on_upload: bool) -> bool:
    """Show why the data are not there yet, and return whether the page can go on."""
    if error := state.pop_pending_error():
        st.error(error_messages.error_text(error))
    copy = state.workspace().latest_run(context.project.id, "arrival")
    if copy is not None and copy.state.active:
        job_panel.show_running(copy)
        return False
    if copy is not None:
        _show_copy_end(context, copy)
    if context.source is not None and context.error is None:
        return isinstance(context, LoadedContext) or _profile_file(context, context.source, on_upload)
    if context.error is not None:
        st.error(error_messages.error_text(context.error))
    else:
        st.info("This project has no file yet.")
    if not on_upload:
        st.page_link("upload.py", label="Go to Upload", query_params={"project": context.project.id})
    return on_upload


def _show_copy_end(context: PageContext, copy: Run) -> None:
    """Show how copying a file ended, unless it succeeded or a later file has replaced it."""
    if context.source is not None and context.source.added > copy.created:
        return
    job_panel.show_failure(copy)
    if copy.state is RunState.STOPPED:
        st.info("Copying was stopped. Nothing was kept.")
        st.button("Copy again", key=f"resume-{copy.id}", on_click=state.resume_run, args=(copy.id,))


def _profile_file(context: PageContext, source: SourceFile, on_upload: bool) -> bool:
    """Read and profile the file, unless that has just failed; return whether the page can go on to offer other settings."""
    project = context.project
    last = state.workspace().latest_run(project.id, "profile")
    if last is None or not (last.state.active or last.has_failed_on(source.fingerprint, context.recipe)):
        last = state.start_run(project, "profile")
    if last.state.active:
        job_panel.show_running(last)
        return False
    job_panel.show_failure(last)
    if last.state is RunState.STOPPED:
        st.info("Reading was stopped.")
        st.button("Read file", key="read-file", type="primary", on_click=state.resume_run, args=(last.id,))
    if not on_upload:
        st.page_link("upload.py", label="Change reading options", query_params={"project": project.id})
    return on_upload


def link_next_step(name: str) -> None:
    """Draw the way to the next step at the end of a page, as its filled button unless it has another one."""
    st.divider()
    _link_next(name, "next-bottom" if name in _WITH_BUTTON else "next-primary")


def _link_next(name: str, key: str) -> None:
    """Draw the link to the next step, which looks like a button."""
    following, project = step_after(name), state.current_project()
    if following is None or project is None:
        return
    with st.container(key=key, horizontal_alignment="right", width="content" if key == "next-top" else "stretch"):
        st.page_link(
            following.file,
            label=f"Next: {following.title}",
            icon=":material/arrow_forward:",
            icon_position="right",
            help=following.question,
            query_params={"project": project.id},
            width="content",
        )
