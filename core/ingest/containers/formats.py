"""Recognition of file formats by their bytes, never by their names; formats without a table are rejected."""

import codecs
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.errors.files import EmptyFile, FileKind, FileUnreadable, NotATable
from core.ingest.containers.zips import open_zip
from core.ingest.layout.encodings import HEAD_BYTES, wide_encoding


class Format(StrEnum):
    """A format that can be read, or unpacked and then read."""

    TEXT = "text"
    GZIP = "gzip"
    ZIP = "ZIP"
    XZ = "xz"
    BZIP2 = "bzip2"
    ZSTD = "zstd"
    PARQUET = "Parquet"
    EXCEL = "Excel"

    @property
    def is_packed(self) -> bool:
        """Whether it is a compressed file or an archive."""
        return self in (Format.GZIP, Format.ZIP, Format.XZ, Format.BZIP2, Format.ZSTD)


_READABLE = (
    (b"PK\x03\x04", Format.ZIP),
    (b"\x1f\x8b", Format.GZIP),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x28\xb5\x2f\xfd", Format.ZSTD),
)
_REJECTED = (
    (b"\x89PNG", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"GIF87a", FileKind.GIF),
    (b"GIF89a", FileKind.GIF),
    (b"%PDF-", FileKind.PDF),
    (b"PK\x05\x06", FileKind.EMPTY_ZIP),
    (b"\x04\x22\x4d\x18", FileKind.LZ4),
    (b"7z\xbc\xaf", FileKind.SEVEN_ZIP),
    (b"Rar!\x1a", FileKind.RAR),
    (b"ARROW1\x00", FileKind.ARROW),
    (b"FEA1\x00", FileKind.FEATHER),
    (b"SQLite format 3", FileKind.SQLITE),
    (b"\x89HDF", FileKind.HDF5),
    (b"\x93NUMPY", FileKind.NUMPY),
    (b"\x7fELF", FileKind.PROGRAM),
    (b"MZ\x90", FileKind.PROGRAM),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
# Names inside a ZIP archive that identify its format.
_WORKBOOK, _BINARY_WORKBOOK = "xl/workbook.xml", "xl/workbook.bin"
_ZIPPED = (
    (_BINARY_WORKBOOK, FileKind.BINARY_WORKBOOK),
    ("word/document.xml", FileKind.WORD),
    ("ppt/presentation.xml", FileKind.POWERPOINT),
    ("META-INF/manifest.xml", FileKind.OPEN_DOCUMENT),
    ("META-INF/MANIFEST.MF", FileKind.JAR),
)


def recognise(path: Path) -> Format:
    """Return the format of a file; raises `DataError` if it is not supported.

    The first bytes decide, and in a ZIP archive the names inside it, by which an Excel workbook is recognised. Nothing is
    unpacked.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(max(0, path.stat().st_size - 1024))
            ending = file.read()
            if head.startswith(_OLD_OFFICE):
                raise NotATable(kind=_old_office(file, head))
    except OSError as error:
        raise FileUnreadable(name=path.name, reason=error.strerror) from error
    found = recognise_head(head, ending)
    return _inspect_zip(path) if found is Format.ZIP else found


def recognise_head(head: bytes, ending: bytes = b"") -> Format:
    r"""Return the format of a file from its first and, if given, last bytes; an Excel workbook is a `ZIP` here.

    Raises `DataError` if the format is not supported.

    Examples
    --------
    >>> recognise_head(b"Date,Close\n"), recognise_head(b"\x1f\x8b\x08")
    (<Format.TEXT: 'text'>, <Format.GZIP: 'gzip'>)
    """
    if not head:
        raise EmptyFile
    for magic, found in _READABLE:
        if head.startswith(magic):
            return found
    if head.startswith(b"BZh") and head[4:10] in _BZIP2_BLOCKS:
        return Format.BZIP2
    # A column may be called PAR1; in a Parquet file, the next byte is not a printable character.
    if head.startswith((b"PAR1", b"PARE")) and len(head) > 4 and not 32 <= head[4] < 127:
        return Format.PARQUET
    for magic, kind in _REJECTED:
        if head.startswith(magic):
            raise NotATable(kind=kind)
    if head[257:262] == b"ustar":
        raise NotATable(kind=FileKind.TAR)
    if (other := _other_kind(head, ending)) is not None:
        raise NotATable(kind=other)
    return Format.TEXT


def _old_office(file: BinaryIO, head: bytes) -> FileKind:
    """Return what an old Office file is: a locked workbook is wrapped in this format, and its directory shows it."""
    file.seek((int.from_bytes(head[48:52], "little") + 1) * 512)
    is_locked = "EncryptedPackage".encode("utf-16-le") in file.read(4096)
    return FileKind.LOCKED_WORKBOOK if is_locked else FileKind.OLD_WORKBOOK


def _other_kind(head: bytes, ending: bytes) -> FileKind | None:
    """Return what a file without a known signature is, if it is not a table of text."""
    if head[0] == 0x80 and len(head) > 1 and head[1] <= 5 and ending.rstrip().endswith(b"."):
        return FileKind.PICKLE
    wide = wide_encoding(head)
    text = head if wide is None else head.decode(wide, errors="ignore").encode(errors="ignore")
    text = text.lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<svg")):
        return FileKind.WEB_PAGE
    if text.startswith((b"{", b"[{", b"[[")):
        return FileKind.JSON
    if wide is None:
        # After an interrupted save, a text may end in nothing but NUL bytes.
        sample = np.frombuffer(head.rstrip(b"\0") or head, dtype=np.uint8)
        is_control = (sample < 32) & ~np.isin(sample, (0, 9, 10, 11, 12, 13, 26, 27))
        if is_control.mean() > 0.02 or (sample == 0).mean() > 0.3:
            return FileKind.BINARY
    return None


def _inspect_zip(path: Path) -> Format:
    with open_zip(path) as archive:
        names = set(archive.namelist())
    if _WORKBOOK in names or ("[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)):
        if _BINARY_WORKBOOK in names:
            raise NotATable(kind=FileKind.BINARY_WORKBOOK)
        return Format.EXCEL
    for name, kind in _ZIPPED:
        if name in names:
            raise NotATable(kind=kind)
    if names and all(name.endswith(".npy") for name in names):
        raise NotATable(kind=FileKind.NUMPY)
    return Format.ZIP
