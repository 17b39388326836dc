"""The one executor of independent parts of a job, as folds and seeds: processes on this machine, or a Dask cluster.

Parts watch for a stop themselves, through a file in a folder that all workers share: a future that runs cannot be cancelled.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait as wait_for_end
from pathlib import Path
from threading import Thread
from typing import TypeVar

from core.errors.model import Stopped
from core.io.atomic import replacing
from core.io.json import from_json, to_json
from core.progress import ShouldStop
from core.runtime import configure, one_blas_thread

SCHEDULER = "PLUMBLINE_DASK"
# A worker that dies, as when memory runs out, is replaced this many times.
RETRIES = 2
_POLL_SECONDS = 0.25
# From the request to stop until workers are ended.
_PATIENCE_SECONDS = 3.0
# Whether this thread works on a part: parts have no parts.
_in_part: ContextVar[bool] = ContextVar("in_part", default=False)

Part = TypeVar("Part")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class PartProgress:
    """How far a part is: a share from 0 to 1, and what it does."""

    share: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a part and its job tell each other, as files in a shared folder: progress, metrics, and the request to stop."""

    folder: Path
    name: str

    def report(self, share: float, text: str) -> None:
        """Report the progress of the part."""
        draft = self.folder / f".{self.name}.{os.getpid()}.draft"
        # Not written through to the disk, which may take seconds: a crash ends the job that reads it.
        with replacing(self._progress, draft):
            draft.write_bytes(to_json(PartProgress(share=share, text=text)))

    def read(self) -> PartProgress:
        """Return the progress reported last; none yet is a share of 0."""
        try:
            return from_json(PartProgress, self._progress.read_bytes())
        except FileNotFoundError:
            return PartProgress(share=0.0, text="waiting")

    def record(self, name: str, step: int, value: float) -> None:
        """Add the value of a metric at a step."""
        with self._metrics.open("a", encoding="utf-8") as file:
            # A worker that dies may leave half a line: the next one begins a new line.
            file.write(f"\n{json.dumps([name, step, value])}")

    def recorded(self, start: int) -> tuple[list[tuple[str, int, float]], int]:
        """Return the metrics recorded from byte `start` on, and the byte to go on from. Half a line is left out."""
        try:
            with self._metrics.open("rb") as file:
                file.seek(start)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return [], start
        metrics = []
        for place, line in enumerate(lines):
            try:
                name, step, value = json.loads(line)
                metrics.append((name, step, value))
            except ValueError:
                if place + 1 == len(lines):
                    return metrics, start
            start += len(line) + (place + 1 < len(lines))
        return metrics, start

    def clear(self) -> None:
        """Remove what an earlier job reported here."""
        for file in (self._progress, self._metrics):
            file.unlink(missing_ok=True)

    def should_stop(self) -> bool:
        """Return whether the job asks all parts to stop."""
        return _stop_file(self.folder).exists()

    @property
    def _progress(self) -> Path:
        return self.folder / f"{self.name}.progress"

    @property
    def _metrics(self) -> Path:
        return self.folder / f"{self.name}.metrics"


def count_workers(parts: int) -> int:
    """Return how many of the parts this machine works on at a time."""
    return max(1, min(parts, os.cpu_count() or 1))


def count_free_workers(parts: int, threads: int = 1) -> int:
    """Return how many parts that keep so many threads busy could be worked on at a time: on Dask all, within a part one."""
    if _in_part.get():
        return 1
    if SCHEDULER in os.environ:
        return parts
    return max(1, min(parts, (os.cpu_count() or 1) // threads))


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
    with ProcessPoolExecutor(count_workers(parts), get_context("spawn"), _begin_worker) as pool:
        yield pool


def run_parts(
    function: Callable[[Part, Channel], Result],
    parts: Sequence[Part],
    folder: Path,
    show: Callable[[list[PartProgress]], None],
    should_stop: ShouldStop,
) -> list[Result]:
    """Return the results of `gather_parts`, which takes the same parameters. Raises `Stopped` if one is missing."""
    results = gather_parts(function, parts, folder, show, should_stop)
    if any(result is None for result in results):
        raise Stopped
    return [result for result in results if result is not None]


def gather_parts(
    function: Callable[[Part, Channel], Result],
    parts: Sequence[Part],
    folder: Path,
    show: Callable[[list[PartProgress]], None],
    should_stop: ShouldStop,
) -> list[Result | None]:
    """Run a function on every part, as many at a time as there are workers; return the results in order.

    Parts of a worker that dies are repeated on another one. An error of a part stops the others. A worker that does not stop by
    itself is ended. Parts that a stop left without a result have None.

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
    for channel in channels:
        channel.clear()
    results: dict[int, Result] = {}
    for attempt in range(RETRIES + 1):
        waiting = [place for place in range(len(parts)) if place not in results]
        try:
            with open_executor(len(waiting)) as executor:
                futures = {executor.submit(_work, function, parts[place], channels[place]): place for place in waiting}
                try:
                    ran_through = _collect(
                        futures, results, lambda: show([channel.read() for channel in channels]), folder, should_stop
                    )
                except BrokenProcessPool:
                    raise
                except BaseException:
                    _stop_file(folder).touch()
                    _abandon(executor)
                    raise
                if not ran_through:
                    _abandon(executor)
            break
        except BrokenProcessPool:
            if attempt == RETRIES:
                raise
    return [results.get(place) for place in range(len(parts))]


def _work(function: Callable[[Part, Channel], Result], part: Part, channel: Channel) -> Result:
    """Run a part, unless it waited until the job was asked to stop.

    With one BLAS thread a worker, parts do not compete for processors, and all machines give the same numbers.
    """
    if channel.should_stop():
        raise Stopped
    within = _in_part.set(True)
    try:
        with one_blas_thread():
            return function(part, channel)
    finally:
        _in_part.reset(within)


def _collect(
    futures: dict[Future[Result], int],
    results: dict[int, Result],
    show: Callable[[], None],
    folder: Path,
    should_stop: ShouldStop,
) -> bool:
    """Gather results as they arrive, until all have or a stop leaves some out; return whether no stop was asked for.

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
    return asked is None


def _abandon(executor: Executor) -> None:
    """End workers after a stop, even busy ones, as with the import of a large library; Dask ends its own."""
    if isinstance(executor, ProcessPoolExecutor):
        for worker in active_children():
            worker.terminate()
    executor.shutdown(wait=False)


def _begin_worker() -> None:
    """Set up a worker of the pool, and let it end with its job: a killed job must leave no process behind."""
    configure()
    Thread(target=_end_with_job, name="end-with-job", daemon=True).start()


def _end_with_job() -> None:
    if (job := parent_process()) is not None:
        wait_for_end([job.sentinel])
        os._exit(1)


def _stop_file(folder: Path) -> Path:
    return folder / "stop"
