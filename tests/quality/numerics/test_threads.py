"""Threads: results in order, few parts taken ahead, and one BLAS thread each."""

import threading

import pytest
from threadpoolctl import threadpool_info

from core.progress import NoProgress
from core.quality.numerics.threads import in_threads
from core.quality.profile import profile_dataset
from tests.quality.test_profile import market


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_results_are_in_order_and_few_parts_are_taken_ahead(threads):
    taken = []

    def parts():
        for number in range(20):
            taken.append(number)
            yield number

    for done, square in enumerate(in_threads(lambda number: number * number, parts(), threads)):
        assert square == done * done
        assert len(taken) <= done + threads + 1
    assert len(taken) == 20


def test_an_error_in_one_part_stops_the_rest():
    begun, threads = [], threading.active_count()

    def fail(number: int) -> int:
        begun.append(number)
        return 1 // (number - 3)

    with pytest.raises(ZeroDivisionError):
        list(in_threads(fail, range(100), 2))
    assert len(begun) < 10
    assert threading.active_count() == threads


def test_blas_uses_one_thread_during_a_profile(bench):
    seen = set()

    class Watch(NoProgress):
        def step(self, done: int, total: int, text: str) -> None:
            seen.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")

    dataset = bench.dataset(market())
    profile_dataset(dataset, "close", bench.eras(dataset), progress=Watch())
    assert seen == {1}
