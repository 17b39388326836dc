"""Progress and stop requests of long steps."""

from collections.abc import Callable
from typing import Protocol

from core.errors.model import Stopped

ShouldStop = Callable[[], bool]


class Progress(Protocol):
    """The interface that a long step reports its progress to."""

    def step(self, done: int, total: int, text: str) -> None:
        """Report that `done` of `total` parts of the step `text` are finished."""

    def metric(self, name: str, step: int, value: float) -> None:
        """Report that the metric `name` (`loss`, `val_loss`) is `value` at `step` (an epoch or an iteration)."""


class NoProgress:
    """A progress that is not shown."""

    def step(self, done: int, total: int, text: str) -> None:
        """Do nothing."""

    def metric(self, name: str, step: int, value: float) -> None:
        """Do nothing."""


class Part:
    """The progress of one part of a longer step: its name precedes every text, and metrics are left out."""

    def __init__(self, whole: Progress, name: str) -> None:
        self._whole, self._name = whole, name

    def step(self, done: int, total: int, text: str) -> None:
        """Report the progress of the part under its name."""
        self._whole.step(done, total, f"{self._name}: {text}")

    def metric(self, name: str, step: int, value: float) -> None:
        """Do nothing."""


def never_stop() -> bool:
    """Return False."""
    return False


def require_going(should_stop: ShouldStop) -> None:
    """Raise `Stopped` if a stop was requested."""
    if should_stop():
        raise Stopped


class TreeCallback:
    """Ends a CatBoost fit after the current tree if a stop is requested."""

    def __init__(self, should_stop: ShouldStop) -> None:
        self._should_stop = should_stop

    def after_iteration(self, info: object) -> bool:
        """Return False to end the fit; CatBoost calls this after each tree."""
        return not self._should_stop()
