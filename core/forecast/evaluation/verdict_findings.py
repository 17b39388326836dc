"""Findings on the forecast: what weakens it, on test once it is open, else on validation."""

from collections.abc import Iterator

from core.findings.model import Finding
from core.findings.verdict import (
    BeatenBySimpler,
    CopiesYesterday,
    DependsOnLaterRows,
    DirectionNoBetterThanMajority,
    FewPeriodsAgree,
    FlatPredictions,
    InputsOutsideTrain,
    IntervalOffNominal,
    IntervalUneven,
    ModelDiverged,
    OneSeriesWeighsMost,
    OneTimeWeighsMost,
    OrderNotShown,
    PeriodAverages,
    QualityProblemsLeft,
    ValidationGoodTestBad,
)
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.interval_scores import IntervalScores, coverage_band
from core.forecast.evaluation.scores import LABELS, SIGNIFICANT, Scores, naive_names
from core.forecast.evaluation.volatility import TERCILES

FLAT = 0.1
COVERAGE_MARGIN = 0.02
FEWEST_FOR_TERCILES = 300
HEAVY, HEAVY_TIME = 0.5, 0.3


def check_forecast(evaluation: Evaluation, *, has_skill: bool) -> list[Finding]:
    """Check a forecast for signs that it is naive, beaten, or unreliable.

    A forecast with skill may be flat or peak at the horizon: neither is then a finding.
    """
    findings = [*_check_naive(evaluation, has_skill=has_skill), *_check_scores(evaluation)]
    findings += [*_check_interval(evaluation), *_check_test(evaluation)]
    found = evaluation.walk_forward
    if has_skill and found is not None and found.is_split:
        better, periods = found.earlier
        findings.append(FewPeriodsAgree(better=better, periods=periods, rival=evaluation.naive_phrase(found.rival)))
    return findings


def check_flatness(evaluation: Evaluation, *, has_skill: bool) -> FlatPredictions | None:
    """Check whether predicted changes hardly vary; those of a forecast with skill may."""
    checks = evaluation.naive_checks
    if checks.flatness is None or checks.flatness >= FLAT or has_skill or evaluation.task.is_direction:
        return None
    return FlatPredictions(era=checks.era, flatness=checks.flatness, mean_is_rival=evaluation.mean_is_rival)


def _check_naive(evaluation: Evaluation, *, has_skill: bool) -> Iterator[Finding]:
    checks, certificate = evaluation.naive_checks, evaluation.causality
    if certificate is not None and not certificate.holds:
        yield DependsOnLaterRows(cuts=tuple(check.cut for check in certificate.checks if not check.holds))
    if evaluation.is_unordered and evaluation.von_neumann_ratio is not None:
        yield OrderNotShown(target=evaluation.task.target, ratio=evaluation.von_neumann_ratio)
    if (flat := check_flatness(evaluation, has_skill=has_skill)) is not None:
        yield flat
    if is_copy(evaluation) and not has_skill:
        yield CopiesYesterday(era=checks.era, slope=checks.slope, p_value=checks.slope_p_value)
    if evaluation.outside_train:
        found = tuple((each.feature, each.share) for each in evaluation.outside_train)
        yield InputsOutsideTrain(era=checks.era, features=found)
    if evaluation.problem_columns:
        yield QualityProblemsLeft(columns=evaluation.problem_columns)
    if evaluation.averaging is not None:
        yield PeriodAverages(target=evaluation.task.target, autocorrelation=evaluation.averaging)
    for name in evaluation.diverged:
        yield ModelDiverged(model=LABELS.get(name, name))
    heaviest_time = checks.heaviest_time
    if heaviest_time is not None and heaviest_time.share >= HEAVY_TIME:
        yield OneTimeWeighsMost(era=checks.era, time=heaviest_time.time, share=heaviest_time.share)
    heaviest = checks.heaviest
    if heaviest is not None and heaviest.share >= max(HEAVY, 1.5 / heaviest.of):
        yield OneSeriesWeighsMost(
            era=checks.era, series=heaviest.series, share=heaviest.share, series_count=heaviest.of
        )


def is_copy(evaluation: Evaluation) -> bool:
    """Return whether the forecast cannot be told from the last value: no signal, and no slope above 0."""
    scores, _ = evaluation.judged
    checks = evaluation.naive_checks
    if "lstm" not in scores or checks.majority_share is None or evaluation.task.is_direction:
        return False
    signal = scores["lstm"].cw.get("persistence")
    has_signal = signal is not None and signal.p_value < SIGNIFICANT
    has_slope = checks.slope_p_value is not None and checks.slope_p_value < SIGNIFICANT
    return not has_signal and not has_slope


def better_models(scores: dict[str, Scores]) -> dict[str, Scores]:
    """Return the models that are significantly more accurate than the LSTM.

    Bonferroni: one of several rivals is more accurate by chance more often than a single one.
    """
    significant = SIGNIFICANT / max(1, len(scores) - 1)
    return {
        name: score
        for name, score in scores.items()
        if score.dm_lstm_statistic is not None
        and score.dm_lstm_p_value is not None
        and score.dm_lstm_statistic < 0
        and score.dm_lstm_p_value < significant
    }


def _check_scores(evaluation: Evaluation) -> Iterator[Finding]:
    scores, era = evaluation.judged
    if better := better_models(scores):
        best = min(better, key=lambda name: better[name].mean_loss)
        yield BeatenBySimpler(
            era=era,
            rival=LABELS[best],
            gain=1 - better[best].mean_loss / scores["lstm"].mean_loss,
            p_value=better[best].dm_lstm_p_value,
        )
    majority = evaluation.naive_checks.majority_share
    accuracy = scores["lstm"].directional_accuracy if "lstm" in scores else None
    if majority is not None and accuracy is not None and accuracy <= majority:
        yield DirectionNoBetterThanMajority(era=era, accuracy=accuracy, majority_share=majority)


def is_off_nominal(interval: IntervalScores) -> bool:
    """Return whether coverage differs from nominal by more than chance, at 1%, and by more than two points."""
    low, high = coverage_band(interval.nominal, interval.effective_n)
    return abs(interval.coverage - interval.nominal) > COVERAGE_MARGIN and not low <= interval.coverage <= high


def _check_interval(evaluation: Evaluation) -> Iterator[Finding]:
    interval = evaluation.interval
    if interval is None or evaluation.test is None:
        return
    if is_off_nominal(interval):
        yield IntervalOffNominal(coverage=interval.coverage, nominal=interval.nominal, outcomes=interval.n)
    elif interval.coverage_by_volatility is not None and interval.effective_n >= FEWEST_FOR_TERCILES:
        low, _ = coverage_band(interval.nominal, interval.effective_n // 3)
        worst = min(interval.coverage_by_volatility)
        if worst < low:
            place = interval.coverage_by_volatility.index(worst)
            yield IntervalUneven(
                volatility=TERCILES[place], coverage=worst, nominal=interval.nominal, outcomes=interval.n // 3
            )


def _check_test(evaluation: Evaluation) -> Iterator[Finding]:
    if evaluation.test is None or "lstm" not in evaluation.validation:
        return
    validation, test = evaluation.validation["lstm"], evaluation.test["lstm"]
    good = validation.has_signal(naive_names(evaluation.validation)) and (validation.r2_oos or 0) > 0
    if good and validation.r2_oos is not None and test.r2_oos is not None and test.r2_oos <= 0:
        yield ValidationGoodTestBad(r2_validation=validation.r2_oos, r2_test=test.r2_oos)
