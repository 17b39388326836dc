"""Prediction intervals that adapt: conformal, scaled by the volatility known at the origin, corrected by past misses."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from core.forecast.evaluation.volatility import volatility_at_origin, volatility_terciles
from core.forecast.network.windows import Windows
from core.samples.samples import Samples, split_validation
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

# The lower and the upper ends of n intervals, float64 (n,) each.
Ends = tuple[np.ndarray, np.ndarray]

GAMMA = 0.01
MOST_SCORES = 20_000
_SCORES_A_SERIES = 500
_FEWEST_OF_TERCILE = 200


@dataclass(frozen=True, kw_only=True)
class IntervalState:
    """What is known at a time: `scores` of the latest outcomes, oldest first, and the miscoverage levels by tercile.

    `as_of` is an ISO time stamp: outcomes up to it are known. A score is an absolute error divided by the volatility known at
    its origin.
    """

    as_of: str
    scores: tuple[float, ...]
    alphas: tuple[float, float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Origins:
    """n forecasts: their samples, predicted outcomes, and the volatility known at their origins with its tercile.

    `predicted` and `volatility` float64 (n,), `terciles` int8 (n,). A sample whose outcome is unknown has NaN.
    """

    samples: Samples
    predicted: np.ndarray
    volatility: np.ndarray
    terciles: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """The absolute errors divided by the volatility, float64 (n,); NaN if either is unknown."""
        return np.abs(self.samples.outcome - self.predicted) / self.volatility


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An interval around predicted outcomes, symmetric in the unit of outcomes.

    Its half width is a quantile of the latest `most_scores` scores times the volatility known at the origin. The level of the
    quantile follows the misses so far, separately for low, middle and high volatility, so that the share of misses comes back
    to nominal in each (adaptive conformal inference). Only outcomes known at the origin are used.

    `states` are what is known at the end of calibration and, if the test era is open, at the end of the data.

    References
    ----------
    Gibbs and Candès (2021), Adaptive conformal inference under distribution shift, NeurIPS 34.
    Vovk (2012), Conditional validity of inductive conformal predictors, PMLR 25 (a quantile for each group).
    """

    nominal: float
    most_scores: int
    states: tuple[IntervalState, ...]

    @property
    def calibration_rows(self) -> int:
        """How many outcomes the interval was calibrated on."""
        return len(self.states[0].scores)

    def is_consistent(self) -> bool:
        """Return whether the numbers make an interval; in a foreign file they may not."""
        if not (0 < self.nominal < 1 and 1 <= self.most_scores <= MOST_SCORES and 1 <= len(self.states) <= 2):
            return False
        for state in self.states:
            scores, alphas = np.array(state.scores), np.array(state.alphas)
            try:
                known = not np.isnat(np.datetime64(state.as_of, "us"))
            except ValueError:
                return False
            if not (known and 1 <= len(scores) <= MOST_SCORES and np.isfinite(scores).all() and (scores >= 0).all()):
                return False
            if not (np.abs(alphas) < 100).all():
                return False
        return True

    def follow(self, task: Task, origins: Origins) -> tuple[Ends, "Interval"]:
        """Return the ends of the intervals of n forecasts, and the interval after all their known outcomes.

        Ends are in the target's unit, NaN if no volatility is known. Origins before the end of calibration have the interval as
        calibrated, in sample. The second interval serves forecasts beyond these.
        """
        base, predicted = origins.samples.base, origins.predicted
        half_width, state = self._follow(origins)
        ends = task.level(base, predicted - half_width), task.level(base, predicted + half_width)
        return (np.minimum(*ends), np.maximum(*ends)), replace(self, states=(self.states[0], state))

    def _follow(self, origins: Origins) -> tuple[np.ndarray, IntervalState]:
        """Return the half widths, float64 (n,), and the state after the last origin."""
        samples, scores = origins.samples, origins.scores
        times, first = samples.origin_times, np.datetime64(self.states[0].as_of, "us")
        tracker = _Tracker(self, self.states[0])
        quantiles = tracker.quantiles()[origins.terciles]
        ahead = np.flatnonzero(times >= first)
        known = ahead[np.isfinite(scores[ahead]) & (samples.target_times[ahead] > first)]
        known = known[np.argsort(samples.target_times[known], kind="stable")]
        later = [(np.datetime64(state.as_of, "us"), state) for state in self.states[1:]]
        done, as_of = 0, first
        for now, rows in _by_time(times, ahead):
            while later and now >= later[0][0]:
                as_of, state = later.pop(0)
                tracker = _Tracker(self, state)
            while done < len(known) and samples.target_times[known[done]] <= now:
                stamp = samples.target_times[known[done]]
                end = done + int(np.searchsorted(samples.target_times[known[done:]], stamp, side="right"))
                if stamp > as_of:
                    arrived = known[done:end]
                    tracker.learn(origins.terciles[arrived], scores[arrived], quantiles[arrived])
                done = end
            quantiles[rows] = tracker.quantiles()[origins.terciles[rows]]
        last = times[ahead[-1]] if len(ahead) else first
        return quantiles * origins.volatility, tracker.state(max(last, as_of))


class _Tracker:
    """The latest scores in sorted order, and the miscoverage level of each tercile."""

    def __init__(self, interval: Interval, state: IntervalState) -> None:
        self.target, self.most = 1 - interval.nominal, interval.most_scores
        self.latest, self.ordered = deque(state.scores), sorted(state.scores)
        self.alphas = list(state.alphas)

    def quantiles(self) -> np.ndarray:
        """Return the quantile of the scores at the level of each tercile, float64 (3,); at most the largest score."""
        count = len(self.ordered)
        places = [_place(count, 1 - alpha) for alpha in self.alphas]
        return np.array([0.0 if place < 1 else self.ordered[min(place, count) - 1] for place in places])

    def learn(self, terciles: np.ndarray, scores: np.ndarray, quantiles: np.ndarray) -> None:
        """Take in the outcomes of one time stamp: their terciles, scores, and the quantiles that were given for them."""
        missed = scores > quantiles
        for tercile in np.unique(terciles):
            self.alphas[tercile] += GAMMA * (self.target - float(missed[terciles == tercile].mean()))
        for score in scores.tolist():
            insort(self.ordered, score)
            self.latest.append(score)
            if len(self.latest) > self.most:
                del self.ordered[bisect_left(self.ordered, self.latest.popleft())]

    def state(self, as_of: np.datetime64) -> IntervalState:
        low, middle, high = self.alphas
        return IntervalState(as_of=str(as_of), scores=tuple(self.latest), alphas=(low, middle, high))


def _place(count: int, coverage: float) -> int:
    """Return the place of the conformal quantile among `count` sorted scores, from 1; above `count` they are too few."""
    # Rounded first, or 10 * 0.9 could become 10 by a rounding error.
    return int(np.ceil(round((count + 1) * coverage, 9)))


def _first_alpha(scores: np.ndarray, of_tercile: np.ndarray, coverage: float) -> float:
    """Return the miscoverage level at which the quantile of all scores covers those of one tercile, if they are many."""
    if len(of_tercile) < _FEWEST_OF_TERCILE:
        return 1 - coverage
    own = np.sort(of_tercile)[_place(len(of_tercile), coverage) - 1]
    return 1 - int(np.count_nonzero(scores <= own)) / (len(scores) + 1)


def _by_time(times: np.ndarray, rows: np.ndarray) -> Iterator[tuple[np.datetime64, np.ndarray]]:
    """Yield each time with its rows, in order of time."""
    ordered = rows[np.argsort(times[rows], kind="stable")]
    for _, group in groupby(ordered.tolist(), key=lambda row: times[row]):
        found = np.array(list(group))
        yield times[found[0]], found


def gather_origins(features: "FeatureFrame", samples: Samples, task: Task, predicted: np.ndarray) -> Origins:
    """Gather n forecasts with the volatility known at their origins.

    Parameters
    ----------
    features, samples, task
        The feature frame, the n samples, and the task.
    predicted
        Predicted outcomes, float64 (n,).
    """
    volatility = volatility_at_origin(features, task)
    terciles = volatility_terciles(volatility, features.blocks)
    return Origins(
        samples=samples,
        predicted=predicted,
        volatility=volatility[samples.rows],
        terciles=terciles[samples.rows],
    )


def calibrate_interval(windows: Windows, origins: Origins, coverage: float) -> Interval | None:
    """Calibrate the interval on the validation errors that did not choose the epoch; None if they are too few.

    If later scores are exchangeable with these, the interval covers at least the share `coverage` of outcomes (split conformal).

    Parameters
    ----------
    windows, origins
        The windows of all eras, and the forecasts of the network for them.
    coverage
        Nominal coverage, between 0 and 1.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), Distribution-free predictive inference for regression, JASA 113.
    """
    samples, scores = windows.samples, origins.scores
    _, rows = split_validation(samples)
    rows = rows[np.isfinite(scores[rows])]
    if not len(rows) or _place(len(rows), coverage) > len(rows):
        return None
    rows = rows[np.argsort(samples.target_times[rows], kind="stable")]
    most = min(MOST_SCORES, _SCORES_A_SERIES * len(np.unique(samples.blocks[rows])))
    low, middle, high = (
        _first_alpha(scores[rows], scores[rows][origins.terciles[rows] == tercile], coverage) for tercile in range(3)
    )
    state = IntervalState(
        as_of=str(samples.target_times[rows[-1]]),
        scores=tuple(scores[rows][-most:].tolist()),
        alphas=(low, middle, high),
    )
    return Interval(nominal=coverage, most_scores=most, states=(state,))
