"""How long the map of predictability takes, against a loop of scikit-learn's Ridge over its questions and cutoffs.

`python -m benchmarks.map_columns`. The loop fits, at each cutoff, a ridge on a column's own past and one with the five chosen
other columns, from features that are ready: it only fits and predicts, on a sample of the questions, and its time is scaled up.
The map also makes the features, chooses the other columns and tests. Prints ratios of one run. Where others use the machine,
the seconds of processors (CPU) tell more than those of the clock.
"""

import time
from collections.abc import Callable

import numpy as np
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from core.quality.forecastability.expanding_ridge import Design
from core.quality.forecastability.horizons import Rhythm
from core.quality.forecastability.measure import map_forecastability
from core.quality.forecastability.table import Table
from core.quality.forecastability.timeline import Cut, Timeline
from tests.cleaning.examples import column

SIZES = ((100, 5_000, 2.0), (1_000, 2_500, 15.0))
RHYTHM = Rhythm(horizons=(1, 5, 21), season=5)
SAMPLED = 60
FEATURES, OTHERS = 4, 5


def spend(work: Callable[[], object]) -> tuple[float, float]:
    begun, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - used


def make_table(columns: int, rows: int) -> Table:
    chance = np.random.default_rng(0)
    values = 100 * np.exp(np.cumsum(0.01 * chance.normal(size=(columns, rows)), axis=1))
    statistics = {"unique_ratio": 1.0, "stale_ratio": 0.0, "min": 1.0}
    profiles = {
        f"c{place}": column(f"c{place}", train=statistics, price_like=True, drifts=True) for place in range(columns)
    }
    timeline = Timeline(series=np.zeros(rows, dtype=int), stamps=np.arange(rows))
    return Table(profiles=profiles, values=values, timeline=timeline, is_train=np.arange(rows) < 0.8 * rows)


def fit_in_a_loop(design: Design, cuts: list[Cut], features: int) -> None:
    for inputs, outcome in zip(design.inputs, design.outcome, strict=True):
        for cut in cuts:
            learned = inputs[1 : 1 + features, : cut.learn.stop].T
            fitted = Ridge(alpha=10).fit(learned, outcome[: cut.learn.stop])
            fitted.predict(inputs[1 : 1 + features, cut.forecast].T)


def make_design(rows: int) -> Design:
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(SAMPLED, 1 + FEATURES + OTHERS, rows)).astype(np.float32)
    outcome = chance.normal(size=(SAMPLED, rows)).astype(np.float32)
    return Design(inputs=inputs, outcome=outcome, usable=np.ones(outcome.shape, dtype=bool))


with threadpool_limits(limits=1, user_api="blas"):
    for columns, rows, limit in SIZES:
        table = make_table(columns, rows)
        found = map_forecastability(table, RHYTHM)
        ours, ours_cpu = spend(lambda table=table: map_forecastability(table, RHYTHM))
        design, cuts = make_design(rows), list(table.timeline.cuts(5))
        spent = [spend(lambda f=f, d=design, c=cuts: fit_in_a_loop(d, c, f)) for f in (FEATURES, FEATURES + OTHERS)]
        scale = len(found.questions) / SAMPLED
        loop, loop_cpu = (scale * sum(parts) for parts in zip(*spent, strict=True))
        print(
            f"{columns:,} columns x {rows:,} rows, {len(found.questions):,} questions: map {ours:.1f} s (CPU {ours_cpu:.1f}), "
            f"{ours / limit:.2f} of the {limit:g} s allowed; loop of Ridge {loop:.1f} s (CPU {loop_cpu:.1f}); "
            f"loop / map {loop / ours:.1f} (CPU {loop_cpu / ours_cpu:.1f})"
        )
