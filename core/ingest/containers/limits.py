"""Limits on the size of unpacked files; a decompression bomb is rejected while it is unpacked, not afterwards."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors.files import DecompressionBomb, DiskFull, UnpackedTooLarge, UnpackingFailed

_CHECK_DISK_EVERY = 64 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits on the bytes that one file may expand to.

    `unpacked` is the maximum. Beyond `ratio_from` bytes, the result may be at most `ratio` times the size of the file. `reserve`
    bytes of the disk stay free. `workbook` is the maximum for each part of an Excel file. To read only the beginning of a file,
    set `enough` to the number of bytes after which to stop.
    """

    unpacked: int = 20_000_000_000
    ratio: int = 500
    ratio_from: int = 100_000_000
    reserve: int = 1_000_000_000
    workbook: int = 1_000_000_000
    enough: int | None = None

    def is_enough(self, size: int) -> bool:
        """Return whether unpacking may stop after `size` bytes."""
        return self.enough is not None and size >= self.enough


class LimitedFile:
    """A new file that is written in pieces; a write beyond a limit raises `DataError` instead."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._file = path.open("wb")
        self._next_check = 0
        self.written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, piece: bytes | memoryview, taken: int | None) -> None:
        """Append a piece.

        `taken` is the number of bytes of the source that everything written so far comes from. Pass None if the ratio is no sign
        of a bomb.
        """
        self.written += len(piece)
        require_within_limit(self.written, self._limits)
        if taken is not None:
            require_no_bomb(self.written, taken, self._limits)
        if self.written >= self._next_check:
            self._next_check = self.written + _CHECK_DISK_EVERY
            self._require_disk()
        try:
            self._file.write(piece)
        except OSError as error:
            raise UnpackingFailed(reason=error.strerror) from error

    def _require_disk(self) -> None:
        if shutil.disk_usage(self._path.parent).free < self._limits.reserve + _CHECK_DISK_EVERY:
            raise DiskFull(written=self.written, reserve=self._limits.reserve)


def require_within_limit(unpacked: int, limits: Limits) -> None:
    """Raise `DataError` if an unpacked file of `unpacked` bytes exceeds the limit."""
    if unpacked > limits.unpacked:
        raise UnpackedTooLarge(limit=limits.unpacked)


def require_no_bomb(unpacked: int, packed: int, limits: Limits) -> None:
    """Raise `DataError` if `packed` bytes became so many `unpacked` ones that only a decompression bomb explains it."""
    if unpacked > limits.ratio_from and unpacked > limits.ratio * packed:
        raise DecompressionBomb(ratio=limits.ratio)
