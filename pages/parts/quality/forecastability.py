"""What can be forecast: the map of predictability, and a button that makes one of its questions the task."""

from functools import partial

import streamlit as st

from core.charts.quality.forecastability import plot_forecastability
from core.quality.forecastability.guide import recommend
from core.quality.forecastability.question import Question
from core.quality.forecastability.sentences import map_sentence, measures_text, question_label
from core.text.escape import markdown_text
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.quality import describe_forecastability as describe
from pages.parts.widgets import placing

_WIDTHS = {
    "column": st.column_config.TextColumn(width=150),
    "transform": st.column_config.TextColumn(width=120),
    "horizon": st.column_config.NumberColumn(width=65, help="Rows ahead."),
    "answer": st.column_config.TextColumn(width=65),
    "R²": st.column_config.NumberColumn(width=65, help="From the column's own past."),
    "R² all": st.column_config.NumberColumn(width=65, help="With other columns added."),
    "beyond": st.column_config.TextColumn(width=105, help="The best naive forecast."),
    **{name: st.column_config.NumberColumn(width=65) for name in ("q", "p", "n")},
}


def show(context: LoadedContext) -> None:
    """Show how many questions have an answer, which model to start with, the map, and a table of all questions."""
    quality = context.quality
    found = quality.forecastability
    st.markdown(f"**{markdown_text(map_sentence(found))}**")
    if not found.questions:
        return
    training = context.recipe.training
    guide = recommend(found, quality.relations, quality.target, training.horizon, training.predict)
    if guide is not None:
        st.markdown(markdown_text(guide.text))
    method = f"{describe.method_text(found)} {measures_text(found, quality.ranges)}"
    st.caption(markdown_text(method), help=describe.METHOD_HELP)
    placing.chart(plot_forecastability(found, placing.theme()), "forecastability")
    questions = describe.questions_of(found)
    table = describe.questions_table(questions)
    row = placing.pick_row(describe.style_questions(table), "forecastability-table", _WIDTHS)
    st.caption(describe.selection_text(found))
    _offer(context, questions[row or 0])


def _offer(context: LoadedContext, question: Question) -> None:
    """Show a question and the button that makes it the task."""
    text, button = st.columns([3, 1.1], vertical_alignment="center")
    text.markdown(describe.question_text(question))
    reason = describe.why_not(question)
    is_task = not reason and describe.make_task(context.recipe, question) == context.recipe
    if reason:
        text.caption(markdown_text(reason))
    button.button(
        "This is the task" if is_task else "Forecast this",
        key="make-task",
        type="primary",
        icon=":material/check:" if is_task else None,
        disabled=bool(reason) or is_task,
        on_click=_make_task,
        args=(context, question),
        width="stretch",
        wrap=True,
    )


def _make_task(context: LoadedContext, question: Question) -> None:
    note = f"Forecast the {question_label(question)}"
    state.change_recipe(context.project, partial(describe.make_task, question=question), note)
