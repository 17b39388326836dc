"""One threshold: a slider and a number box for the same value, its default, and the effect of every other value."""

import streamlit as st

from core.charts.cleaning import plot_consequences
from core.charts.style import words_of
from core.cleaning.plan import ConsequenceCurve
from core.recipe.diff import format_setting
from core.recipe.model import CleaningSettings, is_share, why_default
from core.text.escape import markdown_text
from core.workspace.projects import Project
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.widgets import forms, live_chart, placing

_PERCENT = 100


def show(context: LoadedContext, curve: ConsequenceCurve) -> None:
    """Draw the widgets of a threshold over its curve."""
    name = curve.setting
    field = CleaningSettings.model_fields[name]
    slider, box = st.columns([2, 1], vertical_alignment="bottom", gap="small")
    with slider:
        forms.edit(context.project, context.recipe, "cleaning", name)
    with box:
        _show_number_box(context, name)
    figure = plot_consequences(curve, placing.theme())
    with st.container(gap="xxsmall"):
        live_chart.bare_chart(figure, f"curve-{name}")
        st.caption(markdown_text(words_of(figure).subtitle))
        reason, button = st.columns([2, 1], vertical_alignment="center", gap="small")
        reason.caption(f"Default {format_setting(field, field.default)}: {why_default(field)}.")
        button.button(
            "Reset",
            key=f"default-{name}",
            icon=":material/restart_alt:",
            type="tertiary",
            help="Resets this threshold to its default.",
            disabled=curve.current == field.default,
            on_click=forms.save_field,
            args=(context.project, "cleaning", name, field.default),
        )


def _show_number_box(context: LoadedContext, name: str) -> None:
    field = CleaningSettings.model_fields[name]
    high = forms.range_of(field)[1]
    unit = _PERCENT if is_share(field) else 1
    key = f"cleaning.{name}.box"
    value = round(unit * getattr(context.recipe.cleaning, name), 9)
    st.number_input(
        f"{field.title}{' (%)' if is_share(field) else ''}",
        step=high / 100 if not is_share(field) else 1.0,
        format="%g",
        key=key,
        label_visibility="collapsed",
        on_change=_save_number,
        args=(context.project, name, key, unit),
        value=state.sync_widget(key, value),
    )


def _save_number(project: Project, name: str, key: str, unit: int) -> None:
    """Save what was typed, clamped to the range of the slider, so box and slider never differ."""
    typed = state.widget_value(key)
    low, high = forms.range_of(CleaningSettings.model_fields[name])
    if typed is not None:
        forms.save_field(project, "cleaning", name, min(max(round(typed / unit, 11), low), high))
