"""Shutdown within a time limit, even if a browser keeps a request open."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
PATIENCE_SECONDS = 10.0


@contextmanager
def exit_within(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Exit the process if the server's own shutdown takes longer than `patience` seconds.

    A server waits for open requests, and a stalled upload never completes. Nothing is lost: jobs are separate processes and
    uploads are on disk. Outside the main thread this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: found for number in SIGNALS if callable(found := signal.getsignal(number))}

    def hear(number: int, frame: FrameType | None) -> None:
        waiting = threading.Timer(patience, os._exit, (128 + number,))
        waiting.daemon = True
        waiting.start()
        handlers[signal.Signals(number)](number, frame)

    for number in handlers:
        signal.signal(number, hear)
    yield
