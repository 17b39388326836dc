"""How long a slider's move takes: planning 100 to 10,000 columns, against 100 ms and one pass of pandas over the rows.

`python -m benchmarks.plan_columns`. A naive page counts bad values anew at every move; ours decides by the profile alone.
Seven of ten columns go, each with its reason in words. Prints ratios of one run.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from core.cleaning.plan import THRESHOLDS, plan_cleaning, trace_consequences
from core.quality.pairwise.similarity import LEAST, Similarity
from core.recipe.model import CleaningSettings
from tests.cleaning.examples import column, profile_of

ROWS, COLUMNS = 300_000, 100
LIMIT = 0.1


def best(work: Callable[[], object], times: int = 5) -> float:
    spans = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spans.append(time.perf_counter() - begun)
    return min(spans)


def wide(columns: int):
    chance = np.random.default_rng(0)
    profiles = [
        column(f"c{place}", train={"bad_ratio": bad, "relative_variance": 0.1 * bad})
        for place, bad in enumerate(chance.uniform(size=columns).tolist())
    ]
    # As in a real profile, at most a thousand columns are compared with each other; here they come in families of twenty.
    names = tuple(f"c{place}" for place in range(min(columns, 1_000)))
    families = np.repeat(chance.normal(size=(len(names) // 20, 200)), 20, axis=0)
    near = np.corrcoef(families + 0.5 * chance.normal(size=families.shape))
    one, other = np.nonzero(np.triu(np.abs(near) > LEAST, 1))
    similarity = Similarity(
        names=names,
        one=tuple(one.tolist()),
        other=tuple(other.tolist()),
        correlation=tuple(near[one, other].tolist()),
        to_target=tuple(near[0].tolist()),
        left_out=0,
    )
    return replace(profile_of(*profiles), similarity=similarity)


frame = pd.DataFrame(np.random.default_rng(0).normal(size=(ROWS, COLUMNS))).mask(lambda values: values > 2)
settings = CleaningSettings()
pass_over_rows = best(lambda: (frame.isna().mean(), frame.var(), frame.nunique()), 2)
print(f"pandas, {ROWS:,} x {COLUMNS}: bad ratio, variance, distinct values: {1000 * pass_over_rows:,.0f} ms")
for count in (100, 1_000, 10_000):
    profile = wide(count)
    first = best(lambda profile=profile: plan_cleaning(profile, settings), 1)
    plan = best(lambda profile=profile: plan_cleaning(profile, settings))
    curves = {
        field: best(lambda profile=profile, field=field: trace_consequences(profile, settings, field))
        for field in THRESHOLDS
    }
    worst = max(curves, key=lambda field: curves[field])
    print(
        f"{count:>6,} columns: first look {1000 * first:6.1f} ms, plan {1000 * plan:6.1f} ms, slowest curve "
        f"{1000 * curves[worst]:5.1f} ms ({worst}); a move, plan and curve, is {(plan + curves[worst]) / LIMIT:.2f} of "
        f"{1000 * LIMIT:g} ms and {(plan + curves[worst]) / pass_over_rows:.4f} of a pass over the rows"
    )
