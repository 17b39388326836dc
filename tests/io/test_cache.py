from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from core.io.cache import Cache


@dataclass(frozen=True)
class Result:
    names: tuple[str, ...]
    score: float | None


def never() -> Result:
    raise AssertionError("it was kept: nothing should be made")


def test_a_result_is_made_once_and_found_again_equal(tmp_path):
    made = Result(("a", "b"), None)
    assert Cache(tmp_path).fetch("profile", "12ab", Result, lambda: made) == made
    assert Cache(tmp_path).fetch("profile", "12ab", Result, never) == made
    assert Cache(tmp_path).find("profile", "12ab", Result) == made


def test_another_key_or_step_has_its_own_result(tmp_path):
    cache = Cache(tmp_path)
    cache.fetch("profile", "12ab", Result, lambda: Result((), 1.0))
    assert cache.find("profile", "34cd", Result) is None
    assert cache.find("regression", "12ab", Result) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe\x00", b'{"names": 3}', b"null", b'{"score": 1.0}'])
def test_a_damaged_file_counts_as_absent_and_is_replaced(tmp_path, damage):
    cache = Cache(tmp_path)
    cache.fetch("profile", "12ab", Result, lambda: Result(("old",), 1.0))
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert cache.find("profile", "12ab", Result) is None
    assert cache.fetch("profile", "12ab", Result, lambda: Result(("new",), 2.0)) == Result(("new",), 2.0)
    assert cache.fetch("profile", "12ab", Result, never) == Result(("new",), 2.0)


def test_a_flipped_bit_anywhere_counts_as_absent(tmp_path):
    cache = Cache(tmp_path)
    cache.keep("profile", "12ab", Result(("a",), 0.5))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for place in range(len(whole)):
        for bit in (0, 4, 7):
            flipped = bytearray(whole)
            flipped[place] ^= 1 << bit
            file.write_bytes(flipped)
            assert cache.find("profile", "12ab", Result) is None, (place, bit)
    file.write_bytes(whole)
    assert cache.find("profile", "12ab", Result) == Result(("a",), 0.5)


def test_a_result_under_another_key_shows_that_something_changed(tmp_path):
    cache = Cache(tmp_path)
    assert not cache.has_other("profile", "12ab")
    cache.fetch("profile", "12ab", Result, lambda: Result((), 1.0))
    cache.fetch("profile-test", "99ff", Result, lambda: Result((), 1.0))
    assert not cache.has_other("profile", "12ab")
    assert cache.has_other("profile", "34cd")


def test_a_shelf_without_a_folder_keeps_nothing():
    cache = Cache(None)
    assert [cache.fetch("sum", "12ab", int, lambda value=value: value) for value in (1, 2)] == [1, 2]
    assert cache.find("sum", "12ab", int) is None
    assert not cache.has_other("sum", "34cd")


def test_two_sessions_can_finish_the_same_step_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda _: Cache(tmp_path).fetch("a", "12ab", Result, lambda: Result(("x",), 1.0)), range(32))
        )
    assert set(made) == {Result(("x",), 1.0)}
    assert [file.name for file in tmp_path.iterdir()] == ["a-12ab.json"]
