"""Sentences on the map of predictability, for pages and the report: plain text."""

from collections.abc import Sequence

from core.quality.forecastability.question import Forecastability, Question, Rival, Transform
from core.quality.pairwise.relations import Relation
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
# Other columns help if they explain this much more.
_HELPFUL = 0.01


def question_label(question: Question) -> str:
    """Return what is asked: "volatility of sp500 over 5 rows", "level of vix after 1 row"."""
    return f"{subject(question)} {'after' if question.transform in _AT_A_ROW else 'over'} {_rows(question.horizon)}"


def subject(question: Question) -> str:
    """Return what is asked without the horizon: "volatility of sp500", "spread log A - 0.8 log B"."""
    if question.transform == "spread":
        return f"spread {question.column}"
    return f"{TRANSFORMS[question.transform]} of {question.column}"


def _rows(horizon: int) -> str:
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


def recommendation(found: Forecastability, relations: Sequence[Relation], target: str | None, horizon: int) -> str:
    """Return in two sentences which model to start with, from the map and the classes of relations; empty if unknown.

    Parameters
    ----------
    found
        The map.
    relations
        The relations of the other columns with the target.
    target
        The target, if it is numeric.
    horizon
        The horizon of the recipe. If the map does not cover it, its shortest horizon is used.
    """
    asked = None if target is None else found.find_value(target, horizon) or _shortest(found, target)
    if asked is None:
        return ""
    return f"{_start(found, asked, relations)} {_beyond_linear(relations)}"


def _shortest(found: Forecastability, target: str) -> Question | None:
    horizons = sorted({question.horizon for question in found.questions})
    return next((asked for horizon in horizons if (asked := found.find_value(target, horizon))), None)


def _start(found: Forecastability, asked: Question, relations: Sequence[Relation]) -> str:
    linear = sum(relation.kind == "linear" for relation in relations)
    leading = [relation.feature for relation in relations if relation.leads]
    leads = (
        f"{format_list(leading, 2)} {'leads' if len(leading) == 1 else 'lead'} by a row"
        if leading
        else "none leads by a row"
    )
    if not asked.has_answer:
        best = found.best_of(asked.column)
        instead = f"; its {TRANSFORMS[best.transform]} over {_rows(best.horizon)} has one" if best else ""
        return f"Expect no more than the naive forecast: the {question_label(asked)} has no answer{instead}."
    if asked.r2_oos_all is not None and asked.r2_oos_all > asked.r2_oos + _HELPFUL:
        return f"Start with ridge on several columns: {format_count(linear, 'linear relation')}, {leads}."
    return f"Start with ridge on the column's own past: {format_count(linear, 'linear relation')}, {leads}."


def _beyond_linear(relations: Sequence[Relation]) -> str:
    curved = [relation.feature for relation in relations if relation.kind == "nonlinear"]
    if not curved:
        return "An LSTM is unlikely to add anything: no relation is non-linear."
    if len(curved) == 1:
        return f"An LSTM may add something: the relation to {curved[0]} is non-linear."
    return f"An LSTM may add something: the relations to {format_list(curved, 2)} are non-linear."
