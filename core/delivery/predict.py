"""Score new rows with a bundle: the cleaning, features, windows and network of training."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.cleaning.transform import apply_cleaning
from core.data.calendar import MarketCalendar, learn_calendars_by_name
from core.data.columns import LINE
from core.data.dataset import Dataset
from core.delivery.bundle import Bundle, Manifest
from core.errors.bundle import MissingModelColumns, ModelColumnsNotNumeric, NoFullWindow
from core.findings.delivery import OtherFrequency, PredictionsBounded
from core.findings.model import Finding
from core.forecast.evaluation.intervals import gather_origins
from core.forecast.evaluation.level_predictions import levels_of
from core.forecast.network.network import Network, predict_scaled
from core.forecast.network.window_findings import check_windows
from core.forecast.network.windows import Windows, make_windows
from core.ingest.reader import read_table
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.samples.direction import take_direction_as_target
from core.samples.features import FeatureFrame, add_features
from core.samples.realised_volatility import take_volatility_as_target
from core.samples.samples import Samples, make_samples


@dataclass(frozen=True, eq=False)
class Scored:
    """Predictions for new rows, and findings on those rows.

    `table` has the columns `origin, time, [series,] horizon, lstm, lower, upper` in the target's unit, one row per origin with
    a full window. For the last origins `time` is beyond the data: the next bar of the market, missing if the data have no regular
    frequency. `lower` and `upper` are missing if the bundle has no interval.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]


def predict_with(
    bundle: Bundle,
    data: Path,
    folder: Path,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> Scored:
    """Return predictions for the rows of a file; `folder` is for the table that it is read into.

    Raises `DataError` if the file lacks a column of the model, has text in one, or has too few rows for a window.
    """
    manifest = bundle.manifest
    dataset = read_table(data, manifest.ingest, folder, progress, should_stop)
    _require_columns(dataset, manifest)
    roles = manifest.roles
    series = [roles.series] if roles.series else []
    frame = dataset.read([dataset.time_column, *series, *manifest.cleaning.columns, LINE])
    clean = apply_cleaning(frame.rename(columns={dataset.time_column: roles.time}), manifest.cleaning)
    features = add_features(clean, manifest.features)
    features = take_direction_as_target(take_volatility_as_target(features, manifest.task), manifest.task)
    table, is_out = score_rows(manifest, bundle.network, features, dataset.frequency, should_stop)
    window = manifest.shape.window
    if not len(table):
        raise NoFullWindow(window=window, rows=len(features.target), needed=window + manifest.features.warm_up)
    incomplete = check_windows(features, manifest.features, manifest.chosen, window)
    findings = (
        *dataset.findings,
        *clean.findings,
        *([incomplete] if incomplete else []),
        *_check_frequency(dataset, manifest),
        *_check_bounds(is_out),
    )
    return Scored(table, findings)


def score_rows(
    manifest: Manifest,
    network: Network,
    features: FeatureFrame,
    frequency: str | None,
    should_stop: ShouldStop = never_stop,
    *,
    since: np.datetime64 | None = None,
    windows: Windows | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the table of `Scored` for rows with features, and which predictions reached a bound, bool (n,).

    Parameters
    ----------
    manifest, network
        The model.
    features
        The feature frame, whose target is what the model predicts.
    frequency
        The frequency of these rows.
    should_stop
        Polled before each batch; raises `Stopped`.
    since
        The first origin to predict from; by default all. The interval is the same from the end of its calibration on.
    windows
        The windows of the features, if they are made already.
    """
    task = manifest.task
    if windows is None:
        samples = make_samples(features, task, manifest.eras)
        windows = make_windows(features, manifest.chosen, samples, task, manifest.scaling, manifest.shape.window)
    recent = np.arange(len(windows.ends))
    if since is not None:
        recent = np.flatnonzero(windows.samples.origin_times >= since)
    scaled = predict_scaled(network, windows, recent, should_stop)
    samples = windows.samples.take(recent)
    levels = manifest.factor * levels_of(scaled, samples.base, manifest.scaling, task)
    is_out = np.zeros(len(levels), dtype=bool)
    if manifest.bounds is not None:
        levels, is_out = manifest.bounds.apply(levels, samples.base, task)
    lower = upper = np.full(len(levels), np.nan)
    if manifest.interval is not None:
        origins = gather_origins(features, samples, task, task.change(samples.base, levels))
        (lower, upper), _ = manifest.interval.follow(task, origins)
    if manifest.calibration is not None:
        lower, upper = manifest.calibration.band(levels)
        levels = manifest.calibration.apply(levels)
    columns: dict[str, object] = {
        "origin": samples.origin_times,
        "time": _times_predicted(samples, features, manifest, frequency),
    }
    if features.series is not None:
        columns["series"] = features.series[samples.rows]
    columns["horizon"] = task.horizon
    columns["lstm"] = levels
    columns["lower"] = lower
    columns["upper"] = upper
    return pd.DataFrame(columns), is_out


def _require_columns(dataset: Dataset, manifest: Manifest) -> None:
    """Raise `DataError` with the columns of the model that the data lack or hold as text."""
    present = {column.name: column for column in dataset.columns}
    series = [manifest.roles.series] if manifest.roles.series else []
    absent = [name for name in (*series, *manifest.kinds) if name not in present]
    if absent:
        raise MissingModelColumns(columns=tuple(absent))
    not_numeric = [name for name in manifest.kinds if not present[name].kind.is_numeric]
    if not_numeric:
        raise ModelColumnsNotNumeric(columns=tuple(not_numeric), kind=present[not_numeric[0]].kind.value)


def _check_frequency(dataset: Dataset, manifest: Manifest) -> tuple[Finding, ...]:
    if dataset.frequency == manifest.frequency:
        return ()
    return (OtherFrequency(trained=manifest.frequency, found=dataset.frequency),)


def _check_bounds(is_out: np.ndarray) -> tuple[Finding, ...]:
    count = int(np.count_nonzero(is_out))
    return (PredictionsBounded(count=count, total=len(is_out)),) if count else ()


def _times_predicted(samples: Samples, features: FeatureFrame, manifest: Manifest, found: str | None) -> np.ndarray:
    """Return the time of each predicted row, datetime64 (n,): from the data, or the next bar of the market's calendar.

    The calendar is learned from the new rows if they are many, else it is that of training. Without one, time goes on at the
    frequency of training. `found` is the frequency of the new rows.
    """
    times = samples.target_times.copy()
    if manifest.frequency is None and not manifest.calendars:
        return times
    learned: dict[str, MarketCalendar] = {}
    if found == manifest.frequency:
        learned = learn_calendars_by_name(features.times, features.series)
    unknown = np.flatnonzero(np.isnat(times))
    last_of_block = np.r_[np.flatnonzero(np.diff(features.blocks)), len(features.blocks) - 1]
    lasts = last_of_block[samples.blocks[unknown]]
    for last in np.unique(lasts):
        places = unknown[lasts == last]
        name = "" if features.series is None else str(features.series[last])
        market = learned.get(name)
        if market is None or not market.is_established:
            market = manifest.calendars.get(name, market)
        beyond = samples.rows[places] + manifest.task.horizon - last
        ahead = _next_times(features.times[last], int(beyond.max()), market, manifest.frequency)
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
