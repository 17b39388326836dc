"""ZIP archives of strangers, opened so that their directory cannot fill the memory."""

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors.model import DataError

# About 20,000 names; each becomes an object of some 600 bytes.
_MOST_DIRECTORY = 1 << 20


class _Bounded(io.FileIO):
    """A file that is never read in one large piece: `zipfile` reads the whole directory in one call."""

    def read(self, size: int = -1, /) -> bytes:
        here = self.tell()
        left = self.seek(0, io.SEEK_END) - here
        self.seek(here)
        if min(left, size if size >= 0 else left) > _MOST_DIRECTORY:
            raise zipfile.BadZipFile("directory too large")
        return super().read(size)


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give the archive, opened for reading; raises `DataError` if its directory is damaged or far too long."""
    with _Bounded(path, "rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, OSError) as error:
            raise DataError(
                "This ZIP archive cannot be opened: its directory, which stands at its end, is missing or damaged.",
                "Get the file anew: it may be cut short.",
            ) from error
        with archive:
            yield archive
