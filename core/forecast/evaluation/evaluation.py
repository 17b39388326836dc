"""The evaluation of a forecast: every model scored on rows that nothing was fitted on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from core.forecast.evaluation.backtest import NO_PRICE, NO_ROWS, Backtest, Trades, run_backtest
from core.forecast.evaluation.era_scores import score_era
from core.forecast.evaluation.intervals import Interval, IntervalScores, score_interval
from core.forecast.evaluation.naive_checks import NaiveChecks, compute_naive_checks
from core.forecast.evaluation.scores import EraName, Scores
from core.forecast.evaluation.train_steps import mean_train_step
from core.forecast.evaluation.von_neumann import UNORDERED
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Scores of every model on each era, with interval, backtest and naive checks of the LSTM.

    `test` and `interval` are None while test is sealed. `mean_is_rival`: on the train era the mean forecasts the target better
    than its last value does, so it is a rival, the reference of changes, and the target is no tradable price. `von_neumann_ratio`
    is that of the train era if rows are ordered by a count, None if they have time stamps.
    """

    task: Task
    mean_is_rival: bool
    test: dict[str, Scores] | None
    validation: dict[str, Scores]
    interval: IntervalScores | None
    backtest: Backtest | None
    naive_checks: NaiveChecks
    von_neumann_ratio: float | None = None

    @property
    def is_unordered(self) -> bool:
        """Whether rows without time stamps do not look like a time series."""
        return self.von_neumann_ratio is not None and self.von_neumann_ratio >= UNORDERED

    @property
    def judged(self) -> tuple[dict[str, Scores], EraName]:
        """The scores on test if it is open, else on validation, and the name of that era."""
        return (self.validation, "validation") if self.test is None else (self.test, "test")

    @property
    def no_backtest(self) -> str:
        """Why there is no backtest, in a sentence."""
        return NO_PRICE if self.mean_is_rival else NO_ROWS


def evaluate(
    predictions: pd.DataFrame,
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    interval: Interval | None,
    cost_bps: float,
) -> Evaluation:
    """Evaluate every model on each era of `predictions`.

    The interval is scored on test. Backtest and naive checks are those of the LSTM on test, or on validation while test is
    sealed. There is no backtest if the train mean is a rival: the target is then no price.

    Parameters
    ----------
    predictions
        The table that `build_predictions` made.
    features, samples, task
        The feature frame, the samples of all eras, and the task.
    interval
        The prediction interval of the LSTM, if there is one.
    cost_bps
        Trading costs, in basis points each way.
    """
    mean_is_rival = train_mean(samples) is not None
    train_step = mean_train_step(features, samples)
    parts = dict(list(predictions.groupby("era")))
    scores = {
        era: score_era(part, features, task, train_step, mean_is_rival=mean_is_rival) for era, part in parts.items()
    }
    test = parts.get("test")
    judged: EraName = "validation" if test is None else "test"
    part = parts.get(judged)
    interval_scores = None
    if interval is not None and test is not None:
        interval_scores = score_interval(interval, *(test[name].to_numpy() for name in ("actual", "lower", "upper")))
    backtest = None
    if part is not None and not mean_is_rival:
        backtest = run_backtest(_trades(part, features), cost_bps, judged)
    return Evaluation(
        task=task,
        mean_is_rival=mean_is_rival,
        test=scores.get("test"),
        validation=scores.get("validation", {}),
        interval=interval_scores,
        backtest=backtest,
        naive_checks=compute_naive_checks(part, features, task, judged, mean_is_rival=mean_is_rival),
    )


def _trades(part: pd.DataFrame, features: "FeatureFrame") -> Trades:
    origins = part.index.to_numpy()
    price = features.target[origins]
    return Trades(
        times=features.times[origins],
        blocks=features.blocks[origins],
        price=price,
        next_price=features.target[origins + 1],
        predicted_change=part["lstm"].to_numpy() - price,
    )
