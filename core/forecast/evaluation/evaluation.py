"""The evaluation of a forecast: every model scored on rows that nothing was fitted on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.blocks import block_slices
from core.forecast.evaluation.backtest import ENDED, FILLED, Backtest, Trades, run_backtest
from core.forecast.evaluation.calibration import Calibration
from core.forecast.evaluation.certificate import Certificate
from core.forecast.evaluation.doubts import OutsideTrain, averaging_autocorrelation
from core.forecast.evaluation.era_scores import score_era
from core.forecast.evaluation.interval_scores import IntervalScores, score_interval
from core.forecast.evaluation.intervals import Interval
from core.forecast.evaluation.lstm_adds import LstmAdds
from core.forecast.evaluation.naive_checks import NaiveChecks, compute_naive_checks
from core.forecast.evaluation.outcomes import Outcomes, build_outcomes
from core.forecast.evaluation.reliability import ReliabilityBin, hosmer_lemeshow, measure_reliability
from core.forecast.evaluation.scores import EraName, Loss, Scores, model_label, naive_phrase, naive_rival
from core.forecast.evaluation.tradable import Obstacle
from core.forecast.evaluation.train_steps import mean_train_step
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.volatility import volatility_at_origin
from core.forecast.evaluation.volatility_measure import VolatilityMeasure
from core.forecast.evaluation.von_neumann import UNORDERED
from core.forecast.evaluation.walk_forward import WalkForward
from core.quality.checks.suspected_leaks import SuspectedLeak
from core.quality.forecastability.guide import Guide
from core.samples.samples import Samples, train_mean
from core.samples.task import Task

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


_OUTCOMES = {
    "level": "levels",
    "difference": "changes",
    "return": "returns",
    "log_return": "log returns",
    "volatility": "log volatility",
}


@dataclass(frozen=True, kw_only=True)
class SeriesScores:
    """The LSTM on one series of a panel: rows, its mean loss, that of the best naive forecast, and its R2 against it."""

    series: str
    n: int
    mean_loss: float
    naive_loss: float
    r2_oos: float | None


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Scores of every model on each era, with interval, backtest and naive checks of the LSTM.

    `test` and `interval` are None while test is sealed. `loss` is what models are judged by. `mean_is_rival`: on the train era
    the mean forecasts the target better than its last value does, so it is a rival and the reference of directions. `series`
    are the scores by series on the judged era, of panels. `obstacle` is why the target cannot be traded.

    `suspected` are chosen columns suspected of look-ahead, `known_in_time` those that the user confirms to be known in time.
    `diverged` are models with predictions beyond what train outcomes allow, `outside_train` chosen features with values outside
    their train range, `problem_columns` used columns with an open problem of Quality. `averaging` is the autocorrelation of
    changes if it is that of period averages. `von_neumann_ratio` is that of the train era if rows are ordered by a count, None
    if they have time stamps. `volatility` is how the predicted volatility is measured, None if something else is predicted.
    `guide` is what the map of predictability recommended. `lstm_adds` is what memory and non-linearity add, None if it was not
    measured. `causality` certifies that nothing depends on later rows, None if that was not checked. `walk_forward` are the
    scores in several periods, None if they were not run. `trials` are those of the file so far. `calibration` and `reliability`
    are those of the LSTM's probabilities of a direction, the latter on the judged era.
    """

    task: Task
    loss: Loss = "squared_error"
    mean_is_rival: bool
    test: dict[str, Scores] | None
    validation: dict[str, Scores]
    interval: IntervalScores | None
    backtest: Backtest | None
    naive_checks: NaiveChecks
    obstacle: Obstacle | None = None
    series: tuple[SeriesScores, ...] = ()
    suspected: tuple[SuspectedLeak, ...] = ()
    known_in_time: tuple[str, ...] = ()
    diverged: tuple[str, ...] = ()
    outside_train: tuple[OutsideTrain, ...] = ()
    problem_columns: tuple[str, ...] = ()
    averaging: float | None = None
    von_neumann_ratio: float | None = None
    volatility: VolatilityMeasure | None = None
    guide: Guide | None = None
    lstm_adds: LstmAdds | None = None
    causality: Certificate | None = None
    walk_forward: WalkForward | None = None
    trials: Trials = Trials()
    calibration: Calibration | None = None
    reliability: tuple[ReliabilityBin, ...] = ()

    @property
    def is_unordered(self) -> bool:
        """Whether rows without time stamps do not look like a time series."""
        return self.von_neumann_ratio is not None and self.von_neumann_ratio >= UNORDERED

    @property
    def judged(self) -> tuple[dict[str, Scores], EraName]:
        """The scores on test if it is open, else on validation, and the name of that era."""
        return (self.validation, "validation") if self.test is None else (self.test, "test")

    @property
    def loss_name(self) -> str:
        """What models are judged by, within a sentence."""
        names = {"qlike": "QLIKE", "log_loss": "log loss"}
        return names.get(self.loss) or f"squared error of {_OUTCOMES[self.task.predict]}"

    @property
    def loss_definition(self) -> str:
        """What the mean loss of a table is, within a sentence."""
        relative = ", relative to that of the naive forecast in train" if self.loss == "squared_error" else ""
        return f"{self.loss_name}{relative}"

    def naive_phrase(self, name: str) -> str:
        """Return a naive forecast within a sentence."""
        return naive_phrase(name, self.loss)

    def model_label(self, name: str) -> str:
        """Return the name of a model in tables and charts."""
        return model_label(name, self.loss)

    @property
    def reliability_p(self) -> float | None:
        """The p-value of reliable probabilities (Hosmer-Lemeshow); None if no direction is predicted, or without bins."""
        return hosmer_lemeshow(self.reliability, self.task.horizon)

    @property
    def adjusted_p(self) -> float | None:
        """The p-value of the LSTM's signal on test as the best of all judged settings; None if they were not counted."""
        return None if self.test is None else self.trials.adjust(self.test["lstm"].signal_p)

    @property
    def no_backtest(self) -> str | None:
        """Why there is no backtest, in two sentences; None if there is one."""
        return None if self.backtest is not None else (self.obstacle or Obstacle.NO_ROWS).text


def evaluate(
    predictions: pd.DataFrame,
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    loss: Loss,
    interval: Interval | None,
    cost_bps: float,
    obstacle: Obstacle | None = None,
) -> Evaluation:
    """Evaluate every model on each era of `predictions`.

    The interval is scored on test. Backtest, naive checks and scores by series are those of the LSTM on test, or on validation
    while test is sealed.

    Parameters
    ----------
    predictions
        The table that `build_predictions` made.
    features, samples, task, loss
        The feature frame, the samples of all eras, the task, and what models are judged by.
    interval
        The prediction interval of the LSTM, if there is one.
    cost_bps
        Trading costs, in basis points each way.
    obstacle
        Why the target cannot be traded, from `find_obstacle`; there is then no backtest.
    """
    mean_is_rival = train_mean(samples, is_direction=task.is_direction) is not None
    train_step = None if task.is_direction else mean_train_step(features, samples)
    parts = {str(era): part for era, part in predictions.groupby("era")}
    outcomes = {era: build_outcomes(part, features, samples, task, loss) for era, part in parts.items()}
    scores = {
        era: score_era(part, features, outcomes[era], train_step, mean_is_rival=mean_is_rival)
        for era, part in parts.items()
    }
    test = parts.get("test")
    judged: EraName = "validation" if test is None else "test"
    part = parts.get(judged)
    interval_scores = None
    if interval is not None and test is not None:
        origins = test.index.to_numpy()
        interval_scores = score_interval(
            interval, test, volatility_at_origin(features, task)[origins], features.blocks[origins]
        )
    backtest = None
    if part is not None and obstacle is None:
        backtest = run_backtest(_trades(part, features, task.horizon), cost_bps, judged)
    return Evaluation(
        task=task,
        loss=loss,
        mean_is_rival=mean_is_rival,
        test=scores.get("test"),
        validation=scores.get("validation", {}),
        interval=interval_scores,
        backtest=backtest,
        obstacle=obstacle,
        naive_checks=compute_naive_checks(part, features, outcomes.get(judged), judged, mean_is_rival=mean_is_rival),
        averaging=averaging_autocorrelation(features, samples, task),
        reliability=_measure_reliability(outcomes[judged]) if judged in outcomes else (),
        series=_score_series(outcomes[judged], naive_rival(scores[judged])) if judged in outcomes else (),
    )


def _measure_reliability(outcomes: Outcomes) -> tuple[ReliabilityBin, ...]:
    if outcomes.loss != "log_loss":
        return ()
    return measure_reliability(outcomes.predicted["lstm"], outcomes.actual, outcomes.horizon)


def _score_series(outcomes: Outcomes, rival: str) -> tuple[SeriesScores, ...]:
    """Score the LSTM on each series of a panel, the best first."""
    if outcomes.series is None:
        return ()
    lstm, naive = outcomes.losses("lstm"), outcomes.losses(rival)
    found = []
    for rows in block_slices(outcomes.series, len(lstm)):
        ours, theirs = float(lstm[rows].mean()), float(naive[rows].mean())
        name, count = str(outcomes.series[rows.start]), rows.stop - rows.start
        r2 = 1 - ours / theirs if theirs > 0 else None
        found.append(SeriesScores(series=name, n=count, mean_loss=ours, naive_loss=theirs, r2_oos=r2))
    return tuple(sorted(found, key=lambda each: (-(each.r2_oos if each.r2_oos is not None else -np.inf), each.series)))


def _trades(part: pd.DataFrame, features: "FeatureFrame", horizon: int) -> Trades:
    """Return the trades of an era; those that end on a later row than the era's last outcome are left out."""
    origins = part.index.to_numpy()
    last = np.empty_like(origins)
    for rows in block_slices(features.blocks[origins], len(origins)):
        last[rows] = origins[rows].max() + horizon
    filled = origins + ENDED <= last
    origins = origins[filled]
    prices = features.target if features.prices is None else features.prices
    start = prices[origins] if features.prices is None else 0.5
    return Trades(
        origins=origins,
        blocks=features.blocks[origins],
        times=features.times[origins + ENDED],
        entry=prices[origins + FILLED],
        exit=prices[origins + ENDED],
        predicted_change=part["lstm"].to_numpy()[filled] - start,
    )
