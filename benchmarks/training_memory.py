"""The peak memory of a process that trains on 1,000,000 rows of 100 features in windows of 60.

`python -m benchmarks.training_memory [ROWS]`. A process of its own makes a feature frame, scales it, makes its windows and trains a
few hundred batches of one epoch: more would not change the peak, since batches are gathered one at a time. Reading, cleaning and
ranking come before and are not counted. Prints the peak after each stage, the part that the float64 features take, and the ratio
to the rival, windows that are all gathered first.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.eras import Eras
from core.forecast.network.scaling import fit_scaling
from core.forecast.network.training import load_tensorflow, train_lstm
from core.forecast.network.windows import make_windows
from core.progress import NoProgress
from core.recipe.model import TrainingSettings
from core.samples.features import FeatureFrame
from core.samples.samples import make_samples
from core.samples.task import Task

FEATURES, WINDOW, BATCHES = 100, 60, 300
MIB = 1 << 20


class StopAfter:
    """Polled once a batch, it stops the training after `BATCHES` of them."""

    def __init__(self) -> None:
        self.left = BATCHES

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def print_peak(stage: str) -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{stage}: peak {peak:,.0f} MiB", flush=True)
    return peak


def train(rows: int) -> None:
    load_tensorflow()
    print_peak("TensorFlow loaded")
    chance = np.random.default_rng(0)
    values = np.empty((FEATURES, rows))
    for feature in values:
        feature[:] = chance.standard_normal(rows, dtype=np.float32)
    times = np.datetime64("2000-01-01", "us") + np.arange(rows) * np.timedelta64(60, "s")
    cuts = [str(times[round(share * (rows - 1))]) for share in (0, 0.7, 0.85, 1)]
    eras = Eras(start=cuts[0], validation_from=cuts[1], test_from=cuts[2], end=cuts[3], embargo=0, rows=(0, 0, 0))
    names = tuple(f"x{place}" for place in range(FEATURES))
    features = FeatureFrame(
        values=pd.DataFrame(values.T, columns=list(names), copy=False),
        times=times,
        series=None,
        blocks=np.zeros(rows, dtype=np.int64),
        target=100 + np.cumsum(values[0]),
        lines=np.arange(rows),
    )
    print_peak("feature frame")
    task = Task(target="y", predict="difference", horizon=1)
    samples = make_samples(features, task, eras)
    scaling = fit_scaling(features, names, samples, task, "standard")
    windows = make_windows(features, names, samples, task, scaling, WINDOW)
    print_peak("windows")
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingSettings(window=WINDOW, units=(64,), epochs=1)
        train_lstm(windows, settings, Path(folder), NoProgress(), StopAfter())
    peak = print_peak(f"{BATCHES} batches trained")
    gathered = len(windows.ends) * WINDOW * FEATURES * 4 / MIB
    print(
        f"{values.nbytes / MIB:,.0f} MiB of it are the features, {windows.inputs.nbytes / MIB:,.0f} the scaled inputs. Windows "
        f"gathered first: {gathered:,.0f} MiB; ratio {peak / gathered:.3f}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--train"]:
        from core.forecast.network import training_loop

        training_loop.POLL_SECONDS = -1.0
        train(int(sys.argv[2]))
    else:
        rows = sys.argv[1] if len(sys.argv) > 1 else "1000000"
        subprocess.run([sys.executable, "-m", "benchmarks.training_memory", "--train", rows], check=True)
