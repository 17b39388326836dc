"""The verdict: whether the LSTM beats persistence and the train mean on the test era."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from core.findings.model import Finding, worst_first
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.naive_checks import NaiveChecks
from core.forecast.evaluation.scores import SIGNIFICANT, Scores, naive_rival
from core.forecast.evaluation.verdict_findings import check_forecast
from core.text.format import format_error, format_p, format_percent

FEWEST_TEST_ROWS = 50
# Predictions that vary less explain at most a 2500th of the variance: any gain is that of a drift.
CONSTANT = 0.02
# A drift is mentioned if it accounts for more than this share of the reduction in squared error.
_NOTABLE_DRIFT = 0.1

Level = Literal["skill", "no_evidence", "worse", "cannot_judge"]


class Reason(StrEnum):
    """Why the verdict has its level."""

    SEALED = "sealed"
    TOO_FEW_ROWS = "too_few_rows"
    EQUAL_ERRORS = "equal_errors"
    TOO_FEW_TIMES = "too_few_times"
    UNORDERED = "unordered"
    MEAN_NOT_COMPARED = "mean_not_compared"
    INSIGNIFICANT = "insignificant"
    WORSE = "worse"
    NOT_BETTER_THAN_PERSISTENCE = "not_better_than_persistence"
    NOT_BETTER_THAN_DRIFT = "not_better_than_drift"
    BETTER = "better"

    @property
    def level(self) -> Level:
        """The level of the verdict."""
        if self is Reason.BETTER:
            return "skill"
        if self is Reason.WORSE:
            return "worse"
        judged = (Reason.INSIGNIFICANT, Reason.NOT_BETTER_THAN_PERSISTENCE, Reason.NOT_BETTER_THAN_DRIFT)
        return "no_evidence" if self in judged else "cannot_judge"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The verdict on the test era: its level, a sentence with the numbers, and findings."""

    level: Level
    sentence: str
    findings: tuple[Finding, ...]


def reach_verdict(evaluation: Evaluation) -> Verdict:
    """Reach the verdict on the test era, and check the forecast for weaknesses."""
    reason = find_reason(evaluation)
    findings = worst_first(check_forecast(evaluation, has_skill=reason is Reason.BETTER))
    return Verdict(level=reason.level, sentence=_sentence(reason, evaluation), findings=findings)


def find_reason(evaluation: Evaluation) -> Reason:
    """Find the reason for the level of the verdict.

    Skill requires a squared error below that of persistence, significant at 5% (Diebold-Mariano). If the train mean is the
    harder rival it must be beaten too: any constant beats the last value of a return. The forecast must also be significantly
    more accurate than a constant drift, its own mean change. Rows without time stamps must look ordered over the train era.
    """
    if evaluation.test is None:
        return Reason.SEALED
    lstm, persistence = evaluation.test["lstm"], evaluation.test["persistence"]
    if lstm.n < FEWEST_TEST_ROWS:
        return Reason.TOO_FEW_ROWS
    if lstm.dm_statistic is None or lstm.dm_p_value is None or lstm.r2_oos is None:
        equal = (lstm.rmse, lstm.mae) == (persistence.rmse, persistence.mae)
        return Reason.EQUAL_ERRORS if equal else Reason.TOO_FEW_TIMES
    if evaluation.is_unordered:
        return Reason.UNORDERED
    if naive_rival(evaluation.test) == "mean":
        return _compare_with_mean(lstm, evaluation.naive_checks)
    if lstm.beats_persistence:
        return Reason.NOT_BETTER_THAN_DRIFT if _is_drift(evaluation.naive_checks) else Reason.BETTER
    worse = lstm.dm_p_value < SIGNIFICANT and lstm.dm_statistic > 0
    return Reason.WORSE if worse else Reason.INSIGNIFICANT


def _compare_with_mean(lstm: Scores, naive_checks: NaiveChecks) -> Reason:
    if lstm.dm_mean_statistic is None or lstm.dm_mean_p_value is None:
        return Reason.MEAN_NOT_COMPARED
    if lstm.dm_mean_p_value >= SIGNIFICANT:
        return Reason.INSIGNIFICANT
    if lstm.dm_mean_statistic > 0:
        return Reason.WORSE
    if not lstm.beats_persistence:
        return Reason.NOT_BETTER_THAN_PERSISTENCE
    return Reason.NOT_BETTER_THAN_DRIFT if _is_drift(naive_checks) else Reason.BETTER


def _is_drift(naive_checks: NaiveChecks) -> bool:
    """Return whether the forecast is flat, or no better than a constant drift."""
    if naive_checks.flatness is not None and naive_checks.flatness < CONSTANT:
        return True
    statistic, p_value = naive_checks.drift_statistic, naive_checks.drift_p_value
    return statistic is None or p_value is None or statistic >= 0 or p_value >= SIGNIFICANT


def _sentence(reason: Reason, evaluation: Evaluation) -> str:
    if evaluation.test is None:
        return "Cannot be judged yet: the test era is still sealed."
    lstm, rival = evaluation.test["lstm"], naive_rival(evaluation.test)
    rows = f"{lstm.n:,} held-out test rows"
    match reason:
        case Reason.TOO_FEW_ROWS:
            return f"Cannot be judged: the test era has {lstm.n} rows, a verdict needs at least {FEWEST_TEST_ROWS}."
        case Reason.EQUAL_ERRORS:
            return f"Cannot be judged: on {rows} the errors of the LSTM equal those of persistence."
        case Reason.TOO_FEW_TIMES:
            return f"Cannot be judged: the {rows} have too few time stamps for a test."
        case Reason.UNORDERED:
            return (
                "Cannot be judged: no column holds the time, and the rows of the train era do not look ordered. The mean forecasts "
                "the next row better than the last value does."
            )
        case Reason.MEAN_NOT_COMPARED:
            return f"Cannot be judged: on {rows} the LSTM cannot be told from the train mean."
    if rival == "mean":
        return _against_mean(reason, evaluation.test, rows)
    return _against_persistence(reason, evaluation.test, rows, evaluation.naive_checks)


def _against_persistence(reason: Reason, test: dict[str, Scores], rows: str, naive_checks: NaiveChecks) -> str:
    lstm, persistence = test["lstm"], test["persistence"]
    numbers = (
        f"On {rows} the LSTM's RMSE is {format_error(lstm.rmse)} against {format_error(persistence.rmse)} for persistence "
        f"(DM {format_p(lstm.dm_p_value)})"
    )
    match reason:
        case Reason.BETTER:
            reduction = lstm.r2_oos or 0.0
            drift = _drift_clause(naive_checks, persistence, reduction)
            return f"{numbers}. Evidence of skill: squared error is {format_percent(reduction)} below persistence's{drift}."
        case Reason.WORSE:
            return f"{numbers}: worse than persistence."
        case Reason.NOT_BETTER_THAN_DRIFT:
            return f"{numbers}, but not significantly better than a constant drift: no evidence of skill."
    return f"{numbers}: no evidence of skill."


def _drift_clause(naive_checks: NaiveChecks, persistence: Scores, reduction: float) -> str:
    """Return what a constant drift alone accounts for, or an empty string if it is little."""
    if naive_checks.drift_rmse is None:
        return ""
    alone = 1 - (naive_checks.drift_rmse / persistence.rmse) ** 2
    notable = alone > _NOTABLE_DRIFT * reduction
    return f"; a constant drift alone accounts for {format_percent(alone)}" if notable else ""


def _against_mean(reason: Reason, test: dict[str, Scores], rows: str) -> str:
    lstm, mean = test["lstm"], test["mean"]
    persistence = format_error(test["persistence"].rmse)
    numbers = (
        f"On {rows} the LSTM's RMSE is {format_error(lstm.rmse)} against {format_error(mean.rmse)} for the train mean "
        f"(DM {format_p(lstm.dm_mean_p_value)}), here a harder benchmark than persistence ({persistence})"
    )
    match reason:
        case Reason.BETTER:
            reduction = format_percent(1 - (lstm.rmse / mean.rmse) ** 2)
            return f"{numbers}. Evidence of skill: squared error is {reduction} below the train mean's."
        case Reason.WORSE:
            return f"{numbers}: worse than the train mean."
        case Reason.NOT_BETTER_THAN_PERSISTENCE:
            return f"{numbers}: better than the train mean, but not significantly better than persistence: no evidence of skill."
        case Reason.NOT_BETTER_THAN_DRIFT:
            return f"{numbers}: better than the train mean, but not significantly better than a constant: no evidence of skill."
    return f"{numbers}: no evidence of skill."
