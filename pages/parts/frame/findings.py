"""Findings on a page: one line each, which expands, with the button of its remedy beside it."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.findings.groups import FindingGroup, group_findings
from core.findings.model import Finding, Remedy, Severity
from core.recipe.remedies import apply_remedy, holds_remedy
from core.steps import step_of_section
from core.text.escape import markdown_text
from core.text.format import format_count
from core.workspace.projects import Project
from pages.parts.frame import state
from pages.parts.frame.context import PageContext
from pages.parts.quality import rows

_ICONS = {
    Severity.PROBLEM: ":material/error:",
    Severity.WARNING: ":material/warning:",
    Severity.INFO: ":material/info:",
}
_COLORS = {Severity.PROBLEM: "red", Severity.WARNING: "orange", Severity.INFO: "blue"}
_MOST_OF_A_GROUP = 25
_CODES_LISTED = 5
_LINE = "line-to-show"


def show_findings(
    context: PageContext,
    findings: tuple[Finding, ...],
    key: str = "findings",
    counted: bool = True,
    most_open: int = 8,
) -> None:
    """List findings by kind, worst first, a line each; the lines beyond `most_open` are folded. `counted` adds a heading."""
    groups = group_findings(findings)
    if not groups:
        return
    if counted:
        st.header(f"Findings: {_count_severities(groups)}")
    with st.container(gap="xsmall"):
        for place, group in enumerate(groups[:most_open]):
            _show_group(context, group, f"{key}-{place}")
        if folded := groups[most_open:]:
            with st.expander(f"{len(folded)} more: {_list_codes(folded)}"):
                for place, group in enumerate(folded, start=most_open):
                    _show_group(context, group, f"{key}-{place}")


def _count_severities(groups: Sequence[FindingGroup]) -> str:
    counts = Counter(group.severity for group in groups)
    return ", ".join(
        f"{counts[severity]} info" if severity is Severity.INFO else format_count(counts[severity], severity.value)
        for severity in Severity
        if counts[severity]
    )


def _list_codes(groups: Sequence[FindingGroup]) -> str:
    codes = list(dict.fromkeys(group.findings[0].code.replace("-", " ") for group in groups))
    return " · ".join(codes[:_CODES_LISTED]) + (" · …" if len(codes) > _CODES_LISTED else "")


def _show_group(context: PageContext, group: FindingGroup, key: str) -> None:
    remedy = group.remedy
    line, button = st.columns([3.4, 1.2], gap="small") if remedy else (st.container(), None)
    badge = f":{_COLORS[group.severity]}-badge[{_ICONS[group.severity]} {group.severity.value}]"
    with line, st.expander(f"{badge} {markdown_text(group.title)}"):
        _show_details(context, group, key)
    if remedy is not None and button is not None:
        with button:
            show_remedy(context, remedy, f"{key}-remedy")


def _show_details(context: PageContext, group: FindingGroup, key: str) -> None:
    """Show the details of a finding, or each title of a group with what it alone has to tell."""
    if len(group.findings) == 1:
        (finding,) = group.findings
        st.markdown(markdown_text(finding.detail) if finding.detail or finding.rows else ":gray[No further details.]")
        _show_lines(context, finding, f"{key}-lines")
        return
    shared = {finding.detail for finding in group.findings}
    for place, finding in enumerate(group.findings[:_MOST_OF_A_GROUP]):
        own = [finding.detail] if finding.detail and len(shared) > 1 else []
        st.markdown("  \n".join(markdown_text(text) for text in (finding.title, *own)))
        _show_lines(context, finding, f"{key}-{place}-lines")
        if group.remedy is None and finding.remedy is not None:
            show_remedy(context, finding.remedy, f"{key}-{place}-remedy")
    if len(group.findings) > _MOST_OF_A_GROUP:
        st.caption(f"And {len(group.findings) - _MOST_OF_A_GROUP:,} more.")
    if len(shared) == 1:
        st.markdown(markdown_text(shared.pop()))
    if len(group.choices) > 1:
        _show_choice(context, group, f"{key}-chosen")


def _show_choice(context: PageContext, group: FindingGroup, key: str) -> None:
    """Draw the choice of some columns of a group, and the button that remedies those."""
    chosen = st.multiselect("Only in these columns", group.choices, key=key, placeholder="Choose columns")
    remedy = group.remedy_in(tuple(chosen))
    if remedy is not None:
        show_remedy(context, remedy, f"{key}-remedy")


def _show_lines(context: PageContext, finding: Finding, key: str) -> None:
    """List the lines of a finding; a click on one shows it among the data."""
    if not finding.rows:
        return
    spans = _join_lines(finding.rows)
    more = "" if finding.count is None or finding.count <= len(finding.rows) else f", the first of {finding.count:,}"
    st.pills(
        f"{'Line' if len(finding.rows) == 1 else 'Lines'} in the file{more}",
        list(spans),
        format_func=spans.__getitem__,
        key=key,
        on_change=_keep_line,
        args=(key,),
        help="A click shows the line among the data.",
        disabled=context.dataset is None,
    )
    if (line := st.session_state.pop(_LINE, None)) is not None:
        rows.go_to_line(line)
        st.switch_page("quality.py", query_params={"project": context.project.id, "view": "Data"})


def _keep_line(key: str) -> None:
    """Remember the clicked line for the rerun, and release the button: it can be clicked again."""
    st.session_state[_LINE] = st.session_state[key]
    st.session_state[key] = None


def _join_lines(lines: Sequence[int]) -> dict[int, str]:
    """Return line numbers of the file as text, consecutive ones as a range, by the first of each."""
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][-1] + 1:
            ranges[-1].append(line)
        else:
            ranges.append([line])
    return {span[0]: f"{span[0]:,}–{span[-1]:,}" if len(span) > 1 else f"{span[0]:,}" for span in ranges}


def show_remedy(context: PageContext, remedy: Remedy, key: str) -> None:
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
