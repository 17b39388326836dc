"""The placebo: ridge on targets whose outcomes are shuffled in blocks, where there is nothing to find."""

from dataclasses import dataclass

import numpy as np

from core.data.eras import Era
from core.forecast.evaluation.gains import block_length
from core.forecast.evaluation.scores import EraName
from core.forecast.evaluation.windowed import fit_ridges
from core.forecast.network.windows import Windows
from core.progress import ShouldStop
from core.samples.samples import Samples
from core.samples.task import Task
from core.text.format import format_percent

PLACEBOS = 99
# Outcomes kept for all placebos at once: 40 MiB.
_MOST_SAMPLES = 50_000


@dataclass(frozen=True, kw_only=True)
class Placebo:
    """The R2 of ridge against the train mean on the `n` samples of `era`, and on `placebos` with shuffled outcomes.

    `percentile` is the share of placebos that score lower, ties counted half: without any signal each from 0 to 1 is as likely.
    """

    era: EraName
    n: int
    placebos: int
    r2: float
    highest: float
    percentile: float

    @property
    def sentence(self) -> str:
        """How the real score compares with the placebos."""
        lower = f"{self.percentile * self.placebos:.0f}"
        return (
            f"Placebo: ridge scores higher on the real outcomes than on {lower} of {self.placebos} with shuffled blocks (R² "
            f"{format_percent(self.r2)}, highest placebo {format_percent(self.highest)})."
        )


def measure_placebo(
    windows: Windows, task: Task, seed: int, should_stop: ShouldStop, *, open_test: bool
) -> Placebo | None:
    """Fit ridge to the real outcomes and to 99 placebos; None without samples to score.

    Blocks of n^(1/3) time stamps, or of twice the horizon if that is more, change places; at each stamp the outcomes of all series
    move together, which keeps their correlation. Outcomes are shuffled over train and the judged era, test once it is open, else
    validation; a sealed test era is not read. The inputs are those of the network, which were ranked on real train outcomes: with
    many features to choose from the real score is a little too low.

    Parameters
    ----------
    windows, task
        The windows of all eras, and the task.
    seed
        Seed of the shuffles.
    should_stop
        Polled before each block of windows; raises `Stopped`.
    open_test
        Whether to score on the test era.
    """
    samples = windows.samples
    era: EraName = "test" if open_test else "validation"
    judged = samples.of(Era[era.upper()])
    last = Era.TEST if open_test else Era.VALIDATION
    used = np.flatnonzero((samples.eras >= Era.TRAIN) & (samples.eras <= last))
    if not len(judged) or not (samples.eras == Era.TRAIN).any() or len(used) > _MOST_SAMPLES:
        return None
    outcomes = np.zeros((len(samples.rows), 1 + PLACEBOS))
    outcomes[:, 0] = np.nan_to_num(samples.outcome)
    random = np.random.default_rng(seed)
    for column in range(1, 1 + PLACEBOS):
        outcomes[used, column] = samples.outcome[used][_shuffle(samples, used, 2 * task.horizon, random)]
    naive = task.no_change(samples.base)[:, None]
    predicted = naive[judged] + fit_ridges(windows, outcomes - naive, should_stop).predict(judged, should_stop)
    scores = _score(samples, outcomes, judged, predicted)
    real, others = float(scores[0]), scores[1:]
    return Placebo(
        era=era,
        n=len(judged),
        placebos=PLACEBOS,
        r2=real,
        highest=float(others.max()),
        percentile=float(np.mean(np.where(others == real, 0.5, others < real))),
    )


def _shuffle(samples: Samples, used: np.ndarray, shortest: int, random: np.random.Generator) -> np.ndarray:
    """Return from which of the used samples each takes its outcome: blocks of time stamps in random order.

    A sample whose series has no outcome at the other stamp keeps its own.
    """
    stamps, place = np.unique(samples.origin_times[used], return_inverse=True)
    count = len(stamps)
    length = max(block_length(count), shortest)
    # The first block starts anywhere, so no two placebos have the same edges.
    turned = np.roll(np.arange(count), int(random.integers(count)))
    blocks = np.array_split(turned, max(1, count // length))
    order = np.concatenate([blocks[each] for each in random.permutation(len(blocks))])
    series = np.unique(samples.blocks[used], return_inverse=True)[1]
    found = np.full((int(series.max()) + 1, count), -1)
    found[series, place] = np.arange(len(used))
    taken = found[series, order[place]]
    return np.where(taken >= 0, taken, np.arange(len(used)))


def _score(samples: Samples, outcomes: np.ndarray, judged: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the R2 of each outcome against the mean of its train outcomes, series weighted equally, float64 (outcomes,)."""
    train = samples.of(Era.TRAIN)
    model, naive = np.zeros(outcomes.shape[1]), np.zeros(outcomes.shape[1])
    for block in np.unique(samples.blocks[judged]):
        rows, fitted = samples.blocks[judged] == block, train[samples.blocks[train] == block]
        actual = outcomes[judged[rows]]
        mean = outcomes[fitted if len(fitted) else train].mean(axis=0)
        scale = outcomes[fitted if len(fitted) else train].var(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        model += np.square(actual - predicted[rows]).sum(axis=0) / scale
        naive += np.square(actual - mean).sum(axis=0) / scale
    return 1 - model / np.where(naive > 0, naive, 1.0)
