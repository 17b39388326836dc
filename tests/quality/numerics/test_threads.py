"""Work in threads: in order, little ahead, and one thread of BLAS for each of ours."""

import threading

import pytest
from threadpoolctl import threadpool_info

from core.progress import Silence
from core.quality.numerics.threads import in_threads
from core.quality.profile import profile_dataset
from tests.quality.test_profile import market


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_parts_are_made_in_order_and_hardly_ahead_of_what_is_taken(threads):
    taken = []

    def parts():
        for number in range(20):
            taken.append(number)
            yield number

    for made, square in enumerate(in_threads(lambda number: number * number, parts(), threads)):
        assert square == made * made
        assert len(taken) <= made + threads + 1
    assert len(taken) == 20


def test_an_error_of_one_part_ends_the_work():
    begun, threads = [], threading.active_count()

    def fail(number: int) -> int:
        begun.append(number)
        return 1 // (number - 3)

    with pytest.raises(ZeroDivisionError):
        list(in_threads(fail, range(100), 2))
    assert len(begun) < 10
    assert threading.active_count() == threads


def test_blas_has_one_thread_while_a_profile_is_made(bench):
    seen = set()

    class Watch(Silence):
        def step(self, done: int, total: int, text: str) -> None:
            seen.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")

    dataset = bench.dataset(market())
    profile_dataset(dataset, "close", bench.eras(dataset), progress=Watch())
    assert seen == {1}
