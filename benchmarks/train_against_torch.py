"""Sequences a second of our training, against `torch.nn.LSTM` of the same size on as many threads.

`python -m benchmarks.train_against_torch PYTHON`, with the Python of an environment that has PyTorch and NumPy. Ours is the
training of a job: batches gathered from the rows of its windows, and its network and optimiser in TensorFlow. Then prints what
decides how the steps of a window are computed: the speed of the fused LSTM and of Keras' loops, rolled and unrolled, the seconds
that each takes to build, and after how many batches it has made up for them. All take turns, and the medians of one run are
compared. On a busy machine the threads of PyTorch wait for each other: only a quiet one is fair to it.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Literal

import numpy as np

from benchmarks.train_seeds import make_windows
from core.forecast.network import training
from core.forecast.network.network import NetworkShape
from core.recipe.model import TrainingSettings

# Window, features, units, batch.
SIZES = ((60, 20, 64, 64), (60, 20, 64, 256), (32, 10, 32, 64))
ROUNDS, SECONDS, WARM_BATCHES = 5, 1.0, 5
WINDOWS = 20_000

Size = tuple[int, int, int, int]


class Ours:
    """A learner of the training and its windows."""

    def __init__(self, size: Size, cell: Literal["lstm", "gru"], loop: training.Loop) -> None:
        window, features, units, self.batch = size
        self.windows = make_windows(window, features, WINDOWS)
        shape = NetworkShape(cell=cell, window=window, features=features, units=(units,), dropout=0.0)
        self.random = np.random.default_rng(0)
        begun = time.process_time()
        self.learner = training._Learner(shape, TrainingSettings(), loop, log_odds=None)
        self.learner.reset(seed=0)
        self._train()
        self.learner.read_loss()
        self.build_seconds = time.process_time() - begun
        for _ in range(WARM_BATCHES):
            self._train()

    def rate(self) -> float:
        """Train for some seconds; return sequences a second."""
        steps, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < SECONDS:
            self._train()
            steps += 1
        self.learner.read_loss()
        return steps * self.batch / (time.perf_counter() - begun)

    def _train(self) -> None:
        chosen = self.random.integers(0, WINDOWS, self.batch)
        self.learner.train_batch(self.windows.batch(chosen), self.windows.outcomes[chosen])


class Torch:
    """A process that trains with PyTorch."""

    def __init__(self, python: str) -> None:
        program = Path(__file__).with_name("torch_lstm.py")
        self._process = subprocess.Popen(
            [python, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def rate(self, size: Size) -> float:
        """Train for some seconds; return sequences a second."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(*size, SECONDS, file=self._process.stdin)
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def compare_with_torch(python: str) -> None:
    rival = Torch(python)
    for size in SIZES:
        ours = Ours(size, "lstm", "fused")
        rates = [(ours.rate(), rival.rate(size)) for _ in range(ROUNDS)]
        mine, theirs = median(rate for rate, _ in rates), median(rate for _, rate in rates)
        print(f"LSTM {size}: ours {mine:,.0f} sequences/s, torch {theirs:,.0f}; ratio {mine / theirs:.2f}", flush=True)
    rival.end()


def compare_loops() -> None:
    for cell in ("lstm", "gru"):
        loops: tuple[training.Loop, ...] = ("rolled", "unrolled") if cell == "gru" else ("rolled", "unrolled", "fused")
        for size in SIZES:
            learners = {loop: Ours(size, cell, loop) for loop in loops}
            rates = {loop: median(each) for loop, each in _by_turns(learners).items()}
            rolled = learners["rolled"]
            for loop, learner in learners.items():
                built = learner.build_seconds - rolled.build_seconds
                saved = size[-1] * (1 / rates["rolled"] - 1 / rates[loop])
                paid = f"; paid for after {built / saved:,.0f} batches" if built > 0 and saved > 0 else ""
                print(
                    f"{cell.upper()} {size}, {loop}: {rates[loop] / rates['rolled']:.2f} times the sequences/s of the rolled "
                    f"loop, builds in {learner.build_seconds:.1f} s of a processor{paid}",
                    flush=True,
                )


def _by_turns(learners: dict[training.Loop, Ours]) -> dict[training.Loop, list[float]]:
    rounds = [{loop: learner.rate() for loop, learner in learners.items()} for _ in range(ROUNDS)]
    return {loop: [one[loop] for one in rounds] for loop in learners}


if __name__ == "__main__":
    training.load_tensorflow()
    if len(sys.argv) > 1:
        compare_with_torch(sys.argv[1])
    compare_loops()
