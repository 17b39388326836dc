"""Walk-forward periods: the scores of networks refitted before each period, by period, calendar year and volatility."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from core.accuracy.clark_west import average_by_stamp
from core.forecast.evaluation.outcomes import Outcomes, build_outcomes
from core.forecast.evaluation.scores import Loss, naive_names, naive_phrase
from core.forecast.evaluation.volatility import TERCILES, volatility_at_origin, volatility_terciles
from core.samples.samples import Samples
from core.samples.task import Task
from core.text.format import format_percent

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

PeriodEra = Literal["train", "validation", "test"]


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The mean loss of each model on `n` rows: of a whole period, of a calendar year, or at a tercile of volatility."""

    kind: Literal["period", "year", "volatility"]
    name: str
    n: int
    losses: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Period:
    """One period after the rows that its models were fitted on; ISO time stamps of its first and last row.

    `era` is the era in which it starts. `reason` says why it could not be scored; it then has no slices.
    """

    start: str
    end: str
    era: PeriodEra
    slices: tuple[Slice, ...] = ()
    reason: str = ""

    @property
    def whole(self) -> Slice | None:
        """The scores of the whole period."""
        return next((each for each in self.slices if each.kind == "period"), None)


@dataclass(frozen=True, kw_only=True)
class WalkForward:
    """Periods in order of time, judged by `loss`; the test era, once it is open, is scored by the network itself."""

    periods: tuple[Period, ...]
    loss: Loss = "squared_error"

    @property
    def scored(self) -> tuple[Slice, ...]:
        """The scores of every period that has any."""
        return tuple(period.whole for period in self.periods if period.whole is not None)

    @property
    def rival(self) -> str:
        """The naive forecast with the lowest loss over all periods."""
        totals = _pool(self.scored)
        return min(naive_names(totals), key=lambda name: totals[name], default="persistence")

    def gain(self, losses: dict[str, float]) -> float | None:
        """Return how much lower the LSTM's loss is than the rival's, as a share of it; None without any loss."""
        naive = losses.get(self.rival, 0.0)
        return 1 - losses["lstm"] / naive if naive > 0 else None

    @property
    def gains(self) -> tuple[float | None, ...]:
        """The gain in each period; None if it was not scored."""
        return tuple(None if period.whole is None else self.gain(period.whole.losses) for period in self.periods)

    def pooled(self, kind: Literal["year", "volatility"]) -> tuple[Slice, ...]:
        """Return the scores by calendar year, or by volatility, over all periods."""
        by_name: dict[str, list[Slice]] = defaultdict(list)
        for period in self.periods:
            for each in period.slices:
                if each.kind == kind:
                    by_name[each.name].append(each)
        names = [name for name in TERCILES if name in by_name] if kind == "volatility" else sorted(by_name)
        return tuple(
            Slice(kind=kind, name=name, n=sum(each.n for each in by_name[name]), losses=_pool(by_name[name]))
            for name in names
        )

    @property
    def earlier(self) -> tuple[int, int]:
        """How many of the periods before test the LSTM is better in, and how many were scored."""
        gains = [
            gain
            for period, gain in zip(self.periods, self.gains, strict=True)
            if period.era != "test" and gain is not None
        ]
        return sum(gain > 0 for gain in gains), len(gains)

    @property
    def is_split(self) -> bool:
        """Whether the LSTM is better in fewer than half of the periods before test."""
        better, scored = self.earlier
        return 2 * better < scored

    @property
    def sentence(self) -> str:
        """In how many periods the LSTM is better than the rival, and which is the worst."""
        known = [(gain, place) for place, gain in enumerate(self.gains) if gain is not None]
        if not known:
            return "No period could be scored."
        worst, place = min(known)
        period, better = self.periods[place], sum(gain > 0 for gain, _ in known)
        unscored = len(self.periods) - len(known)
        loss = f"loss {format_percent(abs(worst))} {'lower' if worst >= 0 else 'higher'}"
        return (
            f"Better than {naive_phrase(self.rival, self.loss)} in {better} of {len(known)} periods; worst from "
            f"{period.start[:10]} to {period.end[:10]} ({loss})."
            + (f" {unscored} could not be scored." if unscored else "")
        )


def _pool(slices: "tuple[Slice, ...] | list[Slice]") -> dict[str, float]:
    """Return the mean losses over slices, weighted by their rows, of models that all of them have."""
    total = sum(each.n for each in slices)
    names = [name for name in slices[0].losses if all(name in each.losses for each in slices)] if slices else []
    return {name: sum(each.n * each.losses[name] for each in slices) / total for name in names}


def slice_losses(
    part: pd.DataFrame, features: "FeatureFrame", samples: Samples, task: Task, loss: Loss
) -> tuple[Slice, ...]:
    """Score every model on the rows of a predictions table: all, by calendar year, and by volatility known at the origin.

    Parameters
    ----------
    part
        Rows of the table that `build_predictions` made.
    features, samples, task, loss
        The feature frame, the samples behind the models, the task, and what models are judged by.
    """
    if not len(part):
        return ()
    outcomes = build_outcomes(part, features, samples, task, loss)
    origins = part.index.to_numpy()
    terciles = volatility_terciles(volatility_at_origin(features, task), features.blocks)[origins]
    years = part["time"].to_numpy("datetime64[us]").astype("datetime64[Y]").astype(str)
    return tuple(_slices(outcomes, years, np.array(TERCILES)[terciles]))


def _slices(outcomes: Outcomes, years: np.ndarray, volatility: np.ndarray) -> Iterator[Slice]:
    losses = {name: outcomes.losses(name) for name in outcomes.predicted}

    def mean(kind: Literal["period", "year", "volatility"], name: str, rows: np.ndarray) -> Slice:
        stamps = outcomes.stamps[rows]
        found = {model: float(average_by_stamp(each[rows], stamps).mean()) for model, each in losses.items()}
        return Slice(kind=kind, name=name, n=int(rows.sum()), losses=found)

    yield mean("period", "", np.ones(len(years), dtype=bool))
    for year in np.unique(years):
        yield mean("year", str(year), years == year)
    for name in TERCILES:
        if (volatility == name).any():
            yield mean("volatility", name, volatility == name)
