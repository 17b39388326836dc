"""Reading of one mutated file, checked against the raw file; every third is read again in tiny blocks on disk."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd

from core.data.columns import LINE
from core.data.dataset import BAD_CELLS_FILE, Dataset
from core.ingest import reader
from core.ingest.layout import split
from core.recipe.model import IngestSettings
from tests.ingest.accounting import names_of, read_and_check
from tests.ingest.mutations import mutate


class Hang(BaseException):
    """A file took too long; derived from `BaseException` so that no handler swallows it."""


def read_mutation(number: int, seed: int, folder: Path) -> str:
    """Return "read" or "rejected"; raises `AssertionError` on a lost cell or a difference, and any unexpected error."""
    name, data, settings = mutate(number, seed)
    folder = folder / f"{seed}-{number}"
    folder.mkdir()
    source = folder / "mutated.csv"
    source.write_bytes(data)
    try:
        whole = read_and_check(source, IngestSettings(**settings), folder / "whole")
        if number % 3 == 0:
            size = max((64, 333, 1500)[number // 3 % 3], len(data) // 200)
            cut = _read_in_blocks(source, IngestSettings(**settings), folder / "cut", size)
            assert_same(whole, cut)
    finally:
        shutil.rmtree(folder)
    return "rejected" if isinstance(whole, str) else "read"


def _read_in_blocks(source: Path, settings: IngestSettings, folder: Path, size: int) -> Dataset | str:
    kept = split.BLOCK, split.MANY_COLUMNS, reader.IN_MEMORY
    split.BLOCK, split.MANY_COLUMNS, reader.IN_MEMORY = size, 10**9, -1
    try:
        return read_and_check(source, settings, folder)
    finally:
        split.BLOCK, split.MANY_COLUMNS, reader.IN_MEMORY = kept


def assert_same(whole: Dataset | str, cut: Dataset | str) -> None:
    if isinstance(whole, str) or isinstance(cut, str):
        assert whole == cut
        return
    for part in ("columns", "findings", "rows"):
        assert getattr(whole, part) == getattr(cut, part)
    assert replace(whole, folder=cut.folder) == cut
    frames = [dataset.read([LINE, *names_of(dataset)]) for dataset in (whole, cut)]
    pd.testing.assert_frame_equal(*frames, check_exact=True)
    assert (whole.folder / BAD_CELLS_FILE).read_bytes() == (cut.folder / BAD_CELLS_FILE).read_bytes()
