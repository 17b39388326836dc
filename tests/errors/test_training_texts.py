"""The texts of the errors in training, and of why a training ended, as a user reads them."""

import pytest

from core.errors.model import PlumblineError
from core.errors.training import (
    CheckpointNotWritten,
    LossDiverged,
    NoTrainOutcome,
    TooFewWindows,
    ValueTooLarge,
    WeightsNotFinite,
    WeightsTooLarge,
    WeightsUnreadable,
    WrongWeightNames,
    WrongWeightShape,
)
from core.forecast.network.training_summary import Ending, TrainingSummary

TEXTS = [
    (NoTrainOutcome(), "No row of the train era has a known outcome.", "Use a shorter horizon or a longer train era."),
    (
        TooFewWindows(era="train", found=3, needed=20, window=18, rows=1030),
        "The train era has 3 windows of 18 rows; training needs at least 20 (the data have 1,030 rows).",
        "Use a shorter window or horizon, another split, or more rows.",
    ),
    (
        ValueTooLarge(feature="oil.log_return", value=1e300, line=1061),
        "Feature 'oil.log_return' is 1e300 in line 1,061, too large for the network.",
        "Drop the column, or clip it.",
    ),
    (
        LossDiverged(epoch=1),
        "The loss became infinite or NaN in epoch 1, so there are no weights to keep.",
        "Lower the learning rate or the gradient clip, or look for extreme values in the features.",
    ),
    (
        LossDiverged(epoch=1, feature="oil.log_return", line=1061, size=85.2),
        "The loss became infinite or NaN in epoch 1, so there are no weights to keep. The most extreme value is feature "
        "'oil.log_return' in line 1,061: 85.2 scales from the centre.",
        "Lower the learning rate or the gradient clip, or look for extreme values in the features.",
    ),
    (
        LossDiverged(epoch=2, line=1061, size=float("inf")),
        "The loss became infinite or NaN in epoch 2, so there are no weights to keep. The most extreme value is the outcome "
        "predicted from line 1,061: infinite or NaN.",
        "Lower the learning rate or the gradient clip, or look for extreme values in the features.",
    ),
    (
        CheckpointNotWritten(size=1234567, folder="/data/run", reason="No space left on device"),
        "The checkpoint of 1,234,567 bytes cannot be written to /data/run: No space left on device.",
        "Free some space and train again: training resumes from the previous checkpoint.",
    ),
    (
        WeightsUnreadable(reason="File is not a zip file"),
        "The weights cannot be read: File is not a zip file.",
        "Export the bundle again.",
    ),
    (
        WeightsUnreadable(array="member0_dense_bias.npy", reason="the version of the .npy format is not 1.0"),
        "The weights array member0_dense_bias.npy cannot be read: the version of the .npy format is not 1.0.",
        "Export the bundle again.",
    ),
    (
        WrongWeightNames(found=5, cell="lstm", layers=1),
        "The names of the 5 weight arrays do not fit an LSTM network with 1 layer.",
        "Export the bundle again.",
    ),
    (
        WrongWeightShape(array="member0_dense_bias.npy", shape=(2,), dtype="float64", needed=(1,)),
        "The weights array member0_dense_bias.npy has shape (2,) and type float64, not (1,) and float32.",
        "Export the bundle again.",
    ),
    (
        WeightsTooLarge(array="member0_dense_bias.npy"),
        "The weights array member0_dense_bias.npy is larger than the network needs.",
        "Export the bundle again.",
    ),
    (
        WeightsNotFinite(array="member0_dense_bias.npy"),
        "The weights array member0_dense_bias.npy holds infinite or NaN values.",
        "Train again.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_texts(error: PlumblineError, message: str, hint: str) -> None:
    assert error.message == message
    assert error.hint == hint


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (
            Ending(reason="patience", epoch=24, best_epoch=14, limit=10),
            "Ended after epoch 24: no lower val_loss for 10 epochs; kept the weights of epoch 14.",
        ),
        (
            Ending(reason="patience", epoch=44, best_epoch=34, limit=10, halved=(12, 20)),
            "Ended after epoch 44: no lower val_loss for 10 epochs; kept the weights of epoch 34. Before that epoch the learning "
            "rate was halved 2 times, on plateaus of val_loss.",
        ),
        (
            Ending(reason="epochs", epoch=50, best_epoch=49, limit=50),
            "Ran all 50 epochs; kept the weights of epoch 49.",
        ),
        (
            Ending(reason="diverged", epoch=2, best_epoch=2, limit=50),
            "Diverged in epoch 3: the loss became infinite or NaN; kept the weights of epoch 2.",
        ),
        (
            Ending(reason="stopped", epoch=6, best_epoch=5, limit=50),
            "Stopped on request in epoch 7 of 50; kept the weights of epoch 5.",
        ),
        (
            Ending(reason="stopped", epoch=0, best_epoch=0, limit=50),
            "Stopped on request before the first epoch ended; its initial weights are used.",
        ),
        (
            Ending(reason="stopped", epoch=0, best_epoch=0, limit=50, used=False),
            "Stopped on request before the first epoch ended; this network is not used.",
        ),
    ],
)
def test_an_ending_has_its_reason(ending: Ending, text: str) -> None:
    assert ending.text == text


def test_the_endings_of_several_networks_are_numbered() -> None:
    ending = Ending(reason="epochs", epoch=5, best_epoch=5, limit=5)
    summary = TrainingSummary(history=(), endings=(ending, ending), persistence_val_loss=1.0, findings=())
    assert summary.ended == f"Network 1: {ending.text} Network 2: {ending.text}"
