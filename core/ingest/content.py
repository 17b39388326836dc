"""Bytes to text: what is not a table is refused, the encoding is found, and nothing is dropped on the way."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import DataError, RecipeError
from core.findings import Finding, Severity

_REPLACEMENT = "\ufffd".encode()
_SAMPLE = 65_536

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (or an Excel workbook)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Content:
    r"""The file as UTF-8 bytes with `\n` line ends; line n of it is line n of the user's file."""

    data: bytes
    encoding: str
    findings: tuple[Finding, ...]


def decode_content(raw: bytes, encoding: str | None = None) -> Content:
    r"""Return the text of a file, and what was assumed or replaced to get it.

    Without `encoding`: a byte-order mark decides, then the pattern of NUL bytes (UTF-16), then whether the bytes are
    UTF-8; what is none of these is read as Windows-1252, which is said. Raises `DataError` on what is not text,
    `RecipeError` on an unknown encoding.

    Examples
    --------
    >>> decode_content("Date;Schluß\r\n".encode("utf-16")).data.decode()
    'Date;Schluß\n'
    """
    _refuse_other_formats(raw)
    findings: list[Finding] = []
    if encoding is not None:
        data, encoding = _decode_as(raw, encoding, findings), encoding.lower()
    else:
        data, encoding = _decode_by_evidence(raw, findings)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = _show_nul_bytes(data, findings)
    if re.search(rb"\S", data) is None:
        raise DataError(
            "The file holds no text: it is empty or all blank.", "Choose a CSV file with a header and rows."
        )
    return Content(data, encoding, tuple(findings))


def lines_holding(data: bytes, mask: np.ndarray) -> np.ndarray:
    """Return the numbers (from 1, each once) of the lines in which a byte of the mask is set."""
    places = np.flatnonzero(mask)
    if not len(places):
        return np.empty(0, dtype=np.int64)
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    return np.unique(np.searchsorted(ends, places, side="left") + 1)


def first_rows(lines: np.ndarray) -> tuple[int, ...]:
    """Return the first ten line numbers, as a finding shows them."""
    return tuple(int(line) for line in lines[:10])


def _refuse_other_formats(raw: bytes) -> None:
    if not raw:
        raise DataError("The file is empty: 0 bytes.", "Choose a CSV file with a header and rows.")
    ask = "Save the table as CSV text and choose that file."
    for magic, name in _MAGIC:
        if raw.startswith(magic):
            if name.startswith("compressed"):
                raise DataError(f"This file is {name}, not CSV text.", "Unpack it and choose the CSV inside.")
            raise DataError(f"This file is {name}, not a CSV table.", ask)
    if raw[0] == 0x80 and len(raw) > 1 and raw[1] <= 5 and raw.rstrip().endswith(b"."):
        raise DataError("This file is a Python pickle, which is never opened, not a CSV table.", ask)
    opening = raw[:_SAMPLE].lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower()
    if opening.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<svg")):
        raise DataError(
            "This file is a web page or XML, not a CSV table.", "Was the download answered by an error page?"
        )
    if opening.startswith((b"{", b"[{", b"[[")):
        raise DataError("This file is JSON, not a CSV table.", ask)
    if not any(raw.startswith(bom) for bom, _ in _BOMS) and _guess_utf16(raw) is None:
        sample = np.frombuffer(raw[:_SAMPLE], dtype=np.uint8)
        odd = (sample < 32) & ~np.isin(sample, (0, 9, 10, 11, 12, 13, 26, 27))
        if odd.mean() > 0.02 or (sample == 0).mean() > 0.3:
            raise DataError("This file holds binary data, not CSV text.", ask)


def _guess_utf16(raw: bytes) -> str | None:
    sample = np.frombuffer(raw[: _SAMPLE - _SAMPLE % 2], dtype=np.uint8)
    sample = sample[: len(sample) - len(sample) % 2]
    if len(sample) < 4:
        return None
    even, odd = (sample[0::2] == 0).mean(), (sample[1::2] == 0).mean()
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.1 else None


def _decode_by_evidence(raw: bytes, findings: list[Finding]) -> tuple[bytes, str]:
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _decode_as(raw[len(bom) :], encoding, findings), encoding
    utf16 = _guess_utf16(raw)
    if utf16 is not None:
        findings.append(
            Finding(
                "encoding-assumed",
                Severity.INFO,
                f"Read as {utf16.upper()} without a byte-order mark",
                "Every other byte is NUL, as in UTF-16.",
            )
        )
        return _decode_as(raw, utf16, findings), utf16
    if raw.isascii() or _is_utf8(raw):
        return raw, "utf-8"
    lenient = raw.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    whole = sum(not character.isascii() for character in lenient) - broken
    if whole > broken:
        return _decode_as(raw, "utf-8", findings), "utf-8"
    lines = lines_holding(raw, np.frombuffer(raw, dtype=np.uint8) >= 0x80)
    findings.append(
        Finding(
            "encoding-assumed",
            Severity.WARNING,
            "Bytes that are not UTF-8 were read as Windows-1252",
            "The file names no encoding. If letters look wrong in these lines, name the encoding; no row was lost.",
            rows=first_rows(lines),
            count=len(lines),
        )
    )
    return raw.decode("cp1252", errors="replace").encode(), "cp1252"


def _is_utf8(raw: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(raw), 1 << 24):
            decoder.decode(raw[start : start + (1 << 24)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decode_as(raw: bytes, encoding: str, findings: list[Finding]) -> bytes:
    for bom, of in _BOMS:
        if raw.startswith(bom) and of.startswith(encoding.lower().replace("_", "-").removesuffix("-sig")):
            raw, encoding = raw[len(bom) :], of
            break
    try:
        codec = codecs.lookup(encoding)
        text, _ = codec.decode(raw, "strict")
        return text.encode()
    except LookupError as error:
        raise RecipeError(
            f"ingest.encoding is {encoding!r}, which is unknown.", "Leave it empty, or use utf-8."
        ) from error
    except UnicodeDecodeError:
        text, _ = codec.decode(raw, "replace")
    except UnicodeEncodeError as error:
        raise DataError(f"The file holds characters that {encoding} cannot mean.", "Name another encoding.") from error
    data = text.encode(errors="replace")
    lines = np.array([number for number, line in enumerate(data.split(b"\n"), 1) if _REPLACEMENT in line])
    findings.append(
        Finding(
            "undecodable-bytes",
            Severity.WARNING,
            f"Some bytes are not {encoding}",
            "They stand as the sign \ufffd; a number that holds one is listed as unparseable. No row was lost.",
            rows=first_rows(lines),
            count=len(lines),
        )
    )
    return data


def _show_nul_bytes(data: bytes, findings: list[Finding]) -> bytes:
    """Return the text with a visible sign for each NUL: dropped, it would glue the digits around it to another number."""
    if b"\0" not in data:
        return data
    lines = lines_holding(data, np.frombuffer(data, dtype=np.uint8) == 0)
    findings.append(
        Finding(
            "nul-bytes",
            Severity.WARNING,
            "The file holds NUL bytes",
            "They stand as the sign \ufffd; a number that holds one is listed as unparseable, never shortened.",
            rows=first_rows(lines),
            count=len(lines),
        )
    )
    return data.rstrip(b"\0").replace(b"\0", _REPLACEMENT)


def read_bytes(source: Path) -> bytes:
    """Return the bytes of the file; raises `DataError` if it cannot be read."""
    try:
        return source.read_bytes()
    except OSError as error:
        raise DataError(f"The file {source.name} cannot be read: {error.strerror}.", "Check the path.") from error
