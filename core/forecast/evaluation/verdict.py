"""The verdict: whether there is evidence that the LSTM beats what needs no model: the last value, or the train mean."""

from dataclasses import dataclass
from typing import Literal

from core.findings.model import Finding, Severity, legacy_finding, worst_first
from core.forecast.evaluation.evaluation import Evaluation, NaiveChecks
from core.forecast.evaluation.intervals import kupiec_p_value
from core.forecast.evaluation.scores import LABELS, Scores, naive_rival
from core.text.format import format_error

FEWEST_TEST_ROWS = 50
SIGNIFICANT = 0.05
FLAT = 0.1
# Predictions that move less than this can explain a 2500th of the variance at most: what they gain is the gain of a drift.
CONSTANT = 0.02
_WORTH_TELLING = 0.1
# Of von Neumann's ratio: from here on the mean is a better guess of the next row than the last value is.
ORDERED = 1.0
KUPIEC_SIGNIFICANT = 0.01
COVERAGE_MARGIN = 0.02
HEAVY = 0.5

Level = Literal["skill", "no_evidence", "worse", "cannot_judge"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the test era says, in one sentence with its numbers."""

    level: Level
    sentence: str
    findings: tuple[Finding, ...]


def judge(evaluation: Evaluation) -> Verdict:
    """Return the verdict on the test era: skill needs a smaller squared error than persistence's, beyond luck (p < 0.05).

    Where the train mean is a rival, it must be beaten too: of returns the last value is easily beaten by any constant. And
    what moves in the predictions must be worth it: a constant drift that happened to point the right way is no skill, and the
    forecast must be nearer than its own mean change, beyond luck. Where a count alone orders the rows, the train rows must show
    that it is an order. While test is sealed, or where it cannot tell, the level is `cannot_judge` and the sentence says why.
    """
    level, sentence = _judge_test(evaluation)
    checks = (
        _check_order(evaluation),
        _check_flat(evaluation, level),
        _check_copies(evaluation, level),
        _check_simpler(evaluation),
        _check_direction(evaluation),
        _check_interval(evaluation),
        _check_validation(evaluation),
        _check_weight(evaluation),
    )
    return Verdict(level=level, sentence=sentence, findings=worst_first([finding for finding in checks if finding]))


def _judge_test(evaluation: Evaluation) -> tuple[Level, str]:
    if evaluation.test is None:
        return "cannot_judge", "Could not be judged yet: the test era is still sealed."
    lstm, persistence = evaluation.test["lstm"], evaluation.test["persistence"]
    if lstm.n < FEWEST_TEST_ROWS:
        return (
            "cannot_judge",
            f"Could not be judged: the test era has {lstm.n} rows, and at least {FEWEST_TEST_ROWS} are needed.",
        )
    if lstm.dm_statistic is None or lstm.dm_p_value is None or lstm.r2_oos is None:
        reason = "have too few time stamps for a test"
        if (lstm.rmse, lstm.mae) == (persistence.rmse, persistence.mae):
            reason = "hold the same errors of the LSTM as of persistence"
        return "cannot_judge", f"Could not be judged: the {lstm.n:,} sealed test rows {reason}."
    if _is_disordered(evaluation):
        return (
            "cannot_judge",
            "Could not be judged: no column tells the time, and the train rows do not show that their order is one: the "
            "last value is a worse guess of the next than the mean is.",
        )
    numbers = (
        f"On {lstm.n:,} sealed test rows the LSTM's RMSE is {format_error(lstm.rmse)} against {format_error(persistence.rmse)} "
        f"for persistence (DM {_p_value(lstm.dm_p_value)})"
    )
    significant = lstm.dm_p_value < SIGNIFICANT
    if naive_rival(evaluation.test) == "mean":
        return _judge_against_mean(evaluation)
    if significant and lstm.dm_statistic < 0 and lstm.r2_oos > 0:
        if _is_drift(evaluation.naive_checks):
            return (
                "no_evidence",
                f"{numbers}, but not clearly nearer than its own mean change, a drift: no evidence of skill.",
            )
        by_drift = _say_drift(evaluation.naive_checks, persistence, lstm.r2_oos)
        return "skill", f"{numbers}: evidence of skill, {_percent(lstm.r2_oos)} of the squared error is gone{by_drift}."
    if significant and lstm.dm_statistic > 0:
        return "worse", f"{numbers}: worse than carrying the last value forward."
    return "no_evidence", f"{numbers}: no evidence of skill."


def _is_drift(naive_checks: NaiveChecks) -> bool:
    """Return whether the forecast is next to constant, or not nearer than its own mean change, beyond luck."""
    if naive_checks.flatness is not None and naive_checks.flatness < CONSTANT:
        return True
    statistic, p_value = naive_checks.drift_statistic, naive_checks.drift_p_value
    return statistic is None or p_value is None or statistic >= 0 or p_value >= SIGNIFICANT


def _say_drift(naive_checks: NaiveChecks, persistence: Scores, gone: float) -> str:
    """Return how much of the error the forecast's own mean change takes away alone, where that is a tenth of it or more."""
    if naive_checks.drift_rmse is None:
        return ""
    alone = 1 - (naive_checks.drift_rmse / persistence.rmse) ** 2
    return f", {_percent(alone)} by its mean change alone, a drift" if alone > _WORTH_TELLING * gone else ""


def _judge_against_mean(evaluation: Evaluation) -> tuple[Level, str]:
    test = evaluation.test
    lstm, mean = test["lstm"], test["mean"]
    if lstm.dm_mean_statistic is None or lstm.dm_mean_p_value is None:
        return (
            "cannot_judge",
            f"Could not be judged: the {lstm.n:,} sealed test rows do not tell the LSTM from the train mean.",
        )
    numbers = (
        f"On {lstm.n:,} sealed test rows the LSTM's RMSE is {format_error(lstm.rmse)} against {format_error(mean.rmse)} for the "
        f"train mean (DM {_p_value(lstm.dm_mean_p_value)}), here a harder rival than persistence with "
        f"{format_error(test['persistence'].rmse)}"
    )
    if lstm.dm_mean_p_value >= SIGNIFICANT:
        return "no_evidence", f"{numbers}: no evidence of skill."
    if lstm.dm_mean_statistic > 0:
        return "worse", f"{numbers}: worse than always saying the mean."
    gone = 1 - (lstm.rmse / mean.rmse) ** 2
    if not _beats_persistence(lstm):
        return (
            "no_evidence",
            f"{numbers}: better than that mean, yet not clearly than persistence: no evidence of skill.",
        )
    if _is_drift(evaluation.naive_checks):
        return "no_evidence", f"{numbers}: better than that mean, yet not clearly than its own: no evidence of skill."
    return "skill", f"{numbers}: evidence of skill, {_percent(gone)} of the squared error is gone."


def _is_disordered(evaluation: Evaluation) -> bool:
    return evaluation.neighbours is not None and evaluation.neighbours >= ORDERED


def _check_order(evaluation: Evaluation) -> Finding | None:
    if not _is_disordered(evaluation):
        return None
    return legacy_finding(
        "order-not-shown",
        Severity.WARNING,
        "The rows look like a list, not like a series",
        f"They are only counted, and in train the squared change of {evaluation.task.target} from row to row is "
        f"{format_error(evaluation.neighbours)} times its variance: 2 where the order is chance, below {ORDERED:g} in a series. "
        "Name a column of dates, if there is one.",
    )


def _check_flat(evaluation: Evaluation, level: Level) -> Finding | None:
    flatness, era = evaluation.naive_checks.flatness, evaluation.naive_checks.era
    if flatness is None or flatness >= FLAT or level == "skill":
        return None
    rival = "persistence" if evaluation.of_price else "the train mean"
    return legacy_finding(
        "flat-predictions",
        Severity.WARNING,
        "The predictions hardly move",
        f"On {era}, predicted changes vary {_percent(flatness)} as much as actual ones: in effect this is {rival}.",
    )


def _check_copies(evaluation: Evaluation, level: Level) -> Finding | None:
    naive_checks, horizon = evaluation.naive_checks, evaluation.task.horizon
    if naive_checks.lag_peak != horizon or level == "skill":
        return None
    rows = "the row before" if horizon == 1 else f"{horizon} rows before"
    return legacy_finding(
        "copies-yesterday",
        Severity.WARNING,
        "The forecast copies the last value",
        f"On {naive_checks.era}, the predicted levels are most like the actual ones of {rows}, those known at the origin. On a "
        "chart such a line looks close, one step late.",
    )


def _check_simpler(evaluation: Evaluation) -> Finding | None:
    scores, era = _judged(evaluation)
    # Of several rivals one is nearer by chance the more easily: each has its share of the false alarms.
    significant = SIGNIFICANT / max(1, len(scores) - 1)
    better = {
        name: score
        for name, score in scores.items()
        if score.dm_lstm_statistic is not None and score.dm_lstm_statistic < 0 and score.dm_lstm_p_value < significant
    }
    if not better:
        return None
    best = min(better, key=lambda name: better[name].rmse)
    return legacy_finding(
        "beaten-by-simpler",
        Severity.WARNING,
        f"A simpler model is better: {LABELS[best]}",
        f"On {era}, its RMSE is {format_error(better[best].rmse)}, that of the LSTM {format_error(scores['lstm'].rmse)} "
        f"(DM {_p_value(better[best].dm_lstm_p_value)}).",
    )


def _check_direction(evaluation: Evaluation) -> Finding | None:
    scores, era = _judged(evaluation)
    majority = evaluation.naive_checks.majority_share
    accuracy = scores["lstm"].directional_accuracy if "lstm" in scores else None
    if majority is None or accuracy is None:
        return None
    if accuracy > majority:
        return None
    return legacy_finding(
        "direction-no-better-than-majority",
        Severity.WARNING,
        "Directions are foretold no better than by always saying the same",
        f"On {era}, {_percent(accuracy)} of the directions are right; always saying the more frequent one is right in "
        f"{_percent(majority)}.",
    )


def _check_interval(evaluation: Evaluation) -> Finding | None:
    interval = evaluation.interval
    if interval is None or evaluation.test is None:
        return None
    off = abs(interval.coverage - interval.nominal)
    n = evaluation.test["lstm"].n
    if off <= COVERAGE_MARGIN or kupiec_p_value(interval, n) >= KUPIEC_SIGNIFICANT:
        return None
    how = "wide: it holds more" if interval.coverage > interval.nominal else "narrow: it holds less"
    return legacy_finding(
        "interval-off-nominal",
        Severity.WARNING,
        f"The interval is too {how} than it promises",
        f"It should hold {_percent(interval.nominal)} of the outcomes and held {_percent(interval.coverage)} of {n:,} on test: "
        "the errors are not those of validation.",
    )


def _check_validation(evaluation: Evaluation) -> Finding | None:
    if evaluation.test is None or "lstm" not in evaluation.validation:
        return None
    then, now = evaluation.validation["lstm"], evaluation.test["lstm"]
    if not _beats_persistence(then) or now.r2_oos is None or now.r2_oos > 0:
        return None
    return legacy_finding(
        "validation-good-test-bad",
        Severity.WARNING,
        "Good on validation, not on test",
        f"The R² against persistence is {then.r2_oos or 0:z.3f} on validation and {now.r2_oos:z.3f} on test: what was "
        "learned did not last, or validation was looked at too often.",
    )


def _check_weight(evaluation: Evaluation) -> Finding | None:
    """Say which series these scores are next to those of: errors are squared in the target's own unit."""
    heaviest = evaluation.naive_checks.heaviest
    if heaviest is None or heaviest.share < max(HEAVY, 1.5 / heaviest.of):
        return None
    return legacy_finding(
        "one-series-weighs-most",
        Severity.INFO,
        f"These scores are mostly those of one series: {heaviest.series}",
        f"On {evaluation.naive_checks.era}, {_percent(heaviest.share)} of persistence's squared error is of this one of "
        f"{heaviest.of:,} series: errors are in the target's own unit, so that large moves outweigh small "
        "ones, in the verdict too.",
    )


def _beats_persistence(scores: Scores) -> bool:
    if scores.r2_oos is None or scores.dm_statistic is None or scores.dm_p_value is None:
        return False
    return scores.r2_oos > 0 and scores.dm_statistic < 0 and scores.dm_p_value < SIGNIFICANT


def _judged(evaluation: Evaluation) -> tuple[dict[str, Scores], str]:
    if evaluation.test is not None:
        return evaluation.test, "test"
    return evaluation.validation, "validation"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
