"""How long the ranking takes, and how much memory, against one plain CatBoost fit of the same trees on the same rows.

`python -m benchmarks.rank_features`. The plain fit sees the last values of the features only, on every train sample. The ranking
sees their windows and as many random columns, over three folds, and draws the curve. Prints ratios of one run. Where others use
the machine, the seconds of processors (CPU) tell more than those of the clock.
"""

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from core.data.eras import Era, cut_eras
from core.importance.ranking import rank_importance
from core.recipe.model import ImportanceSettings, SplitSettings
from core.samples.features import FeatureFrame
from core.samples.samples import Samples, make_samples
from core.samples.task import Task

ROWS, COLUMNS = 240_000, 100
MOST_TIME, MOST_MEMORY = 4.0, 2.0
TASK = Task(target="y", predict="difference", horizon=1)


def make_frame() -> tuple[FeatureFrame, Samples]:
    random = np.random.default_rng(0)
    values = pd.DataFrame({f"f{place}": random.standard_normal(ROWS) for place in range(COLUMNS)}, copy=False)
    change = 0.1 * values["f0"].to_numpy() + 0.1 * values["f1"].shift(5).fillna(0).to_numpy()
    change = change + random.standard_normal(ROWS)
    times = pd.date_range("2000-01-01", periods=ROWS, freq="min").to_numpy().astype("datetime64[us]")
    features = FeatureFrame(
        values=values,
        times=times,
        series=None,
        blocks=np.zeros(ROWS, dtype=np.int64),
        target=np.cumsum(np.r_[0.0, change[:-1]]),
        lines=np.arange(ROWS) + 2,
    )
    return features, make_samples(features, TASK, cut_eras(pd.Series(times), SplitSettings()))


def fit_plainly(features: FeatureFrame, samples: Samples) -> None:
    from catboost import CatBoostRegressor

    train = samples.of(Era.TRAIN)
    model = CatBoostRegressor(
        iterations=ImportanceSettings().iterations,
        depth=4,
        learning_rate=0.05,
        thread_count=2,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(features.values.to_numpy(dtype=np.float32)[train], samples.outcome[train])


def rank(features: FeatureFrame, samples: Samples) -> None:
    rank_importance(features, samples, TASK, ImportanceSettings(), 32, ("f0",), 0)


def measure(what: str) -> tuple[float, float, float]:
    """Seconds of clock and processors, and MiB above the features, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.rank_features", what], check=True, capture_output=True)
    clock, processors, memory = (float(number) for number in done.stdout.split()[-3:])
    return clock, processors, memory


def run(what: str) -> None:
    import catboost  # noqa: F401

    features, samples = make_frame()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, used = time.perf_counter(), time.process_time()
    (fit_plainly if what == "plain" else rank)(features, samples)
    spent, worked = time.perf_counter() - begun, time.process_time() - used
    print(spent, worked, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1])
    else:
        plain, ours = measure("plain"), measure("rank")
        print(
            f"{ROWS:,} rows x {COLUMNS} features: ranking {ours[0]:.1f} s (CPU {ours[1]:.1f}), plain fit {plain[0]:.1f} s "
            f"(CPU {plain[1]:.1f}); ranking / fit {ours[0] / plain[0]:.1f} (CPU {ours[1] / plain[1]:.1f}) of {MOST_TIME:g} "
            f"allowed; memory {ours[2]:.0f} MiB / {plain[2]:.0f} MiB = {ours[2] / max(plain[2], 1):.1f} of {MOST_MEMORY:g} allowed"
        )
