"""What the LSTM adds: by memory, against networks without earlier rows or their order, and by non-linearity, against ridge."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from core.forecast.evaluation.outcomes import Outcomes, build_outcomes
from core.forecast.evaluation.placebo import Placebo
from core.forecast.evaluation.scores import SIGNIFICANT, EraName, Loss
from core.forecast.network.ablations import LAST_ROW, SHUFFLED
from core.samples.samples import Samples
from core.samples.task import Task
from core.text.format import format_p, format_percent

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

RIDGE = "linear"


@dataclass(frozen=True, kw_only=True)
class Gain:
    """How much lower the loss of the LSTM is than that of a model that lacks something, as a share of the latter's.

    `p_value` is one-sided: small if the LSTM is more accurate (Diebold-Mariano). Clark and West's adjustment would be wrong here:
    it takes the noise of the smaller model as part of the larger one's, and these are trained independently. Statistic and
    p-value are None if there is no test.
    """

    gain: float
    statistic: float | None
    p_value: float | None

    @property
    def matters(self) -> bool:
        """Whether the loss is lower, and significantly so."""
        return self.gain > 0 and self.p_value is not None and self.p_value < SIGNIFICANT

    @property
    def text(self) -> str:
        """The difference in loss with its p-value."""
        return (
            f"loss {format_percent(abs(self.gain))} {'lower' if self.gain >= 0 else 'higher'}, {format_p(self.p_value)}"
        )


@dataclass(frozen=True, kw_only=True)
class LstmAdds:
    """What the LSTM adds on the `n` samples of `era`.

    `last_row` compares with the same network that sees only the row of the origin, `shuffled` with the same network that sees
    the earlier rows of each window in random order, and `ridge` with ridge regression on the same windows, None if that was not
    fitted. No model sees other samples. `placebo` compares ridge with itself on shuffled outcomes.
    """

    era: EraName
    n: int
    last_row: Gain
    shuffled: Gain
    ridge: Gain | None
    placebo: Placebo | None = None

    @property
    def sentence(self) -> str:
        """What memory and non-linearity add, with the tests, and the placebo."""
        placebo = "" if self.placebo is None else f" {self.placebo.sentence}"
        return f"Memory: {self._memory}. Non-linearity: {self._non_linearity}.{placebo}"

    @property
    def _memory(self) -> str:
        if not self.last_row.matters:
            return f"no gain over the last row alone ({self.last_row.text})"
        earlier = f"earlier rows matter ({self.last_row.text})"
        if self.shuffled.matters:
            return f"{earlier}, and so does their order ({self.shuffled.text})"
        return f"{earlier}; their order adds nothing significant ({self.shuffled.text})"

    @property
    def _non_linearity(self) -> str:
        if self.ridge is None:
            return "not known, because the recipe leaves out the linear baseline"
        return f"{'a gain' if self.ridge.matters else 'no gain'} over ridge ({self.ridge.text})"


def measure_lstm_adds(
    predictions: pd.DataFrame,
    ablated: pd.DataFrame,
    features: "FeatureFrame",
    samples: Samples,
    task: Task,
    loss: Loss,
) -> LstmAdds | None:
    """Measure what the LSTM adds on test if it is open, else on validation; None without forecasts.

    Parameters
    ----------
    predictions
        The table that `build_predictions` made.
    ablated
        Levels predicted by the ablations, one column each, with the rows of `predictions`.
    features, samples, task, loss
        The feature frame, the samples of all eras, the task, and what models are judged by.
    """
    era: EraName = "test" if (predictions["era"] == "test").any() else "validation"
    part = predictions.join(ablated)[predictions["era"] == era]
    if not len(part):
        return None
    outcomes = build_outcomes(part, features, samples, task, loss)
    return LstmAdds(
        era=era,
        n=len(part),
        last_row=_gain_over(LAST_ROW, outcomes),
        shuffled=_gain_over(SHUFFLED, outcomes),
        ridge=_gain_over(RIDGE, outcomes) if RIDGE in part else None,
    )


def _gain_over(name: str, outcomes: Outcomes) -> Gain:
    """Return the gain over a model; without any loss of the latter it is 0."""
    without, test = outcomes.mean_loss(name), outcomes.accuracy(name, "lstm")
    gain = 1 - outcomes.mean_loss("lstm") / without if without > 0 else 0.0
    return Gain(gain=gain, statistic=test.statistic, p_value=test.p_value)
