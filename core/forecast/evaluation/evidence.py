"""The evidence behind a verdict, as a checklist with numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.interval_scores import coverage_band
from core.forecast.evaluation.scores import LABELS, SIGNIFICANT, Scores, beside, naive_names, naive_rival
from core.forecast.evaluation.verdict import CONSTANT
from core.forecast.evaluation.verdict_findings import HEAVY_TIME, better_models, is_copy, is_off_nominal
from core.text.format import format_correlation, format_count, format_list, format_p, format_percent, format_time


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One check of a forecast: what is checked, whether it passed (None if it could not be judged), and its numbers."""

    name: str
    passed: bool | None
    sentence: str


def list_evidence(evaluation: Evaluation) -> tuple[Evidence, ...]:
    """Return the checks on the judged era: test once it is open, else validation; empty without scores of the LSTM."""
    scores, _ = evaluation.judged
    if "lstm" not in scores:
        return ()
    return (
        *_signals(evaluation),
        _accuracy(evaluation),
        *_trials(evaluation),
        *_copy(evaluation),
        _variation(evaluation),
        *_direction(evaluation),
        _simpler(scores),
        *_coverage(evaluation),
        *_reliability(evaluation),
        *_causality(evaluation),
        _doubts(evaluation),
    )


def gain_text(score: Scores) -> str:
    """Return the loss of a model relative to that of the best naive forecast, with its 95% interval.

    Examples
    --------
    >>> naive = {"n": 99, "mean_loss": 1.0, "rmse": 1.0, "mae": 1.0, "mase": None, "directional_accuracy": None}
    >>> gain_text(Scores(**naive, r2_oos=0.02, r2_interval=(-0.01, 0.05)))
    'Loss 2% below, 95% interval from 1% above to 5% below'
    """
    text = f"Loss {beside(score.r2_oos or 0.0)}"
    if score.r2_interval is None:
        return text
    low, high = map(beside, score.r2_interval)
    return f"{text}, 95% interval from {low} to {high}"


def _signals(evaluation: Evaluation) -> Iterator[Evidence]:
    scores, _ = evaluation.judged
    for name in naive_names(scores):
        test = scores["lstm"].cw.get(name)
        yield Evidence(
            name=f"Signal beyond {evaluation.naive_phrase(name)}",
            passed=None if test is None else test.p_value < SIGNIFICANT,
            sentence="Clark-West: not known." if test is None else f"Clark-West {format_p(test.p_value)}.",
        )


def _accuracy(evaluation: Evaluation) -> Evidence:
    scores, _ = evaluation.judged
    lstm, rival = scores["lstm"], naive_rival(scores)
    known = "not known" if lstm.dm_p_value is None else format_p(lstm.dm_p_value)
    return Evidence(
        name=f"More accurate than {evaluation.naive_phrase(rival)}",
        passed=all(lstm.mean_loss < scores[name].mean_loss for name in naive_names(scores)),
        sentence=f"{gain_text(lstm)}; Diebold-Mariano {known}.",
    )


def _trials(evaluation: Evaluation) -> Iterator[Evidence]:
    if evaluation.test is None:
        return
    judged, adjusted = evaluation.trials.judged_on_test, evaluation.adjusted_p
    sentence = "Trials: not counted."
    if judged is not None:
        known = "" if adjusted is None else f"; adjusted {format_p(adjusted)}"
        sentence = f"{format_count(judged, 'setting')} judged on this test era{known}."
    yield Evidence(
        name="Significant as the best of all trials",
        passed=None if adjusted is None else adjusted < SIGNIFICANT,
        sentence=sentence,
    )


def _copy(evaluation: Evaluation) -> Iterator[Evidence]:
    checks = evaluation.naive_checks
    if evaluation.task.is_direction:
        return
    sentence = "The forecast repeats the last value, or there are too few rows."
    if checks.slope is not None:
        slope, known = format_correlation(checks.slope), format_p(checks.slope_p_value)
        sentence = f"Slope of actual on predicted changes {slope} ({known} for a slope above 0)."
    yield Evidence(
        name="Not a copy of the last value",
        passed=None if checks.majority_share is None else not is_copy(evaluation),
        sentence=sentence,
    )


def _variation(evaluation: Evaluation) -> Evidence:
    flatness = evaluation.naive_checks.flatness
    pair = ("Probabilities", "outcomes") if evaluation.task.is_direction else ("Predicted changes", "actual ones")
    return Evidence(
        name="Predictions vary",
        passed=None if flatness is None else flatness >= CONSTANT,
        sentence="Not known."
        if flatness is None
        else f"{pair[0]} vary {format_percent(flatness)} as much as {pair[1]}.",
    )


def _direction(evaluation: Evaluation) -> Iterator[Evidence]:
    scores, _ = evaluation.judged
    lstm, majority = scores["lstm"], evaluation.naive_checks.majority_share
    accuracy, p_value = lstm.directional_accuracy, lstm.pt_p_value
    if accuracy is None or majority is None:
        return
    known = "" if p_value is None else f"; Pesaran-Timmermann {format_p(p_value)}"
    is_significant = None if p_value is None else p_value < SIGNIFICANT
    yield Evidence(
        name="Direction",
        passed=accuracy > majority and is_significant,
        sentence=f"{format_percent(accuracy)} right; always the more frequent one: {format_percent(majority)}{known}.",
    )


def _simpler(scores: dict[str, Scores]) -> Evidence:
    better = better_models(scores)
    others = format_count(len(scores) - 1, "other model")
    sentence = f"None of {others} is significantly more accurate."
    if better:
        best = min(better, key=lambda name: better[name].mean_loss)
        gain = 1 - better[best].mean_loss / scores["lstm"].mean_loss
        sentence = f"{LABELS[best]}: loss {format_percent(gain)} below that of the LSTM."
    return Evidence(name="No simpler model is better", passed=not better, sentence=sentence)


def _coverage(evaluation: Evaluation) -> Iterator[Evidence]:
    interval = evaluation.interval
    if interval is None or evaluation.test is None:
        return
    by_volatility = ""
    if interval.coverage_by_volatility is not None:
        shares = format_list([format_percent(share) for share in interval.coverage_by_volatility])
        by_volatility = f"; at low, middle and high volatility {shares}"
    low, high = coverage_band(interval.nominal, interval.effective_n)
    yield Evidence(
        name="Interval coverage",
        passed=not is_off_nominal(interval),
        sentence=f"{format_percent(interval.coverage)}, nominal {format_percent(interval.nominal)} "
        f"(by chance {format_percent(low)} to {format_percent(high)}){by_volatility}.",
    )


def _causality(evaluation: Evaluation) -> Iterator[Evidence]:
    certificate = evaluation.causality
    if certificate is not None:
        yield Evidence(name="Independent of later rows", passed=certificate.holds, sentence=certificate.sentence)


def _reliability(evaluation: Evaluation) -> Iterator[Evidence]:
    fitted, p_value = evaluation.calibration, evaluation.reliability_p
    if not evaluation.task.is_direction or fitted is None:
        return
    known = "not known" if p_value is None else format_p(p_value)
    yield Evidence(
        name="Reliable probabilities",
        passed=None if p_value is None else p_value >= SIGNIFICANT,
        sentence=f"Hosmer-Lemeshow {known}. Calibration on validation shrinks log odds towards the train frequency, to "
        f"{format_percent(fitted.slope)} of their distance.",
    )


def _doubts(evaluation: Evaluation) -> Evidence:
    doubts = []
    if evaluation.suspected or evaluation.known_in_time:
        names = dict.fromkeys([*(leak.column for leak in evaluation.suspected), *evaluation.known_in_time])
        doubts.append(f"suspected of look-ahead: {format_list(list(names))}")
    if evaluation.outside_train:
        doubts.append(f"{format_count(len(evaluation.outside_train), 'input')} outside the train range")
    if evaluation.problem_columns:
        doubts.append(f"open problems of Quality: {format_list(list(evaluation.problem_columns))}")
    if evaluation.averaging is not None:
        doubts.append(f"{evaluation.task.target} looks like an average over each period")
    heaviest = evaluation.naive_checks.heaviest_time
    if heaviest is not None and heaviest.share >= HEAVY_TIME:
        doubts.append(f"{format_percent(heaviest.share)} of the loss comes from {format_time(heaviest.time)}")
    if evaluation.diverged:
        doubts.append(f"diverged: {format_list([LABELS.get(name, name) for name in evaluation.diverged])}")
    return Evidence(name="Free of doubts", passed=not doubts, sentence=f"{'; '.join(doubts) or 'None found'}.")
