"""A stored table that the disk has changed is read again from the user's file, so no feature changes in silence."""

import random
import shutil
from pathlib import Path

import pandas as pd
import pytest

from core.data.checksums import CHECKSUMS_FILE
from core.data.dataset import Dataset
from core.errors.data import DamagedDataset
from core.ingest.step import read
from core.recipe.model import Recipe

RECIPE = Recipe()


@pytest.fixture
def stored(prices_file: Path, tmp_path: Path) -> tuple[Path, Path, Dataset]:
    """A user's file, the folder of its tables, and the data set as it was read first."""
    source = tmp_path / "source"
    shutil.copy(prices_file, source)
    return source, tmp_path / "tables", read(source, RECIPE, tmp_path / "tables")


def damage(folder: Path, chance: random.Random) -> str:
    """Change one stored file as a failing disk does, and return what was done."""
    file = chance.choice(sorted(folder.iterdir()))
    content = bytearray(file.read_bytes())
    kind = chance.choice(["flip", "flip", "flip", "cut", "zeros", "gone", "empty", "swap"])
    if kind == "flip":
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    elif kind == "cut":
        del content[chance.randrange(len(content)) :]
    elif kind == "zeros":
        place = chance.randrange(len(content))
        zeros = bytes(min(512, len(content) - place))
        content[place : place + len(zeros)] = zeros
    elif kind == "swap":
        content.reverse()
    if kind == "gone":
        file.unlink()
    else:
        file.write_bytes(b"" if kind == "empty" else bytes(content))
    return f"{kind} in {file.name}"


@pytest.mark.parametrize("count", [8, pytest.param(60, marks=pytest.mark.simulation)])
def test_every_damage_is_found_and_the_file_read_again(
    stored: tuple[Path, Path, Dataset], count: int, caplog: pytest.LogCaptureFixture
) -> None:
    source, tables, first = stored
    values, chance = first.read(), random.Random(count)
    for _ in range(count):
        before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
        told = damage(first.folder, chance)
        if {path.name: path.read_bytes() for path in first.folder.iterdir()} == before:
            continue
        again = read(source, RECIPE, tables)
        assert again == first, told
        pd.testing.assert_frame_equal(again.read(), values)
    assert "damaged" in caplog.text


def test_a_sound_table_is_not_read_again(stored: tuple[Path, Path, Dataset]) -> None:
    source, tables, first = stored
    times = {path.name: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    read(source, RECIPE, tables)
    assert {path.name: path.stat().st_mtime_ns for path in first.folder.iterdir()} == times


def test_a_table_of_an_older_version_is_read_again_once(stored: tuple[Path, Path, Dataset]) -> None:
    source, tables, first = stored
    (first.folder / CHECKSUMS_FILE).unlink()
    assert read(source, RECIPE, tables) == first
    assert (first.folder / CHECKSUMS_FILE).exists()


def test_a_damaged_table_of_a_damaged_file_is_an_error(stored: tuple[Path, Path, Dataset]) -> None:
    source, tables, first = stored
    whole = source.read_bytes()
    source.write_bytes(whole.replace(b"2024-01-02", b"2024-01-03", 1))
    assert read(source, RECIPE, tables, fingerprint=first.fingerprint) == first, "the sound table serves"
    (first.folder / "table-0000.parquet").write_bytes(b"PAR1")
    with pytest.raises(DamagedDataset):
        read(source, RECIPE, tables, fingerprint=first.fingerprint)
