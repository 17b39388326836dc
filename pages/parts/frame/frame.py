"""The frame of every step: heading and question, the data it works on, findings worst first, and the way on."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.findings.model import Finding, Remedy, Severity, worst_first
from core.recipe.remedies import apply_remedy, holds_remedy
from core.steps import step_after, step_named, step_of_section
from core.text.escape import markdown_text
from core.workspace.projects import Project
from core.workspace.runs import Run, RunState
from pages.parts.frame import internal_error, state
from pages.parts.frame.context import PageContext, page_context
from pages.parts.models import job_panel

_ICONS = {
    Severity.PROBLEM: ":material/error:",
    Severity.WARNING: ":material/warning:",
    Severity.INFO: ":material/info:",
}
_BADGES = {Severity.PROBLEM: "red", Severity.WARNING: "orange", Severity.INFO: "blue"}
_ALIKE, _MANY = 2, 4
_KINDS_TOLD = 5


def open_step(
    name: str, needs_profile: bool = True, meanwhile: Callable[[PageContext], None] | None = None
) -> PageContext:
    """Draw the heading of a step and return its context; stops the page, with a way on, where something is missing.

    `meanwhile` draws what can be seen while the file is read. What is told of the job stands in a box of its own, so that all
    below it stays where it is, with its focus and its scroll, when the job ends.
    """
    step = step_named(name)
    project = state.project()
    st.title(step.title)
    st.caption(step.question)
    if project is None:
        st.info("No project is open. Start with a sample or upload a file first.")
        st.page_link("home.py", label="Go to your projects", icon=":material/home:")
        st.stop()
    context = page_context(project)
    with st.container():
        goes_on = _tell(context, not needs_profile)
    if not goes_on:
        if meanwhile and context.has_file:
            meanwhile(context)
        st.stop()
    return context


def _tell(context: PageContext, stay: bool) -> bool:
    """Tell what stands between the page and its data, where anything does; return whether the page goes on."""
    if fault := state.take_fault():
        st.error(internal_error.say(fault))
    coming = state.workspace().latest_run(context.project.id, "arrival")
    if coming is not None and coming.state.active:
        job_panel.follow(coming)
        return False
    if coming is not None:
        _tell_arrival(context.project, coming)
    if context.has_file and context.fault is None:
        return context.quality is not None or _make_profile(context, stay)
    if context.has_file:
        st.error(internal_error.say(context.fault))
    else:
        st.info("This project has no file yet.")
    if not stay:
        st.page_link("upload.py", label="Go to Upload", query_params={"project": context.project.id})
    return stay


def _tell_arrival(project: Project, coming: Run) -> None:
    """Say how the copying of a file ended, where it did not end well and no other file has come since."""
    source = state.workspace().source(project.id)
    if source is not None and source.added > coming.created:
        return
    job_panel.tell_end(project, coming)
    if coming.state is RunState.STOPPED:
        st.info("Copying the file was stopped; nothing of it is kept.")
        st.button("Copy it again", key=f"resume-{coming.id}", on_click=state.resume, args=(coming.id,))


def _make_profile(context: PageContext, stay: bool) -> bool:
    """Read and profile the file, unless just that has failed; return whether the page goes on, to offer other settings then."""
    project, recipe = context.project, context.recipe
    last = state.workspace().latest_run(project.id, "profile")
    active = last is not None and last.state.active
    fingerprint = state.workspace().source(project.id).fingerprint
    asked = (fingerprint, recipe.ingest, recipe.split)
    tried = last is not None and (last.fingerprint, last.recipe.ingest, last.recipe.split) == asked
    ended_badly = tried and last.state in (RunState.FAILED, RunState.INTERRUPTED, RunState.STOPPED)
    if not active and not ended_badly:
        last = state.start(project, "profile")
        active = True
    if active:
        job_panel.follow(last)
        return False
    job_panel.tell_end(project, last)
    if last.state is RunState.STOPPED:
        st.info("Reading was stopped.")
        st.button("Read the file", type="primary", on_click=state.resume, args=(last.id,))
    if not stay:
        st.page_link("upload.py", label="Change how the file is read", query_params={"project": project.id})
    return stay


def show_findings(
    context: PageContext, findings: tuple[Finding, ...], key: str = "findings", counted: bool = True, most: int = 6
) -> None:
    """List findings worst first under their count, the first few open, at `most` so many, and the rest folded away."""
    ranked = worst_first(findings)
    if not ranked:
        return
    if counted:
        st.subheader(f"Findings: {_count(ranked)}")
    shown, folded = _part(ranked, most)
    for place, finding in enumerate(shown):
        _show_finding(context, finding, f"{key}-{place}")
    if folded:
        with st.expander(f"{len(folded)} more: {_kinds(folded)}"):
            for place, finding in enumerate(folded[:60], start=len(shown)):
                _show_finding(context, finding, f"{key}-{place}")


def _part(ranked: Sequence[Finding], most: int) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that stand open, and those that are folded away: further ones of a kind or with the same way out."""
    kinds = Counter(finding.code for finding in ranked)
    told: Counter[str] = Counter()
    remedies: set[Remedy] = set()
    shown, folded = [], []
    for finding in ranked:
        few = _ALIKE if kinds[finding.code] <= _MANY else 1
        if told[finding.code] < few and len(shown) < most and finding.remedy not in remedies:
            shown.append(finding)
            told[finding.code] += 1
            if finding.remedy:
                remedies.add(finding.remedy)
        else:
            folded.append(finding)
    return shown, folded


def _count(findings: Sequence[Finding]) -> str:
    counts = [f"{sum(f.severity is kind for f in findings)} {kind.value}" for kind in Severity]
    kinds = [count if count.startswith("1 ") or count.endswith("info") else f"{count}s" for count in counts]
    return ", ".join(kind for kind in kinds if not kind.startswith("0 "))


def _kinds(findings: Sequence[Finding]) -> str:
    """Return what is folded away, kind by kind, in the findings' order."""
    kinds = Counter(finding.code.replace("-", " ") for finding in findings)
    listed = [f"{count} × {kind}" if count > 1 else kind for kind, count in list(kinds.items())[:_KINDS_TOLD]]
    return " · ".join(listed) + (" · …" if len(kinds) > _KINDS_TOLD else "")


def _show_finding(context: PageContext, finding: Finding, key: str) -> None:
    with st.container(border=True):
        words, remedy = st.columns([3, 1.1], vertical_alignment="center") if finding.remedy else (st.container(), None)
        badge = f":{_BADGES[finding.severity]}-badge[{_ICONS[finding.severity]} {finding.severity.value}]"
        lines = [f"{badge} **{markdown_text(finding.title)}**"]
        if finding.detail:
            lines.append(markdown_text(finding.detail))
        if finding.rows:
            more = "" if finding.count is None or finding.count <= len(finding.rows) else ", and others"
            lines.append(f":gray[{_lines(finding.rows)}{more}]")
        words.markdown("  \n".join(lines))
        if remedy is not None:
            with remedy:
                _offer_remedy(context, finding.remedy, f"{key}-remedy")


def _lines(rows: Sequence[int]) -> str:
    """Return the lines of the file in words, those that follow each other as a span."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][-1] + 1:
            spans[-1].append(row)
        else:
            spans.append([row])
    told = ", ".join(f"{span[0]:,} to {span[-1]:,}" if len(span) > 1 else f"{span[0]:,}" for span in spans)
    return f"{'Line' if len(rows) == 1 else 'Lines'} of the file: {told}"


def _offer_remedy(context: PageContext, remedy: Remedy, key: str) -> None:
    """Offer what answers a finding; once that is done, lead to the step where it can be seen and taken back."""
    done = holds_remedy(context.recipe, remedy)
    st.button(
        markdown_text(remedy.label),
        key=key,
        icon=":material/check:" if done else None,
        on_click=_apply,
        args=(context.project, remedy),
        disabled=done,
        width="stretch",
        wrap=True,
    )
    if done:
        step = step_of_section(remedy.section)
        st.page_link(step.file, label=f"Done. See {step.title}", query_params={"project": context.project.id})


def _apply(project: Project, remedy: Remedy) -> None:
    state.change(project, partial(apply_remedy, remedy=remedy), remedy.label)


def next_step(name: str) -> None:
    """Offer the step that follows."""
    following = step_after(name)
    project = state.project()
    if following and project:
        st.divider()
        st.page_link(
            following.file,
            label=f"Next: {following.title}. {following.question}",
            icon=":material/arrow_forward:",
            query_params={"project": project.id},
        )
