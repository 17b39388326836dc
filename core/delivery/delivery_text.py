"""What report and model card share about a model: its next forecast, how the bundle was verified, the limits of the study."""

import math

from core.delivery.bundle import Refit, Verified
from core.delivery.next_forecast import NextRow
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.units import level_text, units_of
from core.text.escape import plain_text
from core.text.format import format_count, format_number, format_percent, format_time


def verified_text(verified: Verified | None, fault: str = "", *, is_refitted: bool = False) -> str:
    """Return how the bundle was verified, in a sentence; a refitted one is compared with the refitted network's predictions.

    Examples
    --------
    >>> verified_text(Verified(rows=188, largest=2e-9, read="file"))
    'Verified: 188 predictions of the unpacked bundle equal those of the run to 2e-09.'
    >>> verified_text(Verified(rows=1, largest=0.0, read="file"))
    'Verified: 1 prediction of the unpacked bundle equals that of the run exactly.'
    """
    if verified is None:
        return fault or "Not verified: the bundle was written before bundles were checked."
    is_one = verified.rows == 1
    exactly = "exactly" if verified.largest == 0 else f"to {verified.largest:.0e}"
    equal, whose = "equals that" if is_one else "equal those", "refitted network" if is_refitted else "run"
    text = f"Verified: {format_count(verified.rows, 'prediction')} of the unpacked bundle {equal} of the {whose} {exactly}."
    if verified.read == "table":
        text += " Its own reader does not read your file's layout: it scored the table that Plumbline read from it."
    return text


def refit_text(refit: Refit) -> str:
    """Return what a refitted network is, and what its scores and interval are, in sentences.

    Examples
    --------
    >>> refit_text(Refit(until="2017-02-28T00:00:00.000000", epochs=(7, 9))).partition(".")[0]
    'Refitted on train and validation up to 2017-02-28, for 7 and 9 epochs'
    """
    epochs = " and ".join(f"{count:,}" for count in refit.epochs)
    unit = "epoch" if refit.epochs == (1,) else "epochs"
    return (
        f"Refitted on train and validation up to {format_time(refit.until)}, for {epochs} {unit}. This network was not evaluated; "
        "the scores are those of the network trained on train only. The interval is the one calibrated for that network."
    )


def ahead_text(evaluation: Evaluation, found: NextRow) -> str:
    """Return a forecast beyond the data in a sentence, with its interval or band."""
    task = evaluation.task
    when = f"for {format_time(found.time)}" if found.time else f"{format_count(task.horizon, 'row')} ahead"
    whose = "" if found.series is None else f"{plain_text(found.series, 60)}: "
    if task.is_direction:
        text = f"{whose}{format_percent(found.lstm)} probability that {task.event}, {when}"
        ends = "" if found.lower is None else f" (band {format_percent(found.lower)} to {format_percent(found.upper)})"
    else:
        text = f"{whose}{_level(evaluation, found.lstm)} {when}"
        ends = ""
        if found.lower is not None and found.upper is not None:
            ends = f" (interval {_range(evaluation, found.lower, found.upper)})"
    return f"{text}{ends}, from the row of {format_time(found.origin)}."


def _level(evaluation: Evaluation, level: float) -> str:
    """Return a level with six significant digits, or as a volatility in its units."""
    if evaluation.volatility is not None:
        return level_text(evaluation, level)
    size = math.floor(math.log10(abs(level))) if level else 0
    return f"{level:,.{min(max(5 - size, 0), 10)}f}"


def _range(evaluation: Evaluation, low: float, high: float) -> str:
    """Return two levels: "2,430 to 2,580", "1.08% to 11.7% per row, 17.1% to 185% a year"."""
    if evaluation.volatility is None:
        return f"{_level(evaluation, low)} to {_level(evaluation, high)}"
    return ", ".join(
        f"{format_number(unit.factor * low)}{unit.sign} to {format_number(unit.factor * high)}{unit.sign} {unit.name}"
        for unit in units_of(evaluation)
    )


def limits_of(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the limits of the study, a sentence each."""
    scores, era = evaluation.judged
    limits = [f"Judged on {scores['lstm'].n:,} {era} rows of one file." if "lstm" in scores else "Not judged."]
    if evaluation.test is None:
        state = "was opened, but not for this training" if evaluation.trials.is_open else "is sealed"
        limits.append(f"The test era {state}. Validation chose the epoch, so its scores are optimistic.")
    trials = evaluation.trials
    if trials.trained is None or trials.opened is None or trials.judged_on_test is None:
        limits.append(
            "Trials were not counted: how many settings were tried, and how often the test era was opened, is unknown."
        )
    else:
        limits.append(
            f"{format_count(trials.trained, 'setting')} trained on this file; test era opened "
            f"{format_count(trials.opened, 'time')}; {format_count(trials.judged_on_test, 'setting')} judged on it."
        )
    if evaluation.causality is not None:
        limits.append(evaluation.causality.sentence)
    else:
        limits.append("That nothing depends on later rows was not checked.")
    if evaluation.suspected:
        names = ", ".join(plain_text(leak.column, 60) for leak in evaluation.suspected[:5])
        limits.append(f"Suspected of look-ahead, and used: {names}.")
    if evaluation.known_in_time:
        names = ", ".join(plain_text(name, 60) for name in evaluation.known_in_time[:5])
        limits.append(f"Known at forecast time, on the user's word alone: {names}.")
    if evaluation.outside_train:
        limits.append(
            f"{format_count(len(evaluation.outside_train), 'feature')} with a tenth or more of the {era} rows outside the "
            "train range."
        )
    if evaluation.interval is not None:
        interval = evaluation.interval
        limits.append(
            f"Nominal coverage of the interval: {format_percent(interval.nominal)}; actual coverage: "
            f"{format_percent(interval.coverage)} of {format_count(interval.n, 'test row')}. It adapts to past misses: score "
            "a file that contains the history, not only the last rows."
        )
    limits.append("A forecast of the past says nothing about costs, liquidity or a change of regime to come.")
    return tuple(limits)
