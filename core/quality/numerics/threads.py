"""Map a function over parts in threads; numpy and Arrow release the interpreter lock while they compute."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")

THREADS = min(4, os.cpu_count() or 1)


def in_threads(task: Callable[[Part], Result], parts: Iterable[Part], threads: int = THREADS) -> Iterator[Result]:
    """Yield the result of each part in order.

    Parameters
    ----------
    task
        The function to apply.
    parts
        Its arguments; at most `threads` + 1 are taken before their results are.
    threads
        The number of threads. 1 means the caller's own, with one part at a time in memory.

    Examples
    --------
    >>> list(in_threads(len, ["a", "bb", "ccc"]))
    [1, 2, 3]
    """
    if threads == 1:
        yield from map(task, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for part in parts:
                waiting.append(pool.submit(task, part))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
