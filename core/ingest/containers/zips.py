"""Untrusted ZIP archives, whose directory cannot fill the memory when opened."""

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors.files import DamagedZip

# About 20,000 names; each becomes an object of some 600 bytes.
_MAX_DIRECTORY = 1 << 20


class _Bounded(io.FileIO):
    """A file that refuses large reads: `zipfile` reads the whole directory in one call."""

    def read(self, size: int | None = -1, /) -> bytes:
        here = self.tell()
        left = self.seek(0, io.SEEK_END) - here
        self.seek(here)
        if min(left, left if size is None or size < 0 else size) > _MAX_DIRECTORY:
            raise zipfile.BadZipFile("directory too large")
        return super().read(size)


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Yield the archive; raises `DataError` if its directory is damaged or far too long."""
    with _Bounded(path, "rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, OSError) as error:
            raise DamagedZip(part="directory") from error
        with archive:
            yield archive
