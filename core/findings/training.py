"""Findings about training: checkpoints, losses, and the epoch whose weights were kept."""

from core.findings.model import Finding, Remedy, Severity
from core.text.feature_tokens import feature_label
from core.text.format import format_correlation, format_count, format_distance, format_error, format_number, format_p


class CheckpointDamaged(Finding, code="checkpoint-damaged"):
    """A checkpoint fails its SHA-256 check and was not used.

    Training resumes from the older checkpoint, or starts again. If this recurs, check the disk.
    """

    damaged: int
    found: int
    resumed_epoch: int | None
    severity = Severity.WARNING
    title = "A checkpoint is damaged and was not used"

    @property
    def detail(self) -> str:
        resumed = "started from scratch" if self.resumed_epoch is None else f"resumed in epoch {self.resumed_epoch}"
        return f"{self.damaged} of {self.found} checkpoints failed verification; training {resumed}."


class LossNotFinite(Finding, code="loss-not-a-number"):
    """The loss became infinite or NaN during training.

    The best earlier weights are kept. Lower the learning rate.
    """

    learning_rate: float
    count: int
    severity = Severity.WARNING
    title = "Training diverged: the loss became infinite or NaN"

    @property
    def detail(self) -> str:
        return (
            f"{format_count(self.count, 'network')} ended there and kept the best earlier weights. The learning rate was "
            f"{format_number(self.learning_rate)}: try a lower one."
        )

    @property
    def remedy(self) -> Remedy:
        return Remedy(
            label="Divide learning rate by 10",
            section="training",
            field="learning_rate",
            value=self.learning_rate / 10,
        )


class ExtremeValue(Finding, code="extreme-value"):
    """Training diverged, and one scaled value is far from the centre of its column.

    Correct the value, or clip or drop its column.
    """

    column: str
    feature: str | None
    line: int
    size: float
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        if self.feature is None:
            return f"The outcome predicted from line {self.line:,} is extreme: {format_distance(self.size)}"
        return f"{feature_label(self.feature)} is extreme in line {self.line:,}: {format_distance(self.size)}"

    detail = "It is the most extreme value of the training, so it probably made the loss infinite or NaN."


class ValLossAbovePersistence(Finding, code="val-loss-above-persistence"):
    """No epoch had a lower validation loss than persistence.

    Expect no skill. Try other features, a longer window, or another target.
    """

    val_loss: float
    persistence_val_loss: float
    severity = Severity.WARNING
    title = "The validation loss never fell below that of persistence"

    @property
    def detail(self) -> str:
        return (
            f"The lowest val_loss is {format_error(self.val_loss)}; persistence, which predicts no change, has "
            f"{format_error(self.persistence_val_loss)}."
        )


class ValLossAboveMean(Finding, code="val-loss-above-mean"):
    """No epoch had a lower validation loss than the train mean.

    Expect no skill. Try other features, a longer window, or another target.
    """

    val_loss: float
    mean_val_loss: float
    severity = Severity.WARNING
    title = "The validation loss never fell below that of the train mean"

    @property
    def detail(self) -> str:
        return (
            f"The lowest val_loss is {format_error(self.val_loss)}; always predicting the target's train mean has "
            f"{format_error(self.mean_val_loss)}."
        )


class BestEpochFirst(Finding, code="best-epoch-first"):
    """The first epoch of a network had the lowest validation loss, and more epochs followed.

    What the network learned later does not generalise. Try a lower learning rate or a smaller network.
    """

    count: int
    severity = Severity.WARNING
    title = "The first epoch was the best"
    detail = "val_loss did not improve after it: what the network learned later does not generalise to validation."


class BestEpochLast(Finding, code="best-epoch-last"):
    """The last epoch allowed had the lowest validation loss.

    Allow more epochs.
    """

    more_epochs: int
    count: int
    severity = Severity.INFO
    title = "The last epoch was the best"
    detail = "val_loss was still falling: more epochs may give a more accurate network."

    @property
    def remedy(self) -> Remedy:
        return Remedy(
            label=f"Train up to {self.more_epochs} epochs", section="training", field="epochs", value=self.more_epochs
        )


class NoAnswerExpected(Finding, code="no-answer-expected"):
    """The map of predictability has no answer to the question of the recipe.

    Expect no evidence of skill. Choose a question that has an answer in the view "Forecastability" of step 2.
    """

    column: str
    question: str
    rival: str
    r2_oos: float
    q_value: float
    n: int
    instead: str | None
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"No linear model forecasts the {self.question} beyond luck"

    @property
    def detail(self) -> str:
        instead = "" if self.instead is None else f" The {self.instead} has an answer."
        return (
            f"Over {format_count(self.n, 'outcome')} of train and validation, the better of two ridges has an out-of-sample R² of "
            f"{format_correlation(self.r2_oos)} beyond {self.rival} ({format_p(self.q_value).replace('p', 'q', 1)}). Expect no "
            f"evidence of skill.{instead}"
        )
