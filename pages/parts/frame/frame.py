"""The frame of every step: its heading and question, the state of its data, findings, and the link to the next step."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.findings.model import Finding, Remedy, Severity, worst_first
from core.recipe.remedies import apply_remedy, holds_remedy
from core.steps import step_after, step_named, step_of_section
from core.text.escape import markdown_text
from core.text.format import format_count
from core.workspace.projects import Project
from core.workspace.runs import Run, RunState
from pages.parts.frame import error_messages, state
from pages.parts.frame.context import LoadedContext, PageContext, load_context
from pages.parts.models import job_panel

_ICONS = {
    Severity.PROBLEM: ":material/error:",
    Severity.WARNING: ":material/warning:",
    Severity.INFO: ":material/info:",
}
_COLORS = {Severity.PROBLEM: "red", Severity.WARNING: "orange", Severity.INFO: "blue"}
# Of each code this many findings are open, or one if the code has more than `_FEW`.
_OPEN_PER_CODE, _FEW = 2, 4
_CODES_LISTED = 5
_MOST_FOLDED = 60


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
    st.title(step.title)
    st.caption(step.question)
    if project is None:
        st.info("No project is open. Start with a sample or upload a file.")
        st.page_link("home.py", label="Go to projects", icon=":material/home:")
        st.stop()
    return load_context(project)


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
        return isinstance(context, LoadedContext) or _profile_file(context, on_upload)
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


def _profile_file(context: PageContext, on_upload: bool) -> bool:
    """Read and profile the file, unless that has just failed; return whether the page can go on to offer other settings."""
    project = context.project
    last = state.workspace().latest_run(project.id, "profile")
    if last is None or not (last.state.active or _has_failed(context, last)):
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


def _has_failed(context: PageContext, run: Run) -> bool:
    """Return whether the run tried to read this file with these settings, and did not finish."""
    source, recipe = context.source, context.recipe
    if source is None or run.state not in (RunState.FAILED, RunState.INTERRUPTED, RunState.STOPPED):
        return False
    inputs = (source.fingerprint, recipe.ingest, recipe.split)
    return (run.fingerprint, run.recipe.ingest, run.recipe.split) == inputs


def show_findings(
    context: PageContext,
    findings: tuple[Finding, ...],
    key: str = "findings",
    counted: bool = True,
    most_open: int = 6,
) -> None:
    """List findings worst first, at most `most_open` of them open and the rest folded, under their count if `counted`."""
    ranked = worst_first(findings)
    if not ranked:
        return
    if counted:
        st.subheader(f"Findings: {_count_severities(ranked)}")
    shown, folded = _fold(ranked, most_open)
    for place, finding in enumerate(shown):
        _show_finding(context, finding, f"{key}-{place}")
    if folded:
        with st.expander(f"{len(folded)} more: {_list_codes(folded)}"):
            for place, finding in enumerate(folded[:_MOST_FOLDED], start=len(shown)):
                _show_finding(context, finding, f"{key}-{place}")


def _fold(ranked: Sequence[Finding], most_open: int) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that are open and those that are folded: repeats of a code or of a remedy."""
    totals = Counter(finding.code for finding in ranked)
    opened: Counter[str] = Counter()
    remedies: set[Remedy] = set()
    shown: list[Finding] = []
    folded: list[Finding] = []
    for finding in ranked:
        limit = _OPEN_PER_CODE if totals[finding.code] <= _FEW else 1
        if opened[finding.code] < limit and len(shown) < most_open and finding.remedy not in remedies:
            shown.append(finding)
            opened[finding.code] += 1
            if finding.remedy:
                remedies.add(finding.remedy)
        else:
            folded.append(finding)
    return shown, folded


def _count_severities(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(
        f"{counts[severity]} info" if severity is Severity.INFO else format_count(counts[severity], severity.value)
        for severity in Severity
        if counts[severity]
    )


def _list_codes(findings: Sequence[Finding]) -> str:
    """Return what is folded, code by code, in the order of the findings."""
    codes = Counter(finding.code.replace("-", " ") for finding in findings)
    listed = [f"{count} × {code}" if count > 1 else code for code, count in list(codes.items())[:_CODES_LISTED]]
    return " · ".join(listed) + (" · …" if len(codes) > _CODES_LISTED else "")


def _show_finding(context: PageContext, finding: Finding, key: str) -> None:
    remedy = finding.remedy
    with st.container(border=True):
        text, button = st.columns([3, 1.1], vertical_alignment="center") if remedy else (st.container(), None)
        badge = f":{_COLORS[finding.severity]}-badge[{_ICONS[finding.severity]} {finding.severity.value}]"
        lines = [f"{badge} **{markdown_text(finding.title)}**"]
        if finding.detail:
            lines.append(markdown_text(finding.detail))
        if finding.rows:
            more = "" if finding.count is None or finding.count <= len(finding.rows) else " and more"
            lines.append(f":gray[{_line_ranges(finding.rows)}{more}]")
        text.markdown("  \n".join(lines))
        if remedy is not None and button is not None:
            with button:
                _show_remedy(context, remedy, f"{key}-remedy")


def _line_ranges(lines: Sequence[int]) -> str:
    """Return line numbers of the file as text, consecutive ones as a range."""
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][-1] + 1:
            ranges[-1].append(line)
        else:
            ranges.append([line])
    listed = ", ".join(f"{span[0]:,}–{span[-1]:,}" if len(span) > 1 else f"{span[0]:,}" for span in ranges)
    return f"{'Line' if len(lines) == 1 else 'Lines'} in the file: {listed}"


def _show_remedy(context: PageContext, remedy: Remedy, key: str) -> None:
    """Draw the button that applies a remedy and, once applied, a link to the step where it can be undone."""
    applied = holds_remedy(context.recipe, remedy)
    st.button(
        markdown_text(remedy.label),
        key=key,
        icon=":material/check:" if applied else None,
        on_click=_apply,
        args=(context.project, remedy),
        disabled=applied,
        width="stretch",
        wrap=True,
    )
    if applied:
        step = step_of_section(remedy.section)
        st.page_link(step.file, label=f"Applied. See {step.title}", query_params={"project": context.project.id})


def _apply(project: Project, remedy: Remedy) -> None:
    state.change_recipe(project, partial(apply_remedy, remedy=remedy), remedy.label)


def link_next_step(name: str) -> None:
    """Draw the link to the next step."""
    step = step_after(name)
    project = state.current_project()
    if step and project:
        st.divider()
        st.page_link(
            step.file,
            label=f"Next: {step.title}. {step.question}",
            icon=":material/arrow_forward:",
            query_params={"project": project.id},
        )
