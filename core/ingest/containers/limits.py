"""How large a file may grow when it is unpacked or written as text: a bomb is refused while it grows, not after."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors.model import DataError

_LOOK_EVERY = 64 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bytes that may come out of one file, and how many times its size once more than `ratio_from` bytes came out.

    `reserve` bytes of the disk stay free. `workbook` is for each part of an Excel file that is read. Who wants to see the
    beginning alone says how many bytes of it are `enough`.
    """

    unpacked: int = 20_000_000_000
    ratio: int = 500
    ratio_from: int = 100_000_000
    reserve: int = 1_000_000_000
    workbook: int = 1_000_000_000
    enough: int | None = None

    def are_met(self, size: int) -> bool:
        """Return whether no more than these bytes need come out."""
        return self.enough is not None and size >= self.enough


class LimitedFile:
    """A new file that is written in pieces; a write beyond a limit raises `DataError` in its place."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._file = path.open("wb")
        self._next_look = 0
        self.written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, piece: bytes | memoryview, taken: int | None) -> None:
        """Append a piece; `taken` bytes of the source made everything up to here, or None where that proves nothing."""
        self.written += len(piece)
        require_room(self.written, self._limits)
        if taken is not None:
            require_no_bomb(self.written, taken, self._limits)
        if self.written >= self._next_look:
            self._next_look = self.written + _LOOK_EVERY
            self._require_disk()
        try:
            self._file.write(piece)
        except OSError as error:
            raise DataError(
                f"The file cannot be unpacked: {error.strerror}.", "Free some space on the disk."
            ) from error

    def _require_disk(self) -> None:
        if shutil.disk_usage(self._path.parent).free < self._limits.reserve + _LOOK_EVERY:
            raise DataError(
                f"There is no room on the disk to unpack this file: {_gigabytes(self.written)} came out of it so far, and "
                f"{_gigabytes(self._limits.reserve)} must stay free.",
                "Free some space, or choose a smaller file.",
            )


def require_room(unpacked: int, limits: Limits) -> None:
    """Raise `DataError` where a file is larger, unpacked, than any may be."""
    if unpacked > limits.unpacked:
        raise DataError(
            f"Unpacked, this file is larger than {_gigabytes(limits.unpacked)}.",
            "Cut it into files of some years each.",
        )


def require_no_bomb(unpacked: int, packed: int, limits: Limits) -> None:
    """Raise `DataError` where so much came out of so little that only a decompression bomb does so."""
    if unpacked > limits.ratio_from and unpacked > limits.ratio * packed:
        raise DataError(
            f"This file grows to more than {limits.ratio} times its size when it is unpacked, as a decompression bomb does.",
            "Unpack it yourself, look at it, and choose the CSV inside.",
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.3g} GB"
