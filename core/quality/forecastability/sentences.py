"""Sentences on the map of predictability, for pages and the report: plain text."""

from collections.abc import Sequence

from core.quality.forecastability.question import Forecastability, Question, Rival, Transform
from core.quality.market.ranges import PriceRange
from core.text.format import format_count, format_list

TRANSFORMS: dict[Transform, str] = {
    "level": "level",
    "log_level": "log level",
    "change": "change",
    "log_return": "log return",
    "absolute": "absolute value",
    "absolute_change": "absolute change",
    "absolute_return": "absolute log return",
    "volatility": "volatility",
    "range": "range",
    "spread": "spread",
}
RIVALS: dict[Rival, str] = {"zero": "no change", "mean": "the mean so far", "last value": "the last value"}
_AT_A_ROW = ("level", "log_level", "absolute", "spread")
_PLURALS = {
    "return": "returns",
    "change or return": "changes or returns",
    "level around 0": "levels around 0",
}
_NAMED = 3


def question_label(question: Question) -> str:
    """Return what is asked: "volatility of sp500 over 5 rows", "level of vix after 1 row"."""
    return f"{subject(question)} {'after' if question.transform in _AT_A_ROW else 'over'} {rows_text(question.horizon)}"


def subject(question: Question) -> str:
    """Return what is asked without the horizon: "volatility of sp500", "spread log A - 0.8 log B"."""
    if question.transform == "spread":
        return f"spread {question.column}"
    return f"{TRANSFORMS[question.transform]} of {question.column}"


def rows_text(horizon: int) -> str:
    """Return a horizon: "5 rows"."""
    return format_count(horizon, "row")


def map_sentence(found: Forecastability) -> str:
    """Return how many questions have an answer, the clearest of them, and whether any move is forecastable."""
    asked, answered = len(found.questions), found.answered
    if not asked:
        return "Nothing was asked: there are too few rows, or no numeric column that changes."
    if not answered:
        return f"None of {format_count(asked, 'question')} has an answer: no linear model forecasts anything here beyond luck."
    verb = "has" if len(answered) == 1 else "have"
    named = [f"the {question_label(question)} ({_gain(question)})" for question in _distinct(answered)[:_NAMED]]
    head = f"{len(answered):,} of {format_count(asked, 'question')} {verb} an answer: {', '.join(named)}"
    more = len(_distinct(answered)) - len(named)
    parts = [f"{head} and {more:,} more" if more > 0 else head]
    if returns := _returns_text(found):
        parts.append(returns)
    return "; ".join(parts) + "."


def measures_text(found: Forecastability, ranges: Sequence[PriceRange]) -> str:
    """Return which volatilities are measured from high and low; empty if none is."""
    asked = {question.column for question in found.questions if question.transform == "volatility"}
    measured = [price for each in ranges for price in each.prices if price in asked]
    if not measured:
        return ""
    return f"The volatility of {format_list(measured, 4)} is Parkinson's, from high and low: without the gaps between rows."


def _gain(question: Question) -> str:
    return f"R² {question.best_r2:.2f} beyond {RIVALS[question.rival]}"


def _distinct(questions: Sequence[Question]) -> list[Question]:
    """Return the first question of each transform of a column: one a subject."""
    first: dict[str, Question] = {}
    for question in questions:
        first.setdefault(subject(question), question)
    return list(first.values())


def _returns_text(found: Forecastability) -> str:
    """Return whether moves are forecastable; without any, the levels of columns around zero, which may be returns."""
    asked, what = [q for q in found.questions if q.family == "move"], "change or return"
    if not asked:
        around_zero = {q.column for q in found.questions if q.transform == "absolute"}
        asked, what = (
            [q for q in found.questions if q.transform == "level" and q.column in around_zero],
            "level around 0",
        )
    elif all(question.transform == "log_return" for question in asked):
        what = "return"
    if not asked:
        return ""
    answered = sum(question.has_answer for question in asked)
    if not answered:
        return f"no {what} is forecastable beyond luck"
    return f"{answered:,} of {len(asked):,} {_PLURALS[what]} {'is' if answered == 1 else 'are'} forecastable"
