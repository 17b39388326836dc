"""Ctrl-C, heard for certain: where it falls into a callback whose errors nobody receives, Python only prints it and goes on."""

import signal
import sys
from types import FrameType, TracebackType


class Interrupts:
    """Hears Ctrl-C for as long as a `with` block lasts: it raises `KeyboardInterrupt` as ever, and is remembered beside.

    A process that is to ignore it, as one that a shell runs in the background, goes on to ignore it.
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
