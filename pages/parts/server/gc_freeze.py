"""Long-lived objects are excluded from garbage collection, which follows every rerun."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

_serving = Event()


@contextmanager
def serving() -> Iterator[None]:
    """Enable `freeze_long_lived` while a server runs; elsewhere, as in tests, it does nothing."""
    _serving.set()
    try:
        yield
    finally:
        _serving.clear()
        gc.unfreeze()


def freeze_long_lived() -> None:
    """Collect once, then exclude everything in memory from later collections.

    Streamlit collects after each rerun, before its last messages are sent. Traversing the objects of libraries and profiles
    takes longer than the rerun itself. Objects that die later are found by the next call.
    """
    if _serving.is_set():
        gc.unfreeze()
        gc.collect()
        gc.freeze()
