"""A reliable Ctrl-C, even if it arrives in a callback whose exceptions Python only prints."""

import signal
import sys
from types import FrameType, TracebackType


class Interrupts:
    """A context manager that lets Ctrl-C raise `KeyboardInterrupt` and also remembers it.

    A process that ignores Ctrl-C, such as a background job of a shell, still ignores it.
    """

    def __init__(self) -> None:
        self._heard = False

    def heard(self) -> bool:
        """Return whether Ctrl-C was pressed."""
        return self._heard

    def __enter__(self) -> "Interrupts":
        self._handler, self._hook = signal.getsignal(signal.SIGINT), sys.unraisablehook
        if self._handler is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._hear)
            sys.unraisablehook = self._tell
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handler is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._handler)
            sys.unraisablehook = self._hook

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._heard = True
        raise KeyboardInterrupt

    def _tell(self, lost: "sys.UnraisableHookArgs") -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            self._hook(lost)
