"""Compressed files, unpacked to disk block by block.

The complete lines of a damaged file are kept, with a finding.
"""

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa

from core.errors.files import (
    DamagedZip,
    EmptyFile,
    LockedZip,
    NestedArchive,
    NothingRecovered,
    UncommonZipMethod,
    UnpackingNeedsMemory,
    ZipWithoutFile,
    ZipWithSeveralFiles,
)
from core.findings.ingest.reading import TruncatedArchive
from core.findings.model import Finding
from core.ingest.containers.formats import Format, recognise_head
from core.ingest.containers.limits import LimitedFile, Limits
from core.ingest.containers.zips import open_zip
from core.ingest.layout.encodings import HEAD_BYTES, wide_encoding
from core.progress import ShouldStop, never_stop, require_going
from core.text.escape import plain_text

_BLOCK = 1 << 20
# An error discards the output of the whole input piece, so the pieces are small.
_PIECE = 1 << 14
# `xz -9` needs 65 MiB; a file may request 4 GiB.
_MAX_XZ_MEMORY = 96 << 20


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """The unpacked file; `member` is its name in a ZIP archive, which is never used as a path."""

    path: Path
    member: str | None
    findings: tuple[Finding, ...]


def unpack(
    source: Path, packed: Format, scratch: Path, limits: Limits = Limits(), should_stop: ShouldStop = never_stop
) -> Unpacked:
    """Return the file inside a compressed one.

    Raises `DataError` on a decompression bomb, on an archive within the archive, on a ZIP archive that contains several files or is
    encrypted, and on a damaged file without a complete line.

    Parameters
    ----------
    source, packed
        The compressed file and its format.
    scratch
        The folder to write into.
    limits, should_stop
        Limits on the size, and whether to stop.
    """
    target = scratch / "unpacked"
    if packed is not Format.ZIP:
        with source.open("rb") as file:
            pieces = _zstd_pieces(file) if packed is Format.ZSTD else _stream_pieces(file.read, packed)
            broken = _write(pieces, target, limits, packed, should_stop)
        member = None
    else:
        with open_zip(source) as archive:
            entry = _only_member(archive)
            member = plain_text(_base_name(entry), most=60)
            with _open_member(archive, entry) as unzipped:
                pieces = _member_pieces(unzipped, min(entry.compress_size, source.stat().st_size))
                broken = _write(pieces, target, limits, packed, should_stop)
    findings = () if broken is None else (_keep_complete_lines(target, packed, broken.is_damaged),)
    return Unpacked(path=target, member=member, findings=findings)


# Unpacked bytes, and how many bytes of the source everything so far comes from.
Pieces = Iterator[tuple[bytes, int]]


class _StreamError(Exception):
    """The stream cannot be read any further, because it is damaged or cut short."""

    def __init__(self, is_damaged: bool) -> None:
        super().__init__(is_damaged)
        self.is_damaged = is_damaged


def _write(
    pieces: Pieces, target: Path, limits: Limits, packed: Format, should_stop: ShouldStop
) -> _StreamError | None:
    """Write the pieces; return why they ended early, or None."""
    head = b""
    is_checked = is_text = False
    broken = None
    with LimitedFile(target, limits) as file:
        try:
            for piece, taken in pieces:
                require_going(should_stop)
                file.write(piece, taken)
                if not is_checked:
                    head += piece[: HEAD_BYTES - len(head)]
                    if is_checked := len(head) == HEAD_BYTES:
                        is_text = _require_readable(head, packed) is Format.TEXT
                # The beginning of a workbook is useless without its end.
                if is_checked and is_text and limits.is_enough(file.written):
                    return None
        except _StreamError as error:
            broken = error
    if not is_checked and (head or broken is None):
        _require_readable(head, packed)
    return broken


def _require_readable(head: bytes, packed: Format) -> Format:
    """Return the format inside; an unsupported one is rejected before the rest is unpacked.

    A ZIP archive is accepted, because it may be a workbook.
    """
    if not head:
        raise EmptyFile(packed=packed)
    inner = recognise_head(head)
    if inner.is_packed and inner is not Format.ZIP:
        raise NestedArchive(outer=packed, inner=inner)
    return inner


class _Decompressor(Protocol):
    """What `bz2`, `lzma` and, wrapped, `zlib` have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflate:
    """A gzip stream that keeps unread input, like the decompressors of `bz2` and `lzma`."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


_STREAMS: dict[Format, Callable[[], _Decompressor]] = {
    Format.GZIP: _Inflate,
    Format.BZIP2: bz2.BZ2Decompressor,
    Format.XZ: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_XZ_MEMORY),
}


def _stream_pieces(read: Callable[[int], bytes], packed: Format) -> Pieces:
    """Yield the contents of one stream after another; a file may contain several."""
    taken = 0
    stream = _STREAMS[packed]()
    data = b""
    while True:
        if stream.eof:
            data = stream.unused_data.lstrip(b"\0")
            while not data:
                if not (data := read(_PIECE)):
                    return
                taken += len(data)
                data = data.lstrip(b"\0")
            stream = _STREAMS[packed]()
        elif stream.needs_input and not data:
            if not (data := read(_PIECE)):
                raise _StreamError(is_damaged=False)
            taken += len(data)
        try:
            out = stream.decompress(data, _BLOCK)
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            if "Memory usage limit" in str(error):
                raise UnpackingNeedsMemory(packed=packed) from error
            raise _StreamError(is_damaged=True) from error
        data = b""
        if out:
            yield out, taken


def _zstd_pieces(file: BinaryIO) -> Pieces:
    """Yield the contents of a zstd file; Arrow rejects windows of more than 128 MiB."""
    with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
        while True:
            try:
                piece = stream.read(_PIECE)
            except OSError as error:
                if "too much memory" in str(error):
                    raise UnpackingNeedsMemory(packed=Format.ZSTD) from error
                raise _StreamError(is_damaged="Truncated" not in str(error)) from error
            if not piece:
                return
            yield piece, file.tell()


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Return the one file of an archive that is not hidden; macOS adds hidden ones."""
    members = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/") and not _base_name(entry).startswith(".")
    ]
    if not members:
        raise ZipWithoutFile
    if len(members) > 1:
        raise ZipWithSeveralFiles(names=tuple(entry.filename for entry in members))
    if members[0].flag_bits & 0x1:
        raise LockedZip
    # Other methods unpack a whole piece at once, however large it becomes.
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UncommonZipMethod
    return members[0]


def _base_name(entry: zipfile.ZipInfo) -> str:
    """Return the name without its folders; some programs separate them by a backslash."""
    return entry.filename.replace("\\", "/").rpartition("/")[2]


def _open_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> zipfile.ZipExtFile:
    try:
        opened = archive.open(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise DamagedZip(part="file") from error
    assert isinstance(opened, zipfile.ZipExtFile)
    return opened


def _member_pieces(file: zipfile.ZipExtFile, packed_size: int) -> Pieces:
    while True:
        try:
            piece = file.read1(_PIECE)
        except EOFError as error:
            raise _StreamError(is_damaged=False) from error
        except (zipfile.BadZipFile, zlib.error, OSError) as error:
            raise _StreamError(is_damaged=True) from error
        if not piece:
            return
        yield piece, packed_size


def _keep_complete_lines(path: Path, packed: Format, is_damaged: bool) -> Finding:
    """Cut the file after its last line end and return the finding.

    Raises `DataError` if there is no complete line.
    """
    size = path.stat().st_size
    with path.open("r+b") as file:
        wide = wide_encoding(file.read(HEAD_BYTES))
        unit = 1 if wide is None else 4 if "32" in wide else 2
        line_end = "\n".encode(wide or "ascii")
        complete = 0
        position = size - size % unit
        while position > 0 and not complete:
            start = max(0, position - _BLOCK)
            file.seek(start)
            block = file.read(position - start)
            found = block.rfind(line_end)
            while found >= 0 and found % unit:
                found = block.rfind(line_end, 0, found + len(line_end) - 1)
            complete = 0 if found < 0 else start + found + len(line_end)
            position = start
        if not complete:
            raise NothingRecovered(packed=packed, is_damaged=is_damaged)
        file.truncate(complete)
        file.seek(0)
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))
    return TruncatedArchive(packed=packed, is_damaged=is_damaged, size=size, lines=lines)
