"""Whether the guide of the map was right: the recommended linear model against the LSTM, by the same tests as the verdict."""

from dataclasses import dataclass
from typing import Literal

from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.scores import LABELS, SIGNIFICANT, Scores, beside, naive_names, naive_rival
from core.quality.forecastability.guide import Guide
from core.text.format import format_p

Outcome = Literal["as_recommended", "lstm_better", "as_expected", "against_expectation", "not_known"]


@dataclass(frozen=True, kw_only=True)
class GuideCheck:
    """Whether the judged era agrees with the guide; `model` is the linear model that it recommended, or None."""

    outcome: Outcome
    model: str | None
    sentence: str


def check_guide(evaluation: Evaluation) -> GuideCheck | None:
    """Compare the guide with the scores on the judged era; None without a guide or scores of the LSTM.

    If the map had no answer, the LSTM is expected to have no signal beyond the naive forecasts. Otherwise the recommended
    linear model is expected to be no less accurate than the LSTM (Diebold-Mariano, two-sided at 5%).
    """
    scores, era = evaluation.judged
    guide = evaluation.guide
    if guide is None or "lstm" not in scores:
        return None
    rows = f"On {scores['lstm'].n:,} {era} rows"
    return _check_start(guide, scores, rows) if guide.has_answer else _check_expectation(evaluation, rows)


def _check_expectation(evaluation: Evaluation, rows: str) -> GuideCheck:
    scores, _ = evaluation.judged
    lstm, naive = scores["lstm"], naive_names(scores)
    if set(lstm.cw) != set(naive):
        return GuideCheck(outcome="not_known", model=None, sentence=f"{rows} the guide cannot be checked.")
    beats = lstm.has_signal(naive) and all(lstm.mean_loss < scores[name].mean_loss for name in naive)
    rival = naive_rival(scores)
    numbers = f"{_beside(lstm, scores[rival])} that of {evaluation.naive_phrase(rival)}"
    tested = f"Clark-West {format_p(lstm.signal_p)}"
    if beats:
        return GuideCheck(
            outcome="against_expectation",
            model=None,
            sentence=f"{rows} the LSTM beat the naive forecast, which the map did not expect: its loss is {numbers} ({tested}).",
        )
    return GuideCheck(
        outcome="as_expected",
        model=None,
        sentence=f"{rows} the LSTM did no better than the naive forecast, as expected: its loss is {numbers} ({tested}).",
    )


def _check_start(guide: Guide, scores: dict[str, Scores], rows: str) -> GuideCheck:
    model = _recommended(guide, scores)
    found = None if model is None else scores[model]
    if model is None or found is None or found.dm_lstm_p_value is None or found.dm_lstm_statistic is None:
        return GuideCheck(outcome="not_known", model=model, sentence=f"{rows} the guide cannot be checked.")
    name = _NAMES.get(model, LABELS[model])
    numbers = f"{_beside(found, scores['lstm'])} that of the LSTM (Diebold-Mariano {format_p(found.dm_lstm_p_value)})"
    signal = (
        "" if found.has_signal(naive_names(scores)) else " It has no significant signal beyond the naive forecasts."
    )
    if found.dm_lstm_p_value >= SIGNIFICANT:
        verdict = f"as recommended, {name} was as good: its loss is {numbers}."
    elif found.dm_lstm_statistic < 0:
        verdict = f"as recommended, {name} was better: its loss is {numbers}."
    else:
        return GuideCheck(
            outcome="lstm_better",
            model=model,
            sentence=f"{rows} the LSTM was better than the recommended {name}, whose loss is {numbers}.{signal}",
        )
    return GuideCheck(outcome="as_recommended", model=model, sentence=f"{rows}, {verdict}{signal}")


_NAMES = {"linear": "ridge"}


def _recommended(guide: Guide, scores: dict[str, Scores]) -> str | None:
    """Return the model of the table that is closest to the recommended ridge: HAR is one on the column's own past."""
    offered = ("linear",) if guide.others_help else ("har", "linear")
    return next((name for name in offered if name in scores), None)


def _beside(score: Scores, other: Scores) -> str:
    """Return the loss of one model relative to that of another: "3% below"."""
    gain = 1 - score.mean_loss / other.mean_loss if other.mean_loss > 0 else 0.0
    return beside(gain)
