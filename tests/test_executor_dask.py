"""The executor on a Dask cluster of two worker processes: equal numbers, a stop, and a worker that is killed."""

import os
import time
from collections.abc import Iterator

import pytest

from core import executor
from core.errors.model import Stopped
from core.executor import Channel, run_parts
from core.progress import never_stop
from tests.test_executor import die_once, ignore, square, wait_for_stop

distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as started:
        yield started


@pytest.fixture(autouse=True)
def scheduler(cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(executor.SCHEDULER, cluster.scheduler_address)


def where(_number: int, channel: Channel) -> int:
    time.sleep(0.3)
    return os.getpid()


def test_numbers_are_those_of_a_pool(tmp_path, monkeypatch):
    on_cluster = run_parts(square, [3, 1, 2], tmp_path / "dask", ignore, never_stop)
    monkeypatch.delenv(executor.SCHEDULER)
    assert on_cluster == run_parts(square, [3, 1, 2], tmp_path / "pool", ignore, never_stop)


def test_both_workers_work(tmp_path):
    found = run_parts(where, list(range(4)), tmp_path, ignore, never_stop)
    assert len(set(found)) == 2
    assert os.getpid() not in found


def test_a_stop_reaches_the_workers_within_five_seconds(tmp_path):
    asked: list[float] = []

    def should_stop() -> bool:
        started = any((tmp_path / f"{place}.progress").exists() for place in range(4))
        if started and not asked:
            asked.append(time.monotonic())
        return started

    with pytest.raises(Stopped):
        run_parts(wait_for_stop, list(range(4)), tmp_path, ignore, should_stop)
    assert time.monotonic() - asked[0] < 5


def test_a_part_whose_worker_is_killed_is_repeated(tmp_path):
    assert run_parts(die_once, [tmp_path / "died"], tmp_path / "parts", ignore, never_stop) == [7]
