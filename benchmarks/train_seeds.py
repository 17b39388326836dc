"""How long three networks take side by side on the executor, against one after the other in one process.

`python -m benchmarks.train_seeds`. Both train the same networks on the same windows and must end with the same weights. The time
side by side includes the start of the workers, the import of TensorFlow in them and the files that they read; the time one after
the other begins with TensorFlow loaded, as in a job. Prints ratios of one run for a small, a default and a large network, and
what `train_networks` would choose.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from core.data.eras import Era
from core.executor import count_workers
from core.forecast.network.side_by_side import WORTH_SECONDS, saved_seconds, train_side_by_side
from core.forecast.network.training import train_lstm, warm_up
from core.forecast.network.windows import Windows
from core.progress import NoProgress, never_stop
from core.recipe.model import TrainingSettings
from core.samples.samples import Samples

SEEDS = 3
# Units, window, features, train windows, epochs.
SIZES = {"small": ((16,), 16, 5, 1_000, 15), "default": ((32,), 32, 10, 1_300, 40), "large": ((64,), 64, 10, 4_000, 6)}


def make_windows(window: int, features: int, count: int) -> Windows:
    random = np.random.default_rng(0)
    total = round(1.25 * count)
    eras = np.where(np.arange(total) < count, Era.TRAIN, Era.VALIDATION).astype(np.int8)
    outcome, stamps = random.normal(size=total), np.arange(total).astype("datetime64[D]").astype("datetime64[us]")
    samples = Samples(
        rows=np.arange(total),
        base=outcome,
        future=outcome,
        outcome=outcome,
        origin_times=stamps,
        target_times=stamps + np.timedelta64(1, "D"),
        blocks=np.zeros(total, dtype=np.int64),
        eras=eras,
    )
    return Windows(
        inputs=random.normal(size=(total + window - 1, features)).astype(np.float32),
        ends=np.arange(window - 1, total + window - 1),
        window=window,
        outcomes=outcome.astype(np.float32),
        persistence=np.zeros(total, dtype=np.float32),
        samples=samples,
    )


def measure(name: str) -> None:
    units, window, features, count, epochs = SIZES[name]
    windows = make_windows(window, features, count)
    settings = TrainingSettings(units=units, window=window, epochs=epochs, patience=epochs, seeds=SEEDS)
    with tempfile.TemporaryDirectory() as folder:
        warm_up()
        begun, used = time.perf_counter(), time.process_time()
        alone = train_lstm(windows, settings, Path(folder) / "alone")
        one_by_one, used = time.perf_counter() - begun, time.process_time() - used
        begun = time.perf_counter()
        beside = train_side_by_side(windows, settings, Path(folder) / "beside", NoProgress(), never_stop)
        side_by_side = time.perf_counter() - begun
    for one, other in zip(alone.network.members, beside.network.members, strict=True):
        assert all(np.array_equal(one[array], other[array]) for array in one), "the weights differ"
    workers = count_workers(SEEDS)
    saved = saved_seconds(used / (SEEDS * epochs), settings, SEEDS, workers)
    chosen = f"side by side, saving {saved:.0f} s" if saved > WORTH_SECONDS else "one after the other"
    print(
        f"{name}: {SEEDS} networks one after the other {one_by_one:.1f} s (CPU {used:.1f}), on {workers} workers "
        f"{side_by_side:.1f} s: ratio {side_by_side / one_by_one:.2f}; equal weights; chosen: {chosen}",
        flush=True,
    )


if __name__ == "__main__":
    for size in sys.argv[1:] or SIZES:
        measure(size)
