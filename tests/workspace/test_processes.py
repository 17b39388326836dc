import os
import signal
import subprocess
import time

import psutil
import pytest

from core.workspace.processes import RUN_VARIABLE, ProcessMark, is_alive, kill_leftovers, mark_process, signal_group


@pytest.fixture
def sleeper():
    """A process in a session of its own that carries the id of a run."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True, env=os.environ | {RUN_VARIABLE: "12ab"})
    # Linux tells that a program has started a moment before it shows its environment.
    deadline = time.monotonic() + 10
    while psutil.Process(process.pid).environ().get(RUN_VARIABLE) != "12ab" and time.monotonic() < deadline:
        time.sleep(0.001)
    yield process
    process.kill()
    process.wait()


def test_a_process_is_alive_until_it_is_killed_even_before_it_is_buried(sleeper):
    mark = mark_process(sleeper.pid)
    assert is_alive(mark)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert mark_process(sleeper.pid) == mark
    assert not is_alive(mark)
    sleeper.wait()
    assert mark_process(sleeper.pid) is None
    assert not is_alive(mark)


def test_a_process_with_the_number_but_another_start_is_foreign_and_never_signalled(sleeper):
    real = mark_process(sleeper.pid)
    boot, _, ticks = real.start.partition(":")
    for start in (f"{boot}:{int(ticks) - 1}", f"another-boot:{ticks}", ""):
        foreign = ProcessMark(sleeper.pid, start)
        assert not is_alive(foreign)
        assert not signal_group(foreign, signal.SIGKILL)
    assert is_alive(real)
    assert signal_group(real, signal.SIGKILL)
    assert sleeper.wait(5) == -signal.SIGKILL


def test_a_process_in_a_group_of_others_is_signalled_alone():
    with subprocess.Popen(["sleep", "60"]) as process:
        assert os.getpgid(process.pid) == os.getpgid(0)
        assert signal_group(mark_process(process.pid), signal.SIGTERM)
        assert process.wait(5) == -signal.SIGTERM


def test_leftovers_are_only_those_of_the_session_that_carry_the_id_of_the_run(sleeper):
    session = ProcessMark(sleeper.pid, "the worker that led it is gone")
    assert kill_leftovers(session, "another run") == 0
    assert kill_leftovers(ProcessMark(os.getsid(0), ""), "12ab") == 0
    assert sleeper.poll() is None
    assert kill_leftovers(session, "12ab") == 1
    assert sleeper.wait(5) == -signal.SIGKILL
