"""The executor: results in order, a stop that every part obeys, and workers that die."""

import os
import signal
import time
from pathlib import Path

import pytest

from core import executor
from core.errors.model import Stopped
from core.executor import Channel, run_parts
from core.progress import never_stop


def square(number: int, channel: Channel) -> int:
    channel.report(1.0, f"squared {number}")
    return number * number


def wait_for_stop(_number: int, channel: Channel) -> int:
    channel.report(0.5, "at work")
    deadline = time.monotonic() + 60
    while not channel.should_stop():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    raise Stopped


def be_deaf(_number: int, channel: Channel) -> int:
    channel.report(0.5, "at work")
    time.sleep(60)
    return 1


def die_once(marker: Path, channel: Channel) -> int:
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return 7
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def fail(number: int, channel: Channel) -> int:
    return 1 // number


def ignore(_parts: object) -> None:
    pass


@pytest.fixture(autouse=True)
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(executor.SCHEDULER, raising=False)


@pytest.mark.slow
def test_results_are_in_order_and_progress_is_shown(tmp_path):
    shown = []
    assert run_parts(square, [3, 1, 2], tmp_path, shown.append, never_stop) == [9, 1, 4]
    assert [part.share for part in shown[-1]] == [1.0, 1.0, 1.0]


@pytest.mark.slow
@pytest.mark.parametrize("part", [wait_for_stop, be_deaf])
def test_a_stop_reaches_parts_that_run_those_that_wait_and_those_that_are_deaf(part, tmp_path):
    seen = []

    def should_stop() -> bool:
        return bool(seen) and any(part.share > 0 for part in seen[-1])

    began = None

    def show(parts):
        nonlocal began
        seen.append(parts)
        if began is None and should_stop():
            began = time.monotonic()

    with pytest.raises(Stopped):
        run_parts(part, list(range(4)), tmp_path, show, should_stop)
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_its_part_repeated(tmp_path):
    assert run_parts(die_once, [tmp_path / "died"], tmp_path / "parts", ignore, never_stop) == [7]


@pytest.mark.slow
def test_an_error_of_a_part_is_an_error_of_the_job(tmp_path):
    with pytest.raises(ZeroDivisionError):
        run_parts(fail, [1, 0], tmp_path, ignore, never_stop)


def test_no_part_is_no_work(tmp_path):
    assert run_parts(square, [], tmp_path, ignore, never_stop) == []


def test_an_earlier_stop_does_not_stop_the_next_run(tmp_path):
    (tmp_path / "stop").touch()
    run_parts(square, [], tmp_path, ignore, never_stop)
    assert not Channel(folder=tmp_path, name="0").should_stop()
