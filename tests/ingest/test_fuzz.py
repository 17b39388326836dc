"""Mutated files never crash or hang the reader, and lose no cell silently; `benchmarks/fuzz_reader.py` reads more of them."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.fuzzing import Hang, read_mutation
from tests.ingest.mutations import mutate

# The benchmark allows 10 s per file; other tests may run at the same time here.
SECONDS = 30
AT_ONCE = 100


@pytest.fixture(autouse=True)
def hang_is_an_error() -> Iterator[None]:
    def fail(*_: object) -> None:
        raise Hang(f"A file took longer than {SECONDS} s.")

    before = signal.signal(signal.SIGALRM, fail)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def read_all(first: int, count: int, seed: int, folder: Path) -> Counter[str]:
    ended: Counter[str] = Counter()
    for number in range(first, first + count):
        signal.alarm(SECONDS)
        try:
            ended[read_mutation(number, seed, folder)] += 1
        except BaseException as error:
            error.add_note(f"Repeat it with `python -m benchmarks.fuzz_reader 1 {seed} {number}`.")
            raise
    return ended


def test_mutations_are_reproducible() -> None:
    assert [mutate(number, 7) for number in range(60)] == [mutate(number, 7) for number in range(60)]
    assert len({mutate(number, 7)[1] for number in range(60)}) > 50


@pytest.mark.parametrize("first", range(0, 300, AT_ONCE))
def test_a_mutated_file_is_read_in_full_or_rejected(first: int, tmp_path: Path) -> None:
    ended = read_all(first, AT_ONCE, 1, tmp_path)
    assert min(ended["read"], ended["rejected"]) > AT_ONCE // 10


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, int(os.environ.get("PLUMBLINE_FUZZ", "200")), AT_ONCE))
def test_many_mutated_files_are_read_in_full_or_rejected(first: int, tmp_path: Path) -> None:
    read_all(first, AT_ONCE, 2, tmp_path)
