"""Errors in training: too little or unsuitable data, a diverging loss, checkpoints, and weights that cannot be read."""

from core.errors.model import BundleError, DataError, WorkspaceError
from core.text.format import format_count, format_distance, format_number

_EXPORT_AGAIN = "Export the bundle again."


class NoTrainOutcome(DataError, code="no-train-outcome"):
    """No row of the train era has a known outcome."""

    message = "No row of the train era has a known outcome."
    hint = "Use a shorter horizon or a longer train era."


class TooFewWindows(DataError, code="too-few-windows"):
    """The train or validation era has fewer windows than training needs."""

    era: str
    found: int
    needed: int
    window: int
    rows: int
    hint = "Use a shorter window or horizon, another split, or more rows."

    @property
    def message(self) -> str:
        """How many windows there are, how many are needed, and how many rows the data have."""
        return (
            f"The {self.era} era has {self.found:,} windows of {self.window:,} rows; training needs at least {self.needed} (the "
            f"data have {self.rows:,} rows)."
        )


class ValueTooLarge(DataError, code="value-too-large"):
    """A scaled feature value is not a finite float32."""

    feature: str
    value: float
    line: int
    hint = "Drop the column, or clip it."

    @property
    def message(self) -> str:
        """The feature, its value and the line of the file."""
        return (
            f"Feature {self.feature!r} is {format_number(self.value)} in line {self.line:,}, too large for the network."
        )


class LossDiverged(DataError, code="loss-diverged"):
    """The loss became infinite or NaN before the first epoch ended.

    `size` is how many scales the most extreme value is from its centre, if one is extreme: in the line `line`, of the feature
    `feature` or, if that is None, of the outcome.
    """

    epoch: int
    feature: str | None = None
    line: int | None = None
    size: float | None = None
    hint = "Lower the learning rate or the gradient clip, or look for extreme values in the features."

    @property
    def message(self) -> str:
        """In which epoch the loss diverged, and the most extreme value."""
        found = f"The loss became infinite or NaN in epoch {self.epoch}, so there are no weights to keep."
        if self.line is None or self.size is None:
            return found
        what = "the outcome predicted from" if self.feature is None else f"feature {self.feature!r} in"
        return f"{found} The most extreme value is {what} line {self.line:,}: {format_distance(self.size)}."


class CheckpointNotWritten(WorkspaceError, code="checkpoint-not-written"):
    """A checkpoint cannot be written to the data folder."""

    size: int
    folder: str
    reason: str
    hint = "Free some space and train again: training resumes from the previous checkpoint."

    @property
    def message(self) -> str:
        """The size of the checkpoint, the folder and the system's reason."""
        return f"The checkpoint of {self.size:,} bytes cannot be written to {self.folder}: {self.reason}."


class WeightsUnreadable(BundleError, code="weights-unreadable"):
    """The archive of the weights, or an array in it, is damaged."""

    reason: str
    array: str | None = None
    hint = _EXPORT_AGAIN

    @property
    def message(self) -> str:
        """What cannot be read, and why."""
        what = "The weights" if self.array is None else f"The weights array {self.array}"
        return f"{what} cannot be read: {self.reason}."


class WrongWeightNames(BundleError, code="wrong-weight-names"):
    """The names of the weights are not those of the network's layers."""

    found: int
    cell: str
    layers: int
    hint = _EXPORT_AGAIN

    @property
    def message(self) -> str:
        """How many arrays there are, and for which network."""
        network = "an LSTM" if self.cell == "lstm" else "a GRU"
        layers = format_count(self.layers, "layer")
        return f"The names of the {self.found:,} weight arrays do not fit {network} network with {layers}."


class WrongWeightShape(BundleError, code="wrong-weight-shape"):
    """An array of the weights has another shape or type than the network needs."""

    array: str
    shape: tuple[int, ...]
    dtype: str
    needed: tuple[int, ...]
    hint = _EXPORT_AGAIN

    @property
    def message(self) -> str:
        """The shape and type of the array, and those needed."""
        return f"The weights array {self.array} has shape {self.shape} and type {self.dtype}, not {self.needed} and float32."


class WeightsTooLarge(BundleError, code="weights-too-large"):
    """An array of the weights is larger than the network needs."""

    array: str
    hint = _EXPORT_AGAIN

    @property
    def message(self) -> str:
        """The name of the array."""
        return f"The weights array {self.array} is larger than the network needs."


class WeightsNotFinite(BundleError, code="weights-not-finite"):
    """An array of the weights holds infinite or NaN values."""

    array: str
    hint = "Train again."

    @property
    def message(self) -> str:
        """The name of the array."""
        return f"The weights array {self.array} holds infinite or NaN values."
