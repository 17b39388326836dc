"""Whether the question of a recipe has an answer in the map of predictability."""

from core.findings.training import NoAnswerExpected
from core.quality.forecastability.question import Forecastability
from core.quality.forecastability.sentences import RIVALS, question_label


def check_question(
    found: Forecastability, target: str, horizon: int, predict: str | None = None
) -> NoAnswerExpected | None:
    """Return a finding if the map has asked for the target's value, or volatility, at this horizon, and found no answer.

    Parameters
    ----------
    found
        The map.
    target, horizon, predict
        The question: what is predicted of which column, how many rows ahead.
    """
    asked = found.find(target, horizon, predict)
    if asked is None or asked.has_answer:
        return None
    best = found.best_of(target)
    return NoAnswerExpected(
        column=target,
        question=question_label(asked),
        rival=RIVALS[asked.rival],
        r2_oos=asked.best_r2,
        q_value=asked.q_value,
        n=asked.n,
        instead=None if best is None else question_label(best),
    )
