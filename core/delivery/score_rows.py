"""Predictions for rows that have been read: the cleaning, features, windows and network of training."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.cleaning.transform import apply_cleaning
from core.data.calendar import MarketCalendar, learn_calendars_by_name
from core.delivery.scoring_model import ScoringModel
from core.errors.bundle import NoFinitePrediction, NoFullWindow
from core.findings.delivery import InputOutsideTrain, OtherFrequency, PredictionsBounded, SeriesScaledTogether
from core.findings.limit import limit_findings
from core.findings.model import MOST_ROWS, Finding
from core.forecast.evaluation.intervals import gather_origins
from core.forecast.evaluation.level_predictions import levels_of
from core.forecast.network.network import Network, predict_scaled
from core.forecast.network.window_findings import check_windows
from core.forecast.network.windows import Windows, make_windows
from core.progress import ShouldStop, never_stop
from core.samples.direction import take_direction_as_target
from core.samples.features import FeatureFrame, add_features
from core.samples.realised_volatility import take_volatility_as_target
from core.samples.samples import Samples, make_samples


@dataclass(frozen=True, eq=False)
class Scored:
    """Predictions for new rows, and findings on those rows.

    `table` has the columns `origin, time, [series,] horizon, lstm, lower, upper` in the target's unit, one row per origin with
    a full window. For the last origins `time` is beyond the data: the next bar of the market, missing if the data have no regular
    frequency. `lower` and `upper` are missing if the bundle has no interval. `actual` float64 (n,) are the outcomes so far, in the
    same unit, NaN beyond the data.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    actual: np.ndarray


def score_rows(
    model: ScoringModel,
    network: Network,
    frame: pd.DataFrame,
    frequency: str | None,
    should_stop: ShouldStop = never_stop,
) -> Scored:
    """Return predictions for rows; raises `DataError` if none has a full window or a finite prediction.

    Parameters
    ----------
    model, network
        The model, and its trained network.
    frame
        The time, the series if there is one, and the columns that the model needs, under their names in the model.
    frequency
        That of the rows.
    """
    model = model.narrow()
    clean = apply_cleaning(frame, model.cleaning)
    features = add_features(clean, model.features)
    features = take_direction_as_target(take_volatility_as_target(features, model.task), model.task)
    scored = score_features(model, network, features, frequency, should_stop)
    if not len(scored.table):
        window = model.shape.window
        raise NoFullWindow(window=window, rows=len(features.target), needed=window + model.features.warm_up)
    numbers = scored.table[["lstm", "lower", "upper"]].to_numpy()
    levels = numbers[:, 0]
    infinite = np.isinf(numbers).any(axis=1)
    if infinite.any() or np.isnan(levels).all():
        raise NoFinitePrediction(count=int(np.count_nonzero(infinite | np.isnan(levels))), total=len(levels))
    return replace(scored, findings=(*clean.findings, *scored.findings))


def score_features(
    model: ScoringModel,
    network: Network,
    features: FeatureFrame,
    frequency: str | None,
    should_stop: ShouldStop = never_stop,
    *,
    since: np.datetime64 | None = None,
    windows: Windows | None = None,
) -> Scored:
    """Return predictions for rows with features, none if no window is full.

    Parameters
    ----------
    model, network
        The model, and its trained network.
    features
        The feature frame, whose target is what the model predicts.
    frequency
        That of the rows.
    should_stop
        Polled before each batch; raises `Stopped`.
    since
        The first origin to predict from; by default all. The interval is the same from the end of its calibration on.
    windows
        The windows of the features, if they are made already.
    """
    task = model.task
    if windows is None:
        samples = make_samples(features, task, model.eras)
        windows = make_windows(features, model.chosen, samples, task, model.scaling, model.shape.window)
    recent = np.arange(len(windows.ends))
    if since is not None:
        recent = np.flatnonzero(windows.samples.origin_times >= since)
    scaled = predict_scaled(network, windows, recent, should_stop)
    samples = windows.samples.take(recent)
    levels = model.factor * levels_of(scaled, samples.base, windows.unit.take(recent), task)
    is_out = np.zeros(len(levels), dtype=bool)
    if model.bounds is not None:
        levels, is_out = model.bounds.apply(levels, samples.base, task)
    lower = upper = np.full(len(levels), np.nan)
    if model.interval is not None:
        origins = gather_origins(features, samples, task, task.change(samples.base, levels))
        (lower, upper), _ = model.interval.follow(task, origins)
    if model.calibration is not None:
        lower, upper = model.calibration.band(levels)
        levels = model.calibration.apply(levels)
    columns: dict[str, object] = {
        "origin": samples.origin_times,
        "time": _times_predicted(samples, features, model, frequency),
    }
    if features.series is not None:
        columns["series"] = features.series[samples.rows]
    columns["horizon"] = task.horizon
    columns["lstm"] = levels
    columns["lower"] = lower
    columns["upper"] = upper
    incomplete = check_windows(features, model.features, model.chosen, model.shape.window)
    findings = (
        *([incomplete] if incomplete else []),
        *_check_frequency(frequency, model),
        *_check_inputs(windows, features, model),
        *_check_series(features, windows, model),
        *_check_bounds(is_out),
    )
    return Scored(pd.DataFrame(columns), findings, samples.future)


def _check_frequency(found: str | None, model: ScoringModel) -> tuple[Finding, ...]:
    return () if found == model.frequency else (OtherFrequency(trained=model.frequency, found=found),)


def _check_inputs(windows: Windows, features: FeatureFrame, model: ScoringModel) -> tuple[Finding, ...]:
    """Return a finding on every feature with values after the train era that are outside their range in it."""
    if not model.inputs:
        return ()
    # The rows of training and its own validation and test eras were judged with the model.
    new = windows.samples.origin_times > np.datetime64(model.eras.end, "us")
    ends = windows.ends[new if new.any() else slice(None)]
    found: list[InputOutsideTrain] = []
    for place, (feature, (low, high)) in enumerate(zip(model.chosen, model.inputs, strict=True)):
        values = windows.inputs[ends, place]
        outside = (values < np.float32(low)) | (values > np.float32(high))
        if outside.any():
            name = None
            center, scale = model.scaling.center[place], model.scaling.scale[place]
            count, total = int(outside.sum()), len(values)
            if features.series is not None and model.scaling.series:
                # Each series has units of its own: those of the farthest value are shown.
                series = features.series[ends]
                name = str(series[np.maximum(low - values, values - high).argmax()])
                values = values[series == name]
                center, scale = model.scaling.of(name).center[place], model.scaling.of(name).scale[place]
            ends_seen = [float(center + scale * value) for value in (values.min(), values.max(), low, high)]
            (column,) = model.features.columns_of([feature])
            found.append(
                InputOutsideTrain(
                    column=column,
                    feature=feature,
                    count=count,
                    total=total,
                    found=(ends_seen[0], ends_seen[1]),
                    trained=(ends_seen[2], ends_seen[3]),
                    series=name,
                )
            )
    found.sort(key=lambda each: each.share, reverse=True)
    return limit_findings(found)


def _check_series(features: FeatureFrame, windows: Windows, model: ScoringModel) -> tuple[Finding, ...]:
    """Return a finding if rows are scored of series that have no scaling of their own."""
    if features.series is None or not model.scaling.series:
        return ()
    names = [str(name) for name in pd.unique(features.series[windows.ends])]
    pooled = tuple(name for name in names if name not in model.scaling.series)
    return (SeriesScaledTogether(series=pooled[:MOST_ROWS], count=len(pooled)),) if pooled else ()


def _check_bounds(is_out: np.ndarray) -> tuple[Finding, ...]:
    count = int(np.count_nonzero(is_out))
    return (PredictionsBounded(count=count, total=len(is_out)),) if count else ()


def _times_predicted(samples: Samples, features: FeatureFrame, model: ScoringModel, found: str | None) -> np.ndarray:
    """Return the time of each predicted row, datetime64 (n,): from the data, or the next bar of the market's calendar.

    The calendar is learned from the new rows if they are many, else it is that of training. Without one, time goes on at the
    frequency of training. `found` is the frequency of the new rows.
    """
    times = samples.target_times.copy()
    if model.frequency is None and not model.calendars:
        return times
    learned: dict[str, MarketCalendar] = {}
    if found == model.frequency:
        learned = learn_calendars_by_name(features.times, features.series)
    unknown = np.flatnonzero(np.isnat(times))
    last_of_block = np.r_[np.flatnonzero(np.diff(features.blocks)), len(features.blocks) - 1]
    lasts = last_of_block[samples.blocks[unknown]]
    for last in np.unique(lasts):
        places = unknown[lasts == last]
        name = "" if features.series is None else str(features.series[last])
        market = learned.get(name)
        if market is None or not market.is_established:
            market = model.calendars.get(name, market)
        beyond = samples.rows[places] + model.task.horizon - last
        ahead = _next_times(features.times[last], int(beyond.max()), market, model.frequency)
        times[places] = ahead[beyond - 1]
    return times


def _next_times(last: np.datetime64, count: int, market: MarketCalendar | None, frequency: str | None) -> np.ndarray:
    """Return the next times after a row, datetime64[us] (count,), NaT where they are unknown."""
    if market is not None:
        return market.next_times(last, count)
    times = np.full(count, np.datetime64("NaT", "us"))
    if frequency is not None:
        offset = pd.tseries.frequencies.to_offset(frequency)
        for place in range(count):
            try:
                times[place] = (pd.Timestamp(last) + (place + 1) * offset).to_datetime64()
            except (OverflowError, ValueError):
                break
    return times
