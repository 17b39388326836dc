"""The rival of `train_against_torch`: an LSTM with a linear layer in PyTorch, trained with Adam on the mean squared error.

Runs in an environment of its own. Reads a window, features, units, a batch and seconds from each line of the standard input,
trains that long, and writes sequences a second.
"""

import sys
import time

import numpy as np
import torch  # type: ignore[import-not-found,unused-ignore]

ROWS = 20_000
THREADS = 2


class Rival:
    """A network and its data; `train` takes one step on a batch drawn at random."""

    def __init__(self, window: int, features: int, units: int, batch: int) -> None:
        self.random, self.window, self.batch = np.random.default_rng(0), window, batch
        self.inputs = self.random.normal(size=(ROWS, features)).astype(np.float32)
        self.outcomes = self.random.normal(size=ROWS).astype(np.float32)
        self.lstm, self.dense = torch.nn.LSTM(features, units, batch_first=True), torch.nn.Linear(units, 1)
        self.optimizer = torch.optim.Adam([*self.lstm.parameters(), *self.dense.parameters()], lr=1e-3)

    def train(self) -> None:
        ends = self.random.integers(self.window - 1, ROWS, self.batch)
        windows = torch.from_numpy(self.inputs[ends[:, None] + np.arange(1 - self.window, 1)])
        self.optimizer.zero_grad()
        hidden, _ = self.lstm(windows)
        output = self.dense(hidden[:, -1])[:, 0]
        torch.nn.functional.mse_loss(output, torch.from_numpy(self.outcomes[ends])).backward()
        self.optimizer.step()


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    rivals: dict[tuple[str, ...], Rival] = {}
    for line in sys.stdin:
        *sizes, seconds = line.split()
        if tuple(sizes) not in rivals:
            rivals[tuple(sizes)] = Rival(*map(int, sizes))
            for _ in range(5):
                rivals[tuple(sizes)].train()
        rival, steps, begun = rivals[tuple(sizes)], 0, time.perf_counter()
        while time.perf_counter() - begun < float(seconds):
            rival.train()
            steps += 1
        print(steps * rival.batch / (time.perf_counter() - begun), flush=True)
