"""Faults of a manifest: values that no export writes, a sentence each, found before anything is built."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from core.cleaning.fitted import FittedCleaning
from core.data.columns import LINE, Kind, Roles
from core.data.eras import Eras
from core.forecast.evaluation.bounds import OutcomeBounds
from core.forecast.evaluation.intervals import Interval
from core.forecast.evaluation.trials import Trials
from core.forecast.network.network import Network
from core.forecast.network.scaling import LOWEST_CAP, MOST_OF_SERIES, Scaling, SeriesScaling
from core.recipe.settings_data import IngestSettings
from core.samples.features import FeaturePlan
from core.samples.task import Task

MOST_PERIODS = 10_000
# A chosen feature needs at most one other: a plan holds those that the chosen ones need.
MOST_STEPS = 20_000
# No price, volume or rate is larger, in any currency; float64 keeps its square.
LARGEST = 1e30
LARGEST_LOG_ODDS = 50.0
# e to this power is no price: log returns and log changes of volatilities are smaller.
LARGEST_LOG = 300.0
# An absolute error is at most this multiple of the volatility known at its origin, even after months without a move.
LARGEST_SCORE = 1e15
# float64 has 16 digits: a centre this many scales away leaves too few for the feature.
_DIGITS = 1e12
MOST_SWAPS = 100
MOST_CODES = 1_000
# Weights of a network that learned anything are below 100.
LARGEST_WEIGHT = 1e6
_WIDEST = 1_000.0
_FEWEST_PERIODS = {"level": 0, "rolling_mean": 2, "rolling_std": 2}
_LONGEST_GAP = 1_000_000
_LONGEST_STEP = 400 * 86_400_000_000
# What both datetime and numpy read, as the same date; of the other ISO forms, each reads some alone.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?")


def eras_faults(eras: Eras) -> Iterator[str]:
    """Yield the faults of the eras."""
    dates = []
    for name in ("start", "validation_from", "test_from", "end"):
        text = getattr(eras, name)
        found = _read_date(text)
        if found is None:
            yield f"eras.{name} is {text[:40]!r}, which is not a date"
        else:
            dates.append(found)
    if dates != sorted(dates):
        yield "the dates of the eras are out of order"
    if min(eras.rows) < 0 or not 0 <= eras.embargo <= MOST_PERIODS:
        yield "the eras have a negative number of rows"


def columns_faults(roles: Roles, kinds: dict[str, Kind], ingest: IngestSettings) -> Iterator[str]:
    """Yield the faults of the columns."""
    keys = [roles.time, *([] if roles.series is None else [roles.series])]
    if len({*keys, *kinds}) < len(keys) + len(kinds):
        yield "a column is both a time stamp or series and a number"
    if len(kinds) > MOST_STEPS:
        yield "there are too many columns"
    text = [name for name, kind in kinds.items() if not kind.is_numeric]
    if text:
        yield f"the column {text[0][:40]!r} holds no numbers"
    if not {*keys, *kinds}.isdisjoint(ingest.ignore):
        yield "reading ignores a column of the model"
    if {"", LINE} & {*keys, *kinds}:
        yield f"a column has no name, or the reserved name {LINE}"
    lists = (ingest.ignore, ingest.sentinels, ingest.zero_is_missing, ingest.as_numbers, ingest.thirty_seconds)
    if max(map(len, lists)) > MOST_STEPS or len(ingest.sentinels) > MOST_CODES:
        yield "reading has a list that is too long"
    if any(len(name) > 10_000 for name in (*keys, *kinds)):
        yield "a column name is too long"


def cleaning_faults(cleaning: FittedCleaning) -> Iterator[str]:
    """Yield the faults of the cleaning."""
    features, columns = set(cleaning.features), set(cleaning.columns)
    if len(features) < len(cleaning.features) or cleaning.roles.target in features:
        yield "the cleaning has a feature twice"
    if not features >= {*cleaning.fill_values, *cleaning.fill_by_series, *cleaning.clip, *cleaning.unbounded}:
        yield "the cleaning changes a column that is no feature"
    if not columns >= cleaning.sentinels.keys():
        yield "the cleaning has codes of a column that is not read"
    if any(len(codes) > MOST_CODES for codes in cleaning.sentinels.values()):
        yield f"the cleaning has more than {MOST_CODES:,} codes of a column"
    if len(cleaning.swaps) > MOST_SWAPS or any(len(set(pair.columns)) < len(pair.columns) for pair in cleaning.swaps):
        yield "the cleaning swaps columns that are not a pair of volumes, or too many pairs"
    for name, (low, high) in cleaning.clip.items():
        if low > high or not _are_plausible((low, high)):
            yield f"the clip bounds of {name[:40]!r} are out of order or too large"
    filled = [*cleaning.fill_values.values(), *(v for by in cleaning.fill_by_series.values() for v in by.values())]
    if not _are_plausible(filled):
        yield "a fill value is too large"
    if not 0 <= cleaning.max_fill <= MOST_PERIODS or not 0 <= cleaning.max_gap <= _LONGEST_GAP:
        yield "the longest fill or gap is negative or too long"
    calendar = cleaning.calendar
    if calendar is not None and not (1 <= calendar.step <= _LONGEST_STEP and 0 <= calendar.rows_per_day <= 86_400):
        yield "the sampling interval of the cleaning is not one"


def features_faults(plan: FeaturePlan, chosen: tuple[str, ...], columns: Iterable[str]) -> Iterator[str]:
    """Yield the faults of the features."""
    if len(plan.steps) > MOST_STEPS:
        yield f"there are {len(plan.steps):,} features, more than {MOST_STEPS:,}"
        return
    if len(set(chosen)) < len(chosen):
        yield "a feature is chosen twice"
    columns, known = set(columns), set[str]()
    for step in plan.steps:
        label = repr(step.name[:40])
        if step.name in known:
            yield f"two features are named {label}"
        if step.source not in (columns if step.is_base else known):
            yield f"the feature {label} is computed from {step.source[:40]!r}, which does not exist"
        if not _FEWEST_PERIODS.get(step.kind, 1) <= step.periods <= MOST_PERIODS or not 0 <= step.delay <= MOST_PERIODS:
            yield f"the feature {label} looks back {step.periods} rows with a delay of {step.delay}"
        if step.delay and not step.is_base:
            yield f"the feature {label} is delayed twice"
        known.add(step.name)
    if not 0 <= plan.warm_up <= 4 * MOST_PERIODS:
        yield f"the features need {plan.warm_up} earlier rows"


def scaling_faults(scaling: Scaling, task: Task, bounds: OutcomeBounds | None) -> Iterator[str]:
    """Yield the faults of the scaling."""
    if scaling.caps and min(scaling.caps) < LOWEST_CAP:
        yield f"the scaling cuts a feature below {LOWEST_CAP:g}"
    if len(scaling.series) * len(scaling.center) > MOST_OF_SERIES:
        yield f"the scaling has {len(scaling.series):,} series, too many for its features"
    for each in scaling.each:
        yield from _scale_faults(each, task, bounds)


def _scale_faults(scaling: SeriesScaling, task: Task, bounds: OutcomeBounds | None) -> Iterator[str]:
    center, scale = scaling.outcome_center, scaling.outcome_scale
    if not _are_plausible((*scaling.center, *scaling.scale, center, scale)):
        yield f"the scaling has a number above {LARGEST:.0e}"
    if any(
        abs(each) > _DIGITS * width for each, width in zip(scaling.center, scaling.scale, strict=True) if width != 1
    ):
        yield "the centre of a feature is too large for its scale"
    if task.is_direction:
        if abs(center) > LARGEST_LOG_ODDS:
            yield "the scaling of a probability is not in log odds"
        return
    is_logarithm = task.predict in ("log_return", "volatility")
    ends = () if bounds is None else (bounds.low, bounds.high)
    if is_logarithm and max(map(abs, (center, scale, *ends))) > LARGEST_LOG:
        yield "the outcome is a logarithm, and its scaling or bounds are too large for one"
    if bounds is None:
        return
    # Levels are centred at the train mean, changes at 0; a constant outcome has scale 1.
    if not _are_plausible((bounds.low, bounds.high)) or (center and not bounds.low <= center <= bounds.high):
        yield "the scaling of the outcome lies outside the bounds of predictions"
    if scale > _WIDEST * (bounds.high - bounds.low) and scale != 1:
        yield "the scaling of the outcome is wider than the bounds of predictions"


def task_faults(task: Task, interval: Interval | None, is_calibrated: bool, trials: Trials) -> Iterator[str]:
    """Yield the faults of the task and its interval."""
    if any((count or 0) < 0 for count in (trials.trained, trials.opened, trials.judged_on_test)):
        yield "a count of trials is negative"
    if not task.is_direction and (is_calibrated or task.above is not None):
        yield "only a direction has a threshold or a calibration"
    if task.is_direction and interval is not None:
        yield "a probability has no prediction interval"
    if not _are_plausible((task.above or 0.0,)):
        yield "the threshold is too large"
    states = () if interval is None else interval.states
    if any(_read_date(state.as_of) is None for state in states):
        yield "the interval has a time that is not a date"
    if any(not max(state.scores, default=0.0) <= LARGEST_SCORE for state in states):
        yield "a score of the interval is too large"


def weights_faults(network: Network) -> Iterator[str]:
    """Yield the faults of the weights."""
    for member in network.members:
        for name, array in member.items():
            if array.size and float(abs(array).max()) > LARGEST_WEIGHT:
                yield f"a weight of {name} is above {LARGEST_WEIGHT:,.0f}"


def _read_date(text: str) -> datetime | None:
    """Return a date without a time zone, or None for anything else: numpy would take "now" for one."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _are_plausible(values: Iterable[float]) -> bool:
    return all(math.isfinite(value) and abs(value) <= LARGEST for value in values)
