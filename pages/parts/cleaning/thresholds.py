"""One threshold: a slider and a number box that set the same value, its default and why, and what each place would do."""

import streamlit as st

from core.charts.cleaning import plot_consequences
from core.charts.style import words_of
from core.cleaning.plan import ConsequenceCurve
from core.recipe.diff import say_value
from core.recipe.model import CleaningSettings, is_share, why_default
from core.text.escape import markdown_text
from core.workspace.projects import Project
from pages.parts.frame import state
from pages.parts.frame.context import PageContext
from pages.parts.widgets import forms, live_chart, placing

_PERCENT = 100


def show(context: PageContext, curve: ConsequenceCurve) -> None:
    """Draw a threshold's widgets over its curve."""
    name = curve.setting
    field = CleaningSettings.model_fields[name]
    slider, box = st.columns([2, 1], vertical_alignment="bottom", gap="small")
    with slider:
        forms.edit(context.project, context.recipe, "cleaning", name)
    with box:
        _number_box(context, name)
    figure = plot_consequences(curve, placing.theme())
    with st.container(gap="xxsmall"):
        live_chart.place(figure, f"curve-{name}")
        st.caption(markdown_text(words_of(figure).subtitle))
        why, back = st.columns([2, 1], vertical_alignment="center", gap="small")
        why.caption(f"Default {say_value(field, field.default)}: {why_default(field)}.")
        back.button(
            "Default",
            key=f"default-{name}",
            icon=":material/restart_alt:",
            type="tertiary",
            help="Back to the default",
            disabled=curve.current == field.default,
            on_click=forms.save_field,
            args=(context.project, "cleaning", name, field.default),
        )


def _number_box(context: PageContext, name: str) -> None:
    field = CleaningSettings.model_fields[name]
    high = forms.range_of(field)[1]
    unit = _PERCENT if is_share(field) else 1
    key = f"cleaning.{name}.box"
    value = round(unit * getattr(context.recipe.cleaning, name), 9)
    st.number_input(
        f"{field.title}{', in percent' if is_share(field) else ''}",
        step=high / 100 if not is_share(field) else 1.0,
        format="%g",
        key=key,
        label_visibility="collapsed",
        on_change=_save_box,
        args=(context.project, name, key, unit),
        value=state.mirror(key, value),
    )


def _save_box(project: Project, name: str, key: str, unit: int) -> None:
    """Keep what was typed, or the end of the range that it lies beyond: so that box and slider never tell two values."""
    typed = state.value_of(key)
    low, high = forms.range_of(CleaningSettings.model_fields[name])
    if typed is not None:
        forms.save_field(project, "cleaning", name, min(max(round(typed / unit, 11), low), high))
