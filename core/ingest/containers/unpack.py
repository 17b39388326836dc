"""Compressed files unpacked block by block onto the disk: what came out whole is kept, and what is missing is said."""

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa

from core.errors.model import DataError
from core.findings.model import Finding, Severity, legacy_finding
from core.ingest.containers.formats import Format, recognise_opening
from core.ingest.containers.limits import LimitedFile, Limits
from core.ingest.containers.zips import open_zip
from core.ingest.layout.encodings import OPENING, wide_encoding
from core.progress import ShouldStop, never_stop, require_going
from core.text.escape import plain_text

_BLOCK = 1 << 20
# What a damaged stream gave within one piece of input is lost with the error, so the pieces are small.
_PIECE = 1 << 14
# `xz -9` asks for 65 MiB; a file may ask for 4 GiB.
_MOST_XZ_MEMORY = 96 << 20
_SHORT, _DAMAGED = "is cut short", "is damaged"


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """The file that came out, and the name that a ZIP archive gives it, which is never used as a path."""

    path: Path
    member: str | None
    findings: tuple[Finding, ...]


def unpack(
    source: Path, packed: Format, scratch: Path, limits: Limits = Limits(), should_stop: ShouldStop = never_stop
) -> Unpacked:
    """Return the one file inside a compressed one, written into the folder `scratch`.

    Raises `DataError` on a bomb, on an archive within the archive, on a ZIP that holds several files or is encrypted, and
    where a damaged file gives no whole line.
    """
    target = scratch / "unpacked"
    if packed is not Format.ZIP:
        with source.open("rb") as file:
            pieces = _zstd_pieces(file) if packed is Format.ZSTD else _streamed(file.read, packed)
            broken = _write(pieces, target, limits, packed, should_stop)
        member = None
    else:
        with open_zip(source) as archive:
            entry = _only_member(archive)
            member = plain_text(_own_name(entry), most=60)
            with _open_member(archive, entry) as file:
                pieces = _members_pieces(file, min(entry.compress_size, source.stat().st_size))
                broken = _write(pieces, target, limits, packed, should_stop)
    return Unpacked(path=target, member=member, findings=(_keep_whole_lines(target, packed, broken),) if broken else ())


# A piece is what came out, and how many bytes of the source made everything so far.
Pieces = Iterator[tuple[bytes, int]]


class _Broken(Exception):
    """The stream cannot be read on."""


def _write(pieces: Pieces, target: Path, limits: Limits, packed: Format, should_stop: ShouldStop) -> str | None:
    """Write the pieces; return why they ended early, or None."""
    opening = b""
    looked = is_text = False
    broken = None
    with LimitedFile(target, limits) as file:
        try:
            for piece, taken in pieces:
                require_going(should_stop)
                file.write(piece, taken)
                if not looked:
                    opening += piece[: OPENING - len(opening)]
                    if looked := len(opening) == OPENING:
                        is_text = _require_no_nest(opening, packed) is Format.TEXT
                # A workbook is of no use without its end.
                if looked and is_text and limits.are_met(file.written):
                    return None
        except _Broken as error:
            broken = str(error)
    if not looked and (opening or not broken):
        _require_no_nest(opening, packed)
    return broken


def _require_no_nest(opening: bytes, packed: Format) -> Format:
    """Return what is inside; what could not be read anyway is refused before the rest is unpacked. A ZIP may yet be a workbook."""
    if not opening:
        raise DataError(f"This {packed} file holds nothing: it unpacks to 0 bytes.", "Choose a CSV file with rows.")
    inner = recognise_opening(opening)
    if inner.is_packed and inner is not Format.ZIP:
        raise nested(packed, inner)
    return inner


def nested(outer: Format, inner: Format) -> DataError:
    """Return the error for an archive within an archive."""
    return DataError(
        f"This {outer} file holds another compressed file ({inner}), not CSV text.",
        "Unpack it and choose the CSV inside.",
    )


class _Decompressor(Protocol):
    """What `bz2`, `lzma` and, wrapped, `zlib` have in common."""

    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflate:
    """A gzip stream that keeps the input it has not come to, as the other two do."""

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
    Format.XZ: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_XZ_MEMORY),
}


def _streamed(read: Callable[[int], bytes], packed: Format) -> Pieces:
    """Give what comes out of one stream after another, as gzip, bzip2 and xz files may hold several."""
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
                raise _Broken(_SHORT)
            taken += len(data)
        try:
            out = stream.decompress(data, _BLOCK)
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            if "Memory usage limit" in str(error):
                raise _too_greedy(packed) from error
            raise _Broken(_DAMAGED) from error
        data = b""
        if out:
            yield out, taken


def _zstd_pieces(file: BinaryIO) -> Pieces:
    """Give what comes out of the frames of a zstd file; Arrow refuses windows of more than 128 MiB."""
    with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
        while True:
            try:
                piece = stream.read(_PIECE)
            except OSError as error:
                if "too much memory" in str(error):
                    raise _too_greedy(Format.ZSTD) from error
                raise _Broken(_SHORT if "Truncated" in str(error) else _DAMAGED) from error
            if not piece:
                return
            yield piece, file.tell()


def _too_greedy(packed: Format) -> DataError:
    return DataError(
        f"This {packed} file needs more memory to unpack than is allowed.",
        "Pack it with a smaller dictionary or window.",
    )


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/") and not _own_name(entry).startswith(".")
    ]
    if not members:
        raise DataError("This ZIP archive holds no file.", "Pack one file with a table into it.")
    if len(members) > 1:
        named = ", ".join(plain_text(entry.filename, most=60) for entry in members[:5])
        raise DataError(
            f"This ZIP archive holds {len(members):,} files: {named}{', …' if len(members) > 5 else ''}.",
            "Pack one file, or unpack the archive and choose one.",
        )
    if members[0].flag_bits & 0x1:
        raise DataError("This ZIP archive is locked by a password.", "Unpack it and choose the CSV inside.")
    # The other methods unpack a whole piece at once, however much it becomes.
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(
            "This ZIP archive is packed by an uncommon method.",
            "Unpack it and choose the CSV inside, or pack it as usual.",
        )
    return members[0]


def _own_name(entry: zipfile.ZipInfo) -> str:
    """Return the name without its folders, which some programs part by a backslash."""
    return entry.filename.replace("\\", "/").rpartition("/")[2]


def _open_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> zipfile.ZipExtFile:
    try:
        return archive.open(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise DataError("This ZIP archive is damaged where its file begins.", "Get the file anew.") from error


def _members_pieces(file: zipfile.ZipExtFile, packed_size: int) -> Pieces:
    while True:
        try:
            piece = file.read1(_PIECE)
        except EOFError as error:
            raise _Broken(_SHORT) from error
        except (zipfile.BadZipFile, zlib.error, OSError) as error:
            raise _Broken(_DAMAGED) from error
        if not piece:
            return
        yield piece, packed_size


def _keep_whole_lines(path: Path, packed: Format, broken: str) -> Finding:
    """Cut the file after its last line end; return what is said about it, or raise where no line came out."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        wide = wide_encoding(file.read(OPENING))
        unit = 1 if wide is None else 4 if "32" in wide else 2
        end = "\n".encode(wide or "ascii")
        whole = 0
        place = size - size % unit
        while place > 0 and not whole:
            start = max(0, place - _BLOCK)
            file.seek(start)
            block = file.read(place - start)
            found = block.rfind(end)
            while found >= 0 and found % unit:
                found = block.rfind(end, 0, found + len(end) - 1)
            whole = 0 if found < 0 else start + found + len(end)
            place = start
        if not whole:
            raise DataError(
                f"This {packed} file {broken}: no whole line came out of it.", "Get the file anew, and choose that one."
            )
        file.truncate(whole)
        file.seek(0)
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))
    came = f"{size:,} bytes came out of it before it broke off, {lines:,} whole lines"
    if broken == _SHORT:
        title = f"The {packed} file {broken}: its last rows are missing"
        detail = f"{came}; how many more there were is not known. Get the file anew."
    else:
        title = f"The {packed} file {broken}: rows are missing, and others may be wrong"
        detail = f"{came}. Where the damage begins is not known, so that any value may be wrong. Get the file anew."
    return legacy_finding("truncated-archive", Severity.PROBLEM, title, detail, rows=(lines,))
