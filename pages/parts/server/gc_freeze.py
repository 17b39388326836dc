"""What stays in memory as long as the server: kept out of the collections that follow each drawing of a page."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

_serving = Event()


@contextmanager
def serving() -> Iterator[None]:
    """Let `spare_what_stays` do its work for as long as a server lives; without one, as in tests, it does nothing."""
    _serving.set()
    try:
        yield
    finally:
        _serving.clear()
        gc.unfreeze()


def spare_what_stays() -> None:
    """Let collections pass over all that is in memory now, after one that sees it all.

    Streamlit collects after each run of a script, before the last of its messages leave. Over the objects of libraries and of
    profiles that takes longer than drawing another column; they stay all the same. What ends meanwhile is found by the next call.
    """
    if _serving.is_set():
        gc.unfreeze()
        gc.collect()
        gc.freeze()
