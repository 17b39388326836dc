"""How a long step tells that it is alive, without knowing who watches."""

from collections.abc import Callable
from typing import Protocol

from core.errors.model import Stopped

ShouldStop = Callable[[], bool]


class Progress(Protocol):
    """What a long step calls while it works."""

    def step(self, done: int, total: int, text: str) -> None:
        """Say that `done` of `total` parts of the step named by `text` are finished."""

    def metric(self, name: str, step: int, value: float) -> None:
        """Say that the measure `name` (`loss`, `val_loss`) is `value` at `step` (an epoch or an iteration)."""


class Silence:
    """A progress that nobody watches."""

    def step(self, done: int, total: int, text: str) -> None:
        """Say nothing."""

    def metric(self, name: str, step: int, value: float) -> None:
        """Say nothing."""


def never_stop() -> bool:
    """Return False: the step may run to its end."""
    return False


def require_going(should_stop: ShouldStop) -> None:
    """Raise `Stopped` once a stop was asked for."""
    if should_stop():
        raise Stopped
