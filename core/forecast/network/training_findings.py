"""What the losses tell about a training, once it has ended."""

import numpy as np

from core.findings.model import Finding, Remedy, Severity, legacy_finding
from core.forecast.network.checkpoint import Position
from core.recipe.model import TrainingSettings

MOST_EPOCHS = 5000


def check_against_mean(position: Position, mean: float) -> list[Finding]:
    """Return the warning that no epoch was better than the train mean, where none was."""
    best = min((epoch.val_loss for epoch in position.history), default=-np.inf)
    if best < mean:
        return []
    return [
        legacy_finding(
            "val-loss-above-mean",
            Severity.WARNING,
            "The network never did better than the train mean on validation",
            f"The best val_loss is {best:.4g}; always answering with the target's mean of the train era has {mean:.4g}.",
        )
    ]


def check_training(
    position: Position, best_epochs: tuple[int, ...], persistence: float, settings: TrainingSettings, stopped: bool
) -> list[Finding]:
    """Return what the losses tell about the training."""
    findings, history = [], position.history
    if position.broken:
        findings.append(
            legacy_finding(
                "loss-not-a-number",
                Severity.WARNING,
                "The loss stopped being a number",
                "Training ended there, with the best weights before it. A lower learning rate may help.",
                count=position.broken,
                remedy=Remedy(
                    label="Learn ten times slower",
                    section="training",
                    field="learning_rate",
                    value=settings.learning_rate / 10,
                ),
            )
        )
    best = min((epoch.val_loss for epoch in history), default=np.inf)
    if history and best >= persistence:
        findings.append(
            legacy_finding(
                "val-loss-above-persistence",
                Severity.WARNING,
                "The network never did better than persistence on validation",
                f"The best val_loss is {best:.4g}; predicting that nothing moves has {persistence:.4g}.",
            )
        )
    seen = [max((epoch.epoch for epoch in history if epoch.member == m), default=0) for m in range(len(best_epochs))]
    first = sum(best == 1 < epochs for best, epochs in zip(best_epochs, seen, strict=True))
    if first:
        findings.append(
            legacy_finding(
                "best-epoch-first",
                Severity.WARNING,
                "The first epoch was the best",
                "val_loss only rose after it: the network learned nothing that carries over to validation.",
                count=first,
            )
        )
    last = sum(best == settings.epochs for best in best_epochs)
    if last and not stopped and settings.epochs > 1:
        more = min(MOST_EPOCHS, 2 * settings.epochs)
        findings.append(
            legacy_finding(
                "best-epoch-last",
                Severity.INFO,
                "val_loss was still falling in the last epoch",
                "More epochs may give a better network.",
                count=last,
                remedy=Remedy(label=f"Train up to {more} epochs", section="training", field="epochs", value=more),
            )
        )
    return findings
