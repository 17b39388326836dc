"""The one executor of independent parts of a job: processes on this machine, or a Dask cluster.

Parts watch for a stop themselves, through a file in a folder that all workers share: a future that runs cannot be cancelled.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TypeVar

from core.errors.model import Stopped
from core.io.atomic import write_atomically
from core.io.json import from_json, to_json
from core.progress import ShouldStop
from core.runtime import configure, one_blas_thread

SCHEDULER = "PLUMBLINE_DASK"
# A worker that dies, as when memory runs out, is replaced this many times.
RETRIES = 2
_POLL_SECONDS = 0.25
# From the request to stop until workers are ended.
_PATIENCE_SECONDS = 3.0

Part = TypeVar("Part")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class PartProgress:
    """How far a part is: a share from 0 to 1, and what it does."""

    share: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a part and its job tell each other, as files in a shared folder: progress, and the request to stop."""

    folder: Path
    name: str

    def report(self, share: float, text: str) -> None:
        """Report the progress of the part."""
        write_atomically(self.folder / f"{self.name}.progress", to_json(PartProgress(share=share, text=text)))

    def read(self) -> PartProgress:
        """Return the progress reported last; none yet is a share of 0."""
        try:
            return from_json(PartProgress, (self.folder / f"{self.name}.progress").read_bytes())
        except FileNotFoundError:
            return PartProgress(share=0.0, text="waiting")

    def should_stop(self) -> bool:
        """Return whether the job asks all parts to stop."""
        return _stop_file(self.folder).exists()


def count_workers(parts: int) -> int:
    """Return how many of the parts this machine works on at a time."""
    return max(1, min(parts, os.cpu_count() or 1))


@contextmanager
def open_executor(parts: int) -> Iterator[Executor]:
    """Open the executor: that of the Dask scheduler which PLUMBLINE_DASK names, else a pool of processes.

    `parts` is how many parts there are to work on.
    """
    if address := os.environ.get(SCHEDULER):
        from distributed import Client

        with Client(address) as client, client.get_executor(retries=RETRIES) as executor:
            yield executor
        return
    with ProcessPoolExecutor(count_workers(parts), get_context("spawn"), configure) as pool:
        yield pool


def run_parts(
    function: Callable[[Part, Channel], Result],
    parts: Sequence[Part],
    folder: Path,
    show: Callable[[list[PartProgress]], None],
    should_stop: ShouldStop,
) -> list[Result]:
    """Run a function on every part, as many at a time as there are workers; return the results in order.

    Parts of a worker that dies are repeated on another one. Raises `Stopped`; a worker that does not stop by itself is ended.

    Parameters
    ----------
    function
        A function of a module; it must watch the `should_stop` of its channel.
    parts
        Its inputs, which are pickled.
    folder
        Shared by all workers, for the channels.
    show
        Called four times a second with the progress of each part.
    should_stop
        Whether to ask all parts to stop.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _stop_file(folder).unlink(missing_ok=True)
    channels = [Channel(folder=folder, name=str(place)) for place in range(len(parts))]
    results: dict[int, Result] = {}
    for attempt in range(RETRIES + 1):
        waiting = [place for place in range(len(parts)) if place not in results]
        try:
            with open_executor(len(waiting)) as executor:
                futures = {executor.submit(_work, function, parts[place], channels[place]): place for place in waiting}
                try:
                    _collect(
                        futures, results, lambda: show([channel.read() for channel in channels]), folder, should_stop
                    )
                except Stopped:
                    _abandon(executor)
                    raise
            break
        except BrokenProcessPool:
            if attempt == RETRIES:
                raise
    return [results[place] for place in range(len(parts))]


def _work(function: Callable[[Part, Channel], Result], part: Part, channel: Channel) -> Result:
    """Run a part, unless it waited until the job was asked to stop.

    With one BLAS thread a worker, parts do not compete for processors, and all machines give the same numbers.
    """
    if channel.should_stop():
        raise Stopped
    with one_blas_thread():
        return function(part, channel)


def _collect(
    futures: dict[Future[Result], int],
    results: dict[int, Result],
    show: Callable[[], None],
    folder: Path,
    should_stop: ShouldStop,
) -> None:
    """Gather results as they arrive, until all have; raise `Stopped` if a stop left some out.

    Parts that are asked to stop have a few seconds to do so.
    """
    running, asked = set(futures), None
    while running and (asked is None or time.monotonic() - asked < _PATIENCE_SECONDS):
        done, running = wait(running, _POLL_SECONDS, FIRST_COMPLETED)
        for future in done:
            with suppress(Stopped, CancelledError):
                results[futures[future]] = future.result()
        show()
        if asked is None and should_stop():
            asked = time.monotonic()
            _stop_file(folder).touch()
    if any(place not in results for place in futures.values()):
        raise Stopped


def _abandon(executor: Executor) -> None:
    """End workers that are still busy after a stop, as with the import of a large library; Dask ends its own."""
    for worker in active_children():
        worker.terminate()
    executor.shutdown(wait=False)


def _stop_file(folder: Path) -> Path:
    return folder / "stop"
