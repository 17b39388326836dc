"""What a file is, told by its bytes and never by its name; what holds no table is refused in one sentence."""

import codecs
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.errors.model import DataError
from core.ingest.containers.zips import open_zip
from core.ingest.layout.encodings import OPENING, wide_encoding

_ASK = "Save the table as CSV text and choose that file."


class Format(StrEnum):
    """A kind of file that can be read, or unpacked and then read."""

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
        """Whether it is an archive around another file."""
        return self in (Format.GZIP, Format.ZIP, Format.XZ, Format.BZIP2, Format.ZSTD)


_READABLE = (
    (b"PK\x03\x04", Format.ZIP),
    (b"\x1f\x8b", Format.GZIP),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x28\xb5\x2f\xfd", Format.ZSTD),
)
_REFUSED = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"ARROW1\x00", "an Arrow file"),
    (b"FEA1\x00", "a Feather file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
# Names inside a ZIP archive that tell what it really is.
_WORKBOOK = "xl/workbook.xml"
_ZIPPED = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("META-INF/manifest.xml", "an OpenDocument file"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
)


def recognise(path: Path) -> Format:
    """Return what the file is; raises `DataError` on what holds no table.

    The first bytes decide, and for a ZIP archive the names inside it: an Excel workbook is one. Nothing is unpacked.
    """
    try:
        with path.open("rb") as file:
            opening = file.read(OPENING)
            file.seek(max(0, path.stat().st_size - 1024))
            ending = file.read()
            if opening.startswith(_OLD_OFFICE):
                raise _refusal(_old_office(file, opening))
    except OSError as error:
        raise DataError(f"The file {path.name} cannot be read: {error.strerror}.", "Check the path.") from error
    found = recognise_opening(opening, ending)
    return _look_into_zip(path) if found is Format.ZIP else found


def recognise_opening(opening: bytes, ending: bytes = b"") -> Format:
    r"""Return what a file is that begins (and, if given, ends) with these bytes; an Excel workbook is a `ZIP` here.

    Examples
    --------
    >>> recognise_opening(b"Date,Close\n"), recognise_opening(b"\x1f\x8b\x08")
    (<Format.TEXT: 'text'>, <Format.GZIP: 'gzip'>)
    """
    if not opening:
        raise DataError("The file is empty: 0 bytes.", "Choose a CSV file with a header and rows.")
    for magic, found in _READABLE:
        if opening.startswith(magic):
            return found
    if opening.startswith(b"BZh") and opening[4:10] in _BZIP2_BLOCKS:
        return Format.BZIP2
    # A header may well name a column PAR1; in Parquet a byte follows that is no letter.
    if opening.startswith((b"PAR1", b"PARE")) and len(opening) > 4 and not 32 <= opening[4] < 127:
        return Format.PARQUET
    for magic, name in _REFUSED:
        if opening.startswith(magic):
            raise _refusal(name)
    if opening[257:262] == b"ustar":
        raise _refusal("a tar archive")
    _refuse_other_text(opening, ending)
    return Format.TEXT


def _refusal(name: str) -> DataError:
    if name.startswith("compressed"):
        return DataError(f"This file is {name}, not CSV text.", "Unpack it and choose the CSV inside.")
    if "workbook" in name:
        return DataError(f"This file is {name}, not a CSV table.", "Save it as .xlsx without a password, or as CSV.")
    return DataError(f"This file is {name}, not a CSV table.", _ASK)


def _old_office(file: BinaryIO, opening: bytes) -> str:
    """Return what the file is: a workbook with a password is wrapped like an old one, and its directory says so."""
    file.seek((int.from_bytes(opening[48:52], "little") + 1) * 512)
    locked = "EncryptedPackage".encode("utf-16-le") in file.read(4096)
    return "an Excel workbook locked by a password" if locked else "an old Excel workbook"


def _refuse_other_text(opening: bytes, ending: bytes) -> None:
    if opening[0] == 0x80 and len(opening) > 1 and opening[1] <= 5 and ending.rstrip().endswith(b"."):
        raise DataError("This file is a Python pickle, which is never opened, not a CSV table.", _ASK)
    wide = wide_encoding(opening)
    shown = opening if wide is None else opening.decode(wide, errors="ignore").encode(errors="ignore")
    shown = shown.lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower()
    if shown.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<svg")):
        raise DataError(
            "This file is a web page or XML, not a CSV table.", "Was the download answered by an error page?"
        )
    if shown.startswith((b"{", b"[{", b"[[")):
        raise DataError("This file is JSON, not a CSV table.", _ASK)
    if wide is None:
        # Where writing was broken off, nothing but NUL bytes may stand behind the text.
        sample = np.frombuffer(opening.rstrip(b"\0") or opening, dtype=np.uint8)
        odd = (sample < 32) & ~np.isin(sample, (0, 9, 10, 11, 12, 13, 26, 27))
        if odd.mean() > 0.02 or (sample == 0).mean() > 0.3:
            raise DataError("This file holds binary data, not CSV text.", _ASK)


def _look_into_zip(path: Path) -> Format:
    with open_zip(path) as archive:
        names = set(archive.namelist())
    if _WORKBOOK in names or ("[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)):
        if "xl/workbook.bin" in names:
            raise _refusal("a binary Excel workbook (.xlsb)")
        return Format.EXCEL
    for name, found in _ZIPPED:
        if name in names:
            raise _refusal(found)
    if names and all(name.endswith(".npy") for name in names):
        raise _refusal("a NumPy file")
    return Format.ZIP
