"""How long a slider's move takes: planning 1,000 and 10,000 columns, against one pass of pandas over the rows.

A naive page counts bad values anew at every move; ours decides by the profile alone. Prints ratios of one run.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from core.cleaning.plan import plan_cleaning, trace_consequences
from core.recipe import CleaningSettings
from tests.cleaning.examples import column, profile_of

ROWS, COLUMNS = 300_000, 100


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
    # As in a real profile, at most 200 columns are correlated with each other.
    names = tuple(f"c{place}" for place in range(min(columns, 199)))
    near = np.corrcoef(chance.normal(size=(len(names), 50)))
    return replace(profile_of(*profiles), correlated=names, pearson_train=tuple(map(tuple, near.tolist())))


frame = pd.DataFrame(np.random.default_rng(0).normal(size=(ROWS, COLUMNS))).mask(lambda values: values > 2)
settings = CleaningSettings()
pass_over_rows = best(lambda: (frame.isna().mean(), frame.var(), frame.nunique()), 2)
print(f"pandas, {ROWS:,} x {COLUMNS}: bad ratio, variance, distinct values: {1000 * pass_over_rows:,.0f} ms")
for count in (100, 1_000, 10_000):
    profile = wide(count)
    plan = best(lambda profile=profile: plan_cleaning(profile, settings))
    curve = best(lambda profile=profile: trace_consequences(profile, settings, "max_bad_ratio"))
    print(
        f"{count:>6,} columns: plan {1000 * plan:7.1f} ms, curve {1000 * curve:7.1f} ms; "
        f"plan / pass over rows = {plan / pass_over_rows:.4f}"
    )
