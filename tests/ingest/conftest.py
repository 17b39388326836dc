"""A fixture that reads text as a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.data.dataset import Dataset
from core.ingest.reader import read_table
from core.recipe.model import IngestSettings

Read = Callable[..., Dataset]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A function that writes a file and reads it: `read(text or bytes, **ingest settings)`."""
    count = 0

    def read_content(content: str | bytes, **settings: object) -> Dataset:
        nonlocal count
        count += 1
        source = tmp_path / f"file_{count}.csv"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(source, IngestSettings(**settings), tmp_path / f"dataset_{count}")

    return read_content
