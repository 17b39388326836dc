"""The verdict: whether the LSTM has a signal beyond every naive forecast, and is more accurate, on the test era."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from core.findings.model import Finding, worst_first
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.scores import SIGNIFICANT, beside, naive_names, naive_rival
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.verdict_findings import check_forecast
from core.text.format import format_count, format_list, format_p, format_percent

FEWEST_TEST_ROWS = 50
# Predictions that vary less explain at most a 2500th of the variance: any gain is that of a drift.
CONSTANT = 0.02

Level = Literal["skill", "no_evidence", "worse", "cannot_judge"]

TITLES: dict[Level, str] = {
    "skill": "Evidence of skill",
    "no_evidence": "No evidence of skill",
    "worse": "Worse than a naive forecast",
    "cannot_judge": "No verdict",
}


class Reason(StrEnum):
    """Why the verdict has its level."""

    SEALED = "sealed"
    NOT_CAUSAL = "not_causal"
    SUSPECTED_LEAK = "suspected_leak"
    TOO_FEW_ROWS = "too_few_rows"
    EQUAL_ERRORS = "equal_errors"
    NAIVE = "naive"
    TOO_FEW_TIMES = "too_few_times"
    UNORDERED = "unordered"
    NO_SIGNAL = "no_signal"
    CONSTANT = "constant"
    NOT_MORE_ACCURATE = "not_more_accurate"
    MANY_TRIALS = "many_trials"
    WORSE = "worse"
    BETTER = "better"

    @property
    def level(self) -> Level:
        """The level of the verdict."""
        if self is Reason.BETTER:
            return "skill"
        if self is Reason.WORSE:
            return "worse"
        judged = (Reason.NAIVE, Reason.NO_SIGNAL, Reason.CONSTANT, Reason.NOT_MORE_ACCURATE, Reason.MANY_TRIALS)
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


def find_outlook(evaluation: Evaluation) -> Level:
    """Find the level of the verdict or, while the test era is sealed, the level that the validation era alone would give.

    Training stopped early by the validation era, so its scores are optimistic.
    """
    return (find_reason(evaluation) if evaluation.test else find_reason(_on_validation(evaluation))).level


def title_verdict(evaluation: Evaluation) -> str:
    """Return the outlook as a heading, which names the validation era if it was judged on that."""
    level = find_outlook(evaluation)
    judged_early = evaluation.test is None and level != "cannot_judge"
    return f"{TITLES[level]} on validation" if judged_early else TITLES[level]


def _on_validation(evaluation: Evaluation) -> Evaluation:
    """Return the evaluation as if validation were the test era; trials are not counted, since none was judged on it."""
    return replace(evaluation, test=evaluation.validation or None, trials=Trials())


def find_reason(evaluation: Evaluation) -> Reason:
    """Find the reason for the level of the verdict.

    Skill needs two things on the test era: a signal beyond every naive forecast, significant at 5% (Clark-West, one-sided), and a
    lower mean loss than each of them. If several settings were judged on the test era, the signal must be significant as the best
    of them (Bonferroni). A forecast that hardly varies is a drift, whatever it gains; one that equals a naive forecast has no
    skill. While a chosen column is suspected of look-ahead, or if forecasts depend on later rows, nothing is judged. Rows without
    time stamps must look ordered over the train era.
    """
    if evaluation.test is None:
        return Reason.SEALED
    if evaluation.causality is not None and not evaluation.causality.holds:
        return Reason.NOT_CAUSAL
    if evaluation.suspected:
        return Reason.SUSPECTED_LEAK
    scores = evaluation.test
    lstm, naive = scores["lstm"], naive_names(scores)
    if lstm.n < FEWEST_TEST_ROWS:
        return Reason.TOO_FEW_ROWS
    if evaluation.is_unordered:
        return Reason.UNORDERED
    if set(lstm.cw) != set(naive):
        if not any(lstm.mean_loss == scores[name].mean_loss for name in naive if name not in lstm.cw):
            return Reason.TOO_FEW_TIMES
        return Reason.NAIVE if lstm.mean_loss > 0 else Reason.EQUAL_ERRORS
    is_lower = all(lstm.mean_loss < scores[name].mean_loss for name in naive)
    if lstm.has_signal(naive) and is_lower:
        if _is_constant(evaluation):
            return Reason.CONSTANT
        adjusted = evaluation.adjusted_p
        return Reason.BETTER if adjusted is None or adjusted < SIGNIFICANT else Reason.MANY_TRIALS
    statistic, p_value = lstm.dm_statistic, lstm.dm_p_value
    if statistic is not None and statistic > 0 and p_value is not None and p_value < SIGNIFICANT:
        return Reason.WORSE
    return Reason.NOT_MORE_ACCURATE if lstm.has_signal(naive) else Reason.NO_SIGNAL


def _is_constant(evaluation: Evaluation) -> bool:
    flatness = evaluation.naive_checks.flatness
    return flatness is not None and flatness < CONSTANT


def _sentence(reason: Reason, evaluation: Evaluation) -> str:
    if evaluation.test is None:
        return _early_sentence(evaluation)
    if reason is Reason.SUSPECTED_LEAK:
        return _suspicion(evaluation)
    if reason is Reason.NOT_CAUSAL and evaluation.causality is not None:
        return f"Cannot be judged. {evaluation.causality.sentence}"
    rows = f"{evaluation.test['lstm'].n:,} held-out test rows"
    match reason:
        case Reason.TOO_FEW_ROWS:
            found = evaluation.test["lstm"].n
            return f"Cannot be judged: the test era has {found} rows, a verdict needs at least {FEWEST_TEST_ROWS}."
        case Reason.EQUAL_ERRORS:
            return f"Cannot be judged: on {rows} neither the LSTM nor a naive forecast makes an error."
        case Reason.NAIVE:
            return _naive_sentence(rows)
        case Reason.TOO_FEW_TIMES:
            return f"Cannot be judged: the {rows} have too few time stamps for a test."
        case Reason.UNORDERED:
            return (
                "Cannot be judged: no column holds the time, and the rows of the train era do not look ordered. The mean forecasts "
                "the next row better than the last value does."
            )
    return f"{_numbers(evaluation, rows)} {_conclusion(reason, evaluation)}{_known_in_time(evaluation)}"


def _early_sentence(evaluation: Evaluation) -> str:
    """Return what the validation era shows, and that the test era is not judged."""
    early = _on_validation(evaluation)
    reason = find_reason(early)
    if reason in (Reason.SUSPECTED_LEAK, Reason.NOT_CAUSAL):
        return _sentence(reason, early)
    verdict_text = f"Only the test era gives a verdict: {_unscored(evaluation)}."
    if reason.level == "cannot_judge":
        return f"Cannot be judged yet. {verdict_text}"
    rows = f"{evaluation.validation['lstm'].n:,} validation rows"
    found = _naive_sentence(rows) if reason is Reason.NAIVE else _numbers(early, rows)
    return f"{found} {verdict_text}"


def _naive_sentence(rows: str) -> str:
    return (
        f"No evidence of skill: on {rows} the LSTM's forecast is that of a naive one. Training never improved on its initial "
        "weights."
    )


def _unscored(evaluation: Evaluation) -> str:
    if not evaluation.trials.is_open:
        return "it is still sealed"
    times = format_count(evaluation.trials.opened or 0, "time")
    return f"it was opened {times}, but this training is not scored on it"


def _suspicion(evaluation: Evaluation) -> str:
    worst = max(evaluation.suspected, key=lambda leak: leak.share)
    names = format_list(list(dict.fromkeys(leak.column for leak in evaluation.suspected)))
    many = len(evaluation.suspected) > 1
    return (
        f"Cannot be judged: {names} {'are' if many else 'is'} suspected of look-ahead. {worst.column} explains "
        f"{format_percent(worst.share)} of the later change of {evaluation.task.target}. Drop {'them' if many else 'it'}, set a "
        f"publication delay, or confirm that {'they are' if many else 'it is'} known at forecast time."
    )


def _numbers(evaluation: Evaluation, rows: str) -> str:
    """Return the loss against that of the best naive forecast, with both tests."""
    scores = evaluation.test or {}
    lstm, rival, trials = scores["lstm"], naive_rival(scores), evaluation.trials.judged_on_test or 0
    gain = lstm.r2_oos or 0.0
    against = f"{beside(gain)} that of {evaluation.naive_phrase(rival)}"
    tests = [f"Clark-West {format_p(lstm.signal_p)}"] if lstm.signal_p is not None else []
    tests += [f"adjusted {format_p(evaluation.adjusted_p)} as the best of {trials} trials"] if trials > 1 else []
    tests += [f"Diebold-Mariano {format_p(lstm.dm_p_value)}"] if lstm.dm_p_value is not None else []
    return f"On {rows} the LSTM's {evaluation.loss_name} is {against} ({', '.join(tests)})."


def _conclusion(reason: Reason, evaluation: Evaluation) -> str:
    scores = evaluation.test or {}
    lstm, rival = scores["lstm"], naive_rival(scores)
    match reason:
        case Reason.BETTER:
            is_sure = lstm.dm_p_value is not None and lstm.dm_p_value < SIGNIFICANT
            doubt = "" if is_sure else " The signal is significant; the gain in accuracy by itself is not."
            counted = "" if evaluation.trials.judged_on_test is not None else " Trials: not counted."
            return f"Evidence of skill.{doubt}{_earlier_periods(evaluation)}{counted}"
        case Reason.WORSE:
            return f"Worse than {evaluation.naive_phrase(rival)}."
        case Reason.CONSTANT:
            return "No evidence of skill: the forecast hardly varies, so any gain is that of a constant drift."
        case Reason.NOT_MORE_ACCURATE:
            known = "there is a signal, but the forecast is not more accurate than"
            return f"No evidence of skill: {known} {evaluation.naive_phrase(rival)}."
        case Reason.MANY_TRIALS:
            return (
                f"No evidence of skill: as the best of {evaluation.trials.judged_on_test} trials on this test era, the signal is "
                "not significant."
            )
    failed = [name for name, test in lstm.cw.items() if test.p_value >= SIGNIFICANT]
    return f"No evidence of skill: no significant signal beyond {' or '.join(evaluation.naive_phrase(name) for name in failed)}."


def _earlier_periods(evaluation: Evaluation) -> str:
    """Return that most earlier periods do not agree, if so."""
    found = evaluation.walk_forward
    if found is None or not found.is_split:
        return ""
    better, periods = found.earlier
    return f" But in earlier periods the LSTM is better than {evaluation.naive_phrase(found.rival)} in only {better} of {periods}."


def _known_in_time(evaluation: Evaluation) -> str:
    """Return the columns that are suspected, but that the user confirms to be known at forecast time."""
    if not evaluation.known_in_time:
        return ""
    many = len(evaluation.known_in_time) > 1
    names = format_list(evaluation.known_in_time)
    return (
        f" {names} {'are' if many else 'is'} suspected of look-ahead; the user confirms that {'they are' if many else 'it is'} "
        "known at forecast time."
    )
