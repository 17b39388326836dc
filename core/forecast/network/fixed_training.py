"""Training for a given number of epochs, without validation: the last weights are kept."""

from pathlib import Path

from core.forecast.network.network import NetworkShape
from core.forecast.network.training_loop import Learner, TrainingLoop
from core.forecast.network.windows import Windows
from core.io.fingerprint import fingerprint_of
from core.progress import Progress, ShouldStop
from core.recipe.model import TrainingSettings


class FixedTraining(TrainingLoop):
    """A training loop that runs exactly the epochs of the settings, 0 or more, and keeps the weights of the last one.

    `halved` are the epochs after which the learning rate is halved. The loss of training takes the place of the val_loss.
    """

    def __init__(
        self,
        shape: NetworkShape,
        learner: Learner,
        windows: Windows,
        settings: TrainingSettings,
        folder: Path,
        progress: Progress,
        should_stop: ShouldStop,
        halved: tuple[int, ...],
    ) -> None:
        self._halved = halved
        super().__init__(shape, learner, windows, settings, folder, progress, should_stop)
        self.validation = self.train

    def _judge_initial_weights(self) -> bool:
        return True

    def _validate(self) -> float | None:
        return self.learner.read_loss() / len(self.train)

    def _is_better(self, val_loss: float) -> bool:
        return True

    def _is_plateau(self) -> bool:
        return self.position.epoch in self._halved

    def _key(self) -> str:
        return fingerprint_of("fixed", super()._key(), self._halved)
