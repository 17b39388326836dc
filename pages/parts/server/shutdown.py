"""The server ends when it is told to, also while a browser keeps a request open."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
PATIENCE_SECONDS = 10.0


@contextmanager
def ends_for_certain(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """End the process where the server's own way of ending takes longer than `patience` seconds after it was told to end.

    A server waits until every request is answered; a slice of an upload whose browser has gone quiet never is. Nothing is lost:
    jobs are processes of their own, and what came of an upload lies on the disk. Outside the main thread it does nothing.
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
