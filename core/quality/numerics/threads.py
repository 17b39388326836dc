"""Work in threads of our own: numpy and Arrow let go of the interpreter while they calculate."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Made = TypeVar("Made")

THREADS = min(4, os.cpu_count() or 1)


def in_threads(task: Callable[[Part], Made], parts: Iterable[Part], threads: int = THREADS) -> Iterator[Made]:
    """Yield what a task makes of each part, in the order of the parts; so many are in the making, and one waits.

    With one thread it is the caller's own, and nothing waits: for parts of which memory has no place for two.

    Examples
    --------
    >>> list(in_threads(len, ["a", "bb", "ccc"]))
    [1, 2, 3]
    """
    if threads == 1:
        yield from map(task, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Made]] = deque()
        try:
            for part in parts:
                waiting.append(pool.submit(task, part))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
