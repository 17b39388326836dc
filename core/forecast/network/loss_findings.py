"""Findings on the losses of a finished training."""

from core.findings.model import Finding
from core.findings.training import (
    BestEpochFirst,
    BestEpochLast,
    LossNotFinite,
    ValLossAboveMean,
    ValLossAbovePersistence,
)
from core.forecast.network.training_summary import TrainingSummary
from core.recipe.model import TrainingSettings

MOST_EPOCHS = 5000


def check_losses(summary: TrainingSummary, settings: TrainingSettings) -> list[Finding]:
    """Check the losses for divergence, unbeaten naive forecasts, and too few epochs."""
    findings: list[Finding] = []
    history, best_epochs = summary.history, summary.best_epochs
    if diverged := sum(ending.reason == "diverged" for ending in summary.endings):
        findings.append(LossNotFinite(learning_rate=settings.learning_rate, count=diverged))
    if history:
        lowest = min(epoch.val_loss for epoch in history)
        persistence, mean = summary.persistence_val_loss, summary.mean_val_loss
        if lowest >= persistence:
            findings.append(ValLossAbovePersistence(val_loss=lowest, persistence_val_loss=persistence))
        if mean is not None and lowest >= mean:
            findings.append(ValLossAboveMean(val_loss=lowest, mean_val_loss=mean))
    epochs = [ending.epoch for ending in summary.endings if ending.used]
    if first := sum(best == 1 < last for best, last in zip(best_epochs, epochs, strict=True)):
        findings.append(BestEpochFirst(count=first))
    last = sum(best == settings.epochs for best in best_epochs)
    if last and not summary.stopped and settings.epochs > 1:
        findings.append(BestEpochLast(more_epochs=min(MOST_EPOCHS, 2 * settings.epochs), count=last))
    return findings
