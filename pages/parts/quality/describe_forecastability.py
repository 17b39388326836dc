"""Texts and tables on the map of predictability, and the recipe that makes a question the task."""

import pandas as pd
from pandas.io.formats.style import Styler

from core.charts.quality.forecastability import rank_rows
from core.quality.forecastability.question import PREDICTS, Forecastability, Question
from core.quality.forecastability.sentences import RIVALS, TRANSFORMS, question_label
from core.recipe.model import Recipe
from core.text.escape import markdown_text
from core.text.format import format_correlation, format_list
from pages.parts.upload.describe_data import p_cell

MOST_LISTED = 1_000
# Above it, a move follows from its own past almost by arithmetic.
_SMOOTH = 0.5

METHOD_HELP = (
    "Each question is answered by two ridge regressions, fitted again on an expanding window and judged on later rows: on the "
    "column's own past (last value, means over 5 and 22 rows, the same rows of earlier seasons), and with five other columns "
    "added, chosen on the first third of the rows. R² compares squared errors with the best naive forecast. p is one-sided, "
    "from Clark and West's test against every naive forecast; q is corrected for the number of questions. A linear model that "
    "finds nothing does not prove that there is nothing."
)


def questions_of(found: Forecastability) -> list[Question]:
    """Return the questions in the order of the heatmap's rows, at most a thousand."""
    return [question for row in rank_rows(found) for question in row][:MOST_LISTED]


def selection_text(found: Forecastability) -> str:
    """Return what selecting a row does, and whether the table lists all questions."""
    text = "Select a row to make its question the task."
    if len(found.questions) > MOST_LISTED:
        text += f" Showing the first {MOST_LISTED:,} of {len(found.questions):,} questions; profile.json has all."
    return text


def questions_table(questions: list[Question]) -> pd.DataFrame:
    """Return one row per question."""
    return pd.DataFrame(
        [
            {
                "column": q.column,
                "transform": TRANSFORMS[q.transform],
                "horizon": q.horizon,
                "answer": "answer" if q.has_answer else "",
                "R²": q.r2_oos,
                "R² all": q.r2_oos_all,
                "beyond": RIVALS[q.rival],
                "q": q.q_value,
                "p": q.p_value,
                "n": q.n,
            }
            for q in questions
        ]
    ).astype({"R² all": "float64"})


def style_questions(frame: pd.DataFrame) -> Styler:
    """Return the table with its numbers formatted."""
    formats = dict.fromkeys(("R²", "R² all"), format_correlation) | dict.fromkeys(("p", "q"), p_cell)
    return frame.style.format(formats | {"n": "{:,}"})


def method_text(found: Forecastability) -> str:
    """Return which rows and columns were measured; markdown."""
    text = f"Measured on the last {found.rows:,} rows of train and validation; the test era stays sealed."
    if found.left_out:
        text += f" {found.left_out:,} more columns were left out."
    if found.too_short:
        text += f" Too few values to ask about {format_list(found.too_short, 4)}."
    if any(question.family == "move" and question.r2_oos > _SMOOTH for question in found.answered):
        text += " Moves with an R² above 0.5 are mostly those of averaged or smoothed columns, which follow from their own past."
    return text


def question_text(question: Question) -> str:
    """Return what is asked, with its numbers; markdown."""
    badge = ":green-badge[answer]" if question.has_answer else ":gray-badge[no answer]"
    with_others = (
        "" if question.r2_oos_all is None else f", with other columns {format_correlation(question.r2_oos_all)}"
    )
    label = question_label(question)
    return (
        f"{badge} {markdown_text(label[0].upper() + label[1:])}: R² {format_correlation(question.r2_oos)}{with_others}, "
        f"beyond {RIVALS[question.rival]}."
    )


def why_not(question: Question) -> str:
    """Return why the question cannot become the task; empty if it can."""
    if question.transform == "spread":
        return "A spread is no column: add it to the file as one, then make it the target."
    if question.transform == "range":
        return "No task predicts the range itself: forecast the volatility."
    if question.transform not in PREDICTS:
        return f"No task predicts the {TRANSFORMS[question.transform]} of a column yet."
    return ""


def make_task(recipe: Recipe, question: Question) -> Recipe:
    """Return the recipe whose target, outcome and horizon are those of a question that can become the task."""
    return recipe.change("ingest", target=question.column).change(
        "training", predict=PREDICTS[question.transform], horizon=question.horizon
    )
