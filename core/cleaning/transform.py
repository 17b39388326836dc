"""Repairs of values: what is learned from the train era, and how it is carried out on any rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.errors import DataError
from core.findings import Finding, Remedy, Severity, worst_first
from core.ingest.dataset import LINE, Roles
from core.ingest.eras import Era, Eras
from core.recipe import CleaningSettings

MOST_LINES = 10
WORTH_A_WARNING = 0.01


@dataclass(frozen=True)
class FittedCleaning:
    """What cleaning has learned from the train era; enough to clean new rows of the same columns.

    `fill_values` are medians (where `fill` is `median`), `clip` the bounds of each feature, `sentinels` the codes of features and
    target that stand for a missing value.
    """

    roles: Roles
    features: tuple[str, ...]
    fill: str
    max_fill: int
    fill_values: dict[str, float]
    clip: dict[str, tuple[float, float]]
    sentinels: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class ColumnChanges:
    """Cells of a column that were filled, that were clipped, and that stayed without a value and cost their rows."""

    name: str
    filled: int
    clipped: int
    bad_left: int


@dataclass(frozen=True, eq=False)
class CleanFrame:
    """Cleaned rows, sorted by series and time, without a missing value.

    `frame` holds the time, the series if there is one, the target and the features (float64). `lines` are the lines of the
    rows in the user's file, or their places in the given frame where that holds no lines. `dropped_rows` counts incomplete rows
    and repeated time stamps.
    """

    frame: pd.DataFrame
    roles: Roles
    features: tuple[str, ...]
    lines: np.ndarray
    changes: tuple[ColumnChanges, ...]
    dropped_rows: int
    findings: tuple[Finding, ...]

    @cached_property
    def blocks(self) -> np.ndarray:
        """The number of the series of each row, int64, counted from 0 in row order."""
        return _block_ids(self.frame, self.roles)


def fit_cleaning(
    frame: pd.DataFrame,
    roles: Roles,
    kept: tuple[str, ...],
    settings: CleaningSettings,
    eras: Eras,
    sentinels: dict[str, tuple[float, ...]],
) -> FittedCleaning:
    """Return what the rows of the train era teach: a median and clip bounds of each kept column, from its good values.

    The bounds are values that occur, so that clipping twice is clipping once. The target is neither filled nor clipped. Raises
    `DataError` where a column is absent or holds text.
    """
    features = tuple(name for name in kept if name != roles.target)
    codes = {name: tuple(sentinels[name]) for name in (*features, roles.target) if sentinels.get(name)}
    _require_columns(frame, roles, features)
    frame, _ = _put_in_order(frame, roles)
    train = eras.label(frame[roles.time]) == Era.TRAIN
    fill_values, clip = {}, {}
    for name in features:
        values = _good_values(frame, name, codes.get(name, ()))[train]
        values = values[~np.isnan(values)]
        if not len(values):
            continue
        if settings.fill == "median":
            fill_values[name] = float(np.median(values))
        if settings.clip_quantile > 0:
            low = np.quantile(values, settings.clip_quantile, method="lower")
            high = np.quantile(values, 1 - settings.clip_quantile, method="higher")
            clip[name] = (float(low), float(high))
    return FittedCleaning(roles, features, settings.fill, settings.max_fill, fill_values, clip, codes)


def apply_cleaning(frame: pd.DataFrame, fitted: FittedCleaning) -> CleanFrame:
    """Return the repaired rows: bad values become missing, are filled from the past or by the train median, then clipped.

    A forward fill takes the last good value of the same series, at most `max_fill` rows back. The target is never filled. Of
    rows with one time stamp in one series the last stays. Rows that are still incomplete are dropped and counted. Raises
    `DataError` where a column is absent or holds text, and where no row is left.
    """
    roles, features = fitted.roles, fitted.features
    _require_columns(frame, roles, features)
    given = len(frame)
    lines = frame[LINE].to_numpy(dtype=np.int64) if LINE in frame else np.arange(given)
    frame, places = _put_in_order(frame, roles)
    lines = lines[places]
    blocks = _block_ids(frame, roles)
    starts = np.searchsorted(blocks, blocks)

    repaired: dict[str, np.ndarray] = {}
    changes = []
    for name in (roles.target, *features):
        values = _good_values(frame, name, fitted.sentinels.get(name, ()))
        changes.append(_repair(name, values, fitted, starts))
        repaired[name] = values
    holes = {name: np.isnan(values) for name, values in repaired.items()}
    incomplete = np.logical_or.reduce([*holes.values(), frame[roles.time].isna().to_numpy()])
    findings = [_find_repeated(given - len(frame), given), _find_dropped(incomplete, holes, lines, fitted)]
    if incomplete.all():
        worst = max(changes, key=lambda change: change.bad_left).name
        raise DataError(
            f"None of the {given:,} rows is complete; '{worst}' lacks most values." if given else "There are no rows.",
            "Drop that column, or fill its gaps.",
        )
    stays = ~incomplete
    keys = [roles.time, *([roles.series] if roles.series else [])]
    clean = pd.DataFrame(
        {name: frame[name].array[stays] for name in keys} | {name: values[stays] for name, values in repaired.items()},
        copy=False,
    )
    said = worst_first([finding for finding in findings if finding])
    return CleanFrame(clean, roles, features, lines[stays], tuple(changes), given - len(clean), said)


def _require_columns(frame: pd.DataFrame, roles: Roles, features: tuple[str, ...]) -> None:
    if roles.target is None:
        raise DataError("No target is chosen.", "Choose the column to forecast.")
    for name in (roles.time, *([roles.series] if roles.series else []), roles.target, *features):
        if name not in frame:
            raise DataError(
                f"The column '{name}' is not in the data.", "Give data with the columns of the training data."
            )
    for name in (roles.target, *features):
        if not (pd.api.types.is_numeric_dtype(frame[name]) or frame[name].isna().all()):
            found = next(value for value in frame[name] if not pd.isna(value))
            raise DataError(
                f"The column '{name}' should hold numbers; it holds {str(found)[:40]!r}.", "Mend or drop it."
            )


def _put_in_order(frame: pd.DataFrame, roles: Roles) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows sorted by series and time, of each time stamp of a series the last, and their places in `frame`."""
    places = np.arange(len(frame))
    times = np.asarray(frame[roles.time], dtype="datetime64[us]").astype(np.int64)
    series = np.zeros(len(frame), dtype=np.int64)
    if roles.series is not None:
        series = pd.factorize(frame[roles.series], sort=True, use_na_sentinel=False)[0]
    same = series[1:] == series[:-1]
    if (series[1:] < series[:-1]).any() or (same & (times[1:] < times[:-1])).any():
        places = np.lexsort((times, series))
        times, series = times[places], series[places]
        same = series[1:] == series[:-1]
    places = places[np.r_[~(same & (times[1:] == times[:-1])), np.ones(min(1, len(frame)), dtype=bool)]]
    if len(places) == len(frame) and (np.diff(places) == 1).all():
        return frame, places
    return frame.take(places), places


def _block_ids(frame: pd.DataFrame, roles: Roles) -> np.ndarray:
    """Return the number of the run of one series that each row lies in."""
    if roles.series is None or not len(frame):
        return np.zeros(len(frame), dtype=np.int64)
    codes = pd.factorize(frame[roles.series], use_na_sentinel=False)[0]
    return np.cumsum(np.r_[0, codes[1:] != codes[:-1]], dtype=np.int64)


def _good_values(frame: pd.DataFrame, name: str, sentinels: tuple[float, ...]) -> np.ndarray:
    """Return a copy of the column as float64 with NaN for every bad value."""
    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    values[~np.isfinite(values)] = np.nan
    if sentinels:
        values[np.isin(values, sentinels)] = np.nan
    return values


def _repair(name: str, values: np.ndarray, fitted: FittedCleaning, starts: np.ndarray) -> ColumnChanges:
    """Fill and clip `values` in place and return what that changed; `starts` is the first row of each row's series."""
    bad = np.isnan(values)
    if name == fitted.roles.target:
        return ColumnChanges(name, 0, 0, int(bad.sum()))
    if fitted.fill == "forward" and bad.any():
        rows = np.arange(len(values))
        last = np.maximum.accumulate(np.where(bad, -1, rows))
        near = bad & (last >= starts) & (rows - last <= fitted.max_fill)
        values[near] = values[last[near]]
    elif fitted.fill == "median":
        values[bad] = fitted.fill_values.get(name, np.nan)
    left = int(np.isnan(values).sum())
    clipped = 0
    if name in fitted.clip:
        low, high = fitted.clip[name]
        outside = (values < low) | (values > high)
        clipped = int(outside.sum())
        np.clip(values, low, high, out=values)
    return ColumnChanges(name, int(bad.sum()) - left, clipped, left)


def _find_repeated(count: int, rows: int) -> Finding | None:
    if not count:
        return None
    return Finding(
        "repeated-times",
        Severity.WARNING if count > WORTH_A_WARNING * rows else Severity.INFO,
        f"Left out {count:,} of {rows:,} rows: they repeat a time stamp of their series",
        "Of rows with one time stamp the last in the file stays.",
        count=count,
    )


def _find_dropped(
    incomplete: np.ndarray, holes: dict[str, np.ndarray], lines: np.ndarray, fitted: FittedCleaning
) -> Finding | None:
    """Return the finding on incomplete rows, which names the column that costs most of them."""
    count = int(incomplete.sum())
    if not count:
        return None
    alone = np.sum(list(holes.values()), axis=0, dtype=np.int32) == 1
    costs = {name: (int(missing.sum()), int((missing & alone).sum())) for name, missing in holes.items()}
    worst = max(costs, key=lambda name: costs[name])
    lacking, saved = costs[worst]
    remedy = None
    detail = "The target is never filled."
    if worst != fitted.roles.target:
        remedy = Remedy(f"Drop '{worst}'", "cleaning", "drop", (worst,))
        detail = f"{saved:,} of them lack nothing else." if saved else "Other columns lack values in the same rows."
    share = 100 * count / len(incomplete)
    return Finding(
        "rows-dropped",
        Severity.WARNING if count > WORTH_A_WARNING * len(incomplete) else Severity.INFO,
        f"Dropped {count:,} of {len(incomplete):,} rows ({share:.3g} %) as incomplete; "
        f"'{worst}' lacks a value in {lacking:,} of them",
        detail,
        worst,
        tuple(lines[np.flatnonzero(incomplete)[:MOST_LINES]].tolist()),
        count,
        remedy,
    )
