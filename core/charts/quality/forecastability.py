"""The map of predictability: a heatmap of R² by question and horizon."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Theme, Words, add_note, finish, label_rows
from core.quality.forecastability.sentences import RIVALS, map_sentence, question_label, subject
from core.text.escape import plotly_text
from core.text.format import format_correlation, format_count, format_p

if TYPE_CHECKING:
    from core.quality.forecastability.question import Forecastability, Question

MOST_DRAWN = 30
# Colours are full from here on: most R² of market data are smaller.
_FULL = 0.5
_LABEL = 40
_MARK = "●"


def plot_forecastability(found: "Forecastability", theme: Theme = "light") -> go.Figure:
    """Draw R² beyond the best naive forecast: rows are questions, the most forecastable first, columns are horizons.

    A dot marks an answer. Of a long map the first thirty rows are drawn.

    Parameters
    ----------
    found
        The map.
    theme
        The theme of the figure.
    """
    look = LOOKS[theme]
    figure = go.Figure()
    rows = rank_rows(found)
    drawn = rows[:MOST_DRAWN]
    horizons = sorted({question.horizon for question in found.questions})
    if drawn:
        cells = [[_at(row, horizon) for horizon in horizons] for row in drawn]
        r2 = [[np.nan if cell is None else cell.best_r2 for cell in line] for line in cells]
        figure.add_heatmap(
            z=r2,
            x=[format_count(horizon, "row") for horizon in horizons],
            zmin=-_FULL,
            zmax=_FULL,
            colorscale=[(place / 4, color) for place, color in enumerate(look.diverging)],
            colorbar={"tickvals": [-0.5, 0, 0.5], "len": max(120, min(240, 22 * len(drawn)))},
            text=[[_cell_text(cell) for cell in line] for line in cells],
            texttemplate="%{text}",
            textfont={"size": 12, "color": look.text},
            customdata=[[_hover_text(cell) for cell in line] for line in cells],
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            xgap=2,
            ygap=2,
        )
        label_rows(figure, [subject(row[0]) for row in drawn], _LABEL)
        figure.update_xaxes(side="top", showgrid=False, zeroline=False, ticks="")
    else:
        add_note(figure, "No question could be asked.", theme)
    more = f" The first {len(drawn):,} of {len(rows):,} rows; the table lists more." if len(rows) > len(drawn) else ""
    words = Words(
        title="What can be forecast: R² beyond the best naive forecast",
        x="Horizon",
        y="",
        alt=f"Heatmap of {format_count(len(drawn), 'row')} by {format_count(len(horizons), 'horizon')}. {map_sentence(found)}",
        subtitle=f"Out of sample, over the train and validation eras. {_MARK} marks an answer: q < 0.05, and R² above 0.{more}",
    )
    return finish(figure, words, theme, 130 + 24 * max(3, len(drawn)))


def rank_rows(found: "Forecastability") -> list[list["Question"]]:
    """Return the questions about each transform of a column: the rows with an answer first, then by R²."""
    rows: dict[str, list[Question]] = {}
    for question in found.questions:
        rows.setdefault(subject(question), []).append(question)

    def rank(row: list["Question"]) -> tuple[float, float]:
        answered = [question.best_r2 for question in row if question.has_answer]
        return -max(answered, default=0.0), -max(question.best_r2 for question in row)

    return sorted(rows.values(), key=rank)


def _at(row: list["Question"], horizon: int) -> "Question | None":
    return next((question for question in row if question.horizon == horizon), None)


def _cell_text(question: "Question | None") -> str:
    if question is None:
        return ""
    r2 = f"{question.best_r2:z.2f}".replace("0.", ".") if question.best_r2 > -1 else "below -1"
    return f"{r2} {_MARK}" if question.has_answer else r2


def _hover_text(question: "Question | None") -> str:
    if question is None:
        return ""
    others = format_correlation(question.r2_oos_all)
    return "<br>".join(
        [
            plotly_text(question_label(question), 90),
            f"R² from its own past {format_correlation(question.r2_oos)}, with other columns {others}",
            f"beyond {RIVALS[question.rival]}, over {question.n:,} outcomes",
            plotly_text(f"{format_p(question.p_value)}, corrected {format_p(question.q_value).replace('p', 'q', 1)}"),
        ]
    )
