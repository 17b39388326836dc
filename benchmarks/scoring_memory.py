"""How much memory a prediction takes over its data, for the widest networks that a bundle may hold.

The rival gathers the windows of a batch before its network runs. Prints the peaks of one run and their ratio, then what scoring a
file takes over the columns it reads: `python -m benchmarks.scoring_memory [ROWS]`.
"""

import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from core.delivery.score_rows import score_rows
from core.forecast.network import network as module
from core.forecast.network.network import Network, NetworkShape, predict_scaled
from core.forecast.network.windows import Windows
from tests import conftest
from tests.conftest import random_network

MIB = 1 << 20
SHAPES = (
    NetworkShape(cell="lstm", window=200, features=10_000, units=(8,), dropout=0.0),
    NetworkShape(cell="lstm", window=1, features=10_000, units=(256,), dropout=0.0),
    NetworkShape(cell="lstm", window=60, features=400, units=(128, 64), dropout=0.0),
)


def gathered(network: Network, windows: Windows, positions: np.ndarray) -> np.ndarray:
    """Predict as `predict_scaled` does, with the windows of a batch in memory."""
    shape = network.shape
    size = max(1, min(module.BATCH, module.LARGEST_BATCH // (shape.window * max(shape.features, 8 * max(shape.units)))))
    predicted = np.zeros(len(positions))
    for start in range(0, len(positions), size):
        chosen = positions[start : start + size]
        steps = windows.batch(np.resize(chosen, size)).swapaxes(0, 1)
        for weights in network.members:
            predicted[start : start + size] += module._forward(shape, weights, steps)[: len(chosen)]
    return predicted / len(network.members)


def peak_of(act: Callable[[], object]) -> float:
    """Return the most memory that a call holds, in MiB."""
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1] / MIB
    tracemalloc.stop()
    return peak


def compare_forward_passes() -> None:
    for shape in SHAPES:
        rows = 600 + shape.window
        windows = Windows(
            inputs=np.ones((rows, shape.features), dtype=np.float32),
            ends=np.arange(shape.window - 1, rows),
            window=shape.window,
            outcomes=np.zeros(601, dtype=np.float32),
            persistence=np.zeros(601, dtype=np.float32),
            samples=None,  # type: ignore[arg-type]
        )
        network, every = random_network(shape, seed=0), np.arange(64)
        ours = peak_of(partial(predict_scaled, network, windows, every))
        theirs = peak_of(partial(gathered, network, windows, every))
        print(
            f"window {shape.window}, {shape.features:,} features, units {shape.units}: {ours:.1f} MiB over the data; windows "
            f"gathered first: {theirs:.1f} MiB; ratio {ours / theirs:.2f}"
        )


def measure_scoring(rows: int) -> None:
    """Print what scoring a file of two columns takes over the numbers that it reads and returns."""
    manifest = conftest.manifest.__wrapped__()
    model = replace(manifest.model, interval=None)
    chance = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "date": pd.date_range("1990-01-01", periods=rows, freq="min"),
            "close": 100 * np.exp(np.cumsum(chance.normal(0, 1e-4, rows))),
            "vix": chance.normal(20, 2, rows),
        }
    )
    network = random_network(manifest.shape, seed=1)
    ours = peak_of(lambda: score_rows(model, network, frame, "min"))
    data = frame.memory_usage().sum() / MIB
    print(f"scoring {rows:,} rows of {data:.0f} MiB: peak {ours:.0f} MiB; peak / data {ours / data:.1f}")


if __name__ == "__main__":
    compare_forward_passes()
    measure_scoring(int(float(sys.argv[1])) if len(sys.argv) > 1 else 200_000)
