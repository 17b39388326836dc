"""The texts of the findings on training, as a user reads them."""

import pytest

from core.findings.model import Finding
from core.findings.training import (
    BestEpochFirst,
    BestEpochLast,
    CheckpointDamaged,
    ExtremeValue,
    LossNotFinite,
    NoAnswerExpected,
    ValLossAboveMean,
    ValLossAbovePersistence,
)
from core.findings.windows import WindowsIncomplete

TEXTS = [
    (
        WindowsIncomplete(column="vix", feature="vix.lag2", window=20, missing=60, count=80, total=1000),
        "80 of 1,000 windows (8%) are incomplete; vix, lag 2 is missing in 60 of them",
        "A window needs every input in all of its 20 rows. These windows are left out, and no row is skipped.",
        "Drop vix",
    ),
    (
        NoAnswerExpected(
            column="sp500",
            question="log return of sp500 over 1 row",
            rival="no change",
            r2_oos=-0.0041,
            q_value=0.34,
            n=711,
            instead="volatility of sp500 over 5 rows",
        ),
        "No linear model forecasts the log return of sp500 over 1 row beyond luck",
        "Over 711 outcomes of train and validation, the better of two ridges has an out-of-sample R² of -0.004 beyond no change "
        "(q = 0.34). Expect no evidence of skill. The volatility of sp500 over 5 rows has an answer.",
        None,
    ),
    (
        CheckpointDamaged(damaged=1, found=2, resumed_epoch=3),
        "A checkpoint is damaged and was not used",
        "1 of 2 checkpoints failed verification; training resumed in epoch 3.",
        None,
    ),
    (
        CheckpointDamaged(damaged=2, found=2, resumed_epoch=None),
        "A checkpoint is damaged and was not used",
        "2 of 2 checkpoints failed verification; training started from scratch.",
        None,
    ),
    (
        LossNotFinite(learning_rate=0.01, count=1),
        "Training diverged: the loss became infinite or NaN",
        "1 network ended there and kept the best earlier weights. The learning rate was 0.01: try a lower one.",
        "Divide learning rate by 10",
    ),
    (
        ExtremeValue(column="oil", feature="oil.log_return", line=1061, size=85.2),
        "oil, log return is extreme in line 1,061: 85.2 scales from the centre",
        "It is the most extreme value of the training, so it probably made the loss infinite or NaN.",
        None,
    ),
    (
        ExtremeValue(column="sp500", feature=None, line=7, size=float("inf")),
        "The outcome predicted from line 7 is extreme: infinite or NaN",
        "It is the most extreme value of the training, so it probably made the loss infinite or NaN.",
        None,
    ),
    (
        ValLossAbovePersistence(val_loss=1.01234, persistence_val_loss=0.98765),
        "The validation loss never fell below that of persistence",
        "The lowest val_loss is 1.012; persistence, which predicts no change, has 0.9877.",
        None,
    ),
    (
        ValLossAboveMean(val_loss=1.01234, mean_val_loss=0.5),
        "The validation loss never fell below that of the train mean",
        "The lowest val_loss is 1.012; always predicting the target's train mean has 0.5000.",
        None,
    ),
    (
        BestEpochFirst(count=1),
        "The first epoch was the best",
        "val_loss did not improve after it: what the network learned later does not generalise to validation.",
        None,
    ),
    (
        BestEpochLast(more_epochs=80, count=1),
        "The last epoch was the best",
        "val_loss was still falling: more epochs may give a more accurate network.",
        "Train up to 80 epochs",
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail", "label"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str, label: str | None) -> None:
    assert finding.title == title
    assert finding.detail == detail
    assert (finding.remedy.label if finding.remedy else None) == label
