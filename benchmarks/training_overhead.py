"""What the journal of a run costs its training: `python -m benchmarks.training_overhead`.

Trains the same networks with the progress of a worker, whose thread writes steps, metrics and heartbeats to the database of a
workspace and reads stop requests, and without any. Both take turns. Prints the ratio of processor seconds, which hold those of
the thread, and of the wall clock, each from the fastest of several turns; the weights must be equal.
"""

import os
import tempfile
import time
from io import BytesIO
from pathlib import Path

import numpy as np

from benchmarks.train_seeds import make_windows
from core.forecast.network.training import train_lstm, warm_up
from core.progress import NoProgress
from core.recipe.model import TrainingSettings
from core.workspace.processes import require_process
from core.workspace.progress_writer import ProgressWriter
from core.workspace.projects import Workspace

ROUNDS, EPOCHS = 5, 40
# Units, window, features, train windows: short epochs report most often.
SIZES = {"small": ((16,), 16, 5, 1_000), "default": ((32,), 32, 10, 1_300)}


def measure(name: str, workspace: Workspace) -> None:
    units, window, features, count = SIZES[name]
    windows = make_windows(window, features, count)
    settings = TrainingSettings(units=units, window=window, epochs=EPOCHS, patience=EPOCHS)
    project = workspace.create_project(name)
    workspace.add_file(project.id, "data.csv", BytesIO(b"time,y\n2020-01-01,1\n"))
    run = workspace.start_run(project.id, "training")
    workspace.claim_run(run.id, require_process(os.getpid()))
    run = workspace.run(run.id)
    seconds: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    weights = []
    for turn in range(2 * ROUNDS):
        writes = bool(turn % 2)
        with tempfile.TemporaryDirectory() as folder:
            begun, used = time.perf_counter(), time.process_time()
            if writes:
                writer = ProgressWriter(workspace, run)
                writer.start()
                model = train_lstm(windows, settings, Path(folder), writer, writer.should_stop)
                writer.close()
            else:
                model = train_lstm(windows, settings, Path(folder), NoProgress())
            seconds[writes].append((time.process_time() - used, time.perf_counter() - begun))
        weights.append(model.network.members[0])
    assert all(np.array_equal(weights[0][array], each[array]) for each in weights for array in each), (
        "the weights differ"
    )
    cpu, wall = (
        min(one[place] for one in seconds[True]) / min(one[place] for one in seconds[False]) for place in (0, 1)
    )
    bare = min(one[0] for one in seconds[False])
    print(
        f"{name}: {EPOCHS} epochs, {bare:.1f} s of a processor without the journal; with it "
        f"{cpu:.3f} times, by the clock {wall:.3f}"
    )


if __name__ == "__main__":
    warm_up()
    with tempfile.TemporaryDirectory() as home:
        workspace = Workspace(Path(home))
        for size in SIZES:
            measure(size, workspace)
        workspace.close()
