"""Every supported format is recognised by its bytes; every other file is rejected by its kind."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from core.errors.files import EmptyFile, FileKind, FileUnreadable, NotATable
from core.ingest.containers.formats import Format, recognise
from core.ingest.containers.open_any import open_as_text
from core.ingest.layout.encodings import wide_encoding
from tests.ingest.workbook_examples import rows, write_workbook

EDGE = Path(__file__).parents[2] / "data" / "edge"
CSV = b"Date,Close\n2024-01-02,1.5\n"


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def numpy_file() -> bytes:
    made = io.BytesIO()
    np.save(made, np.arange(3.0))
    return made.getvalue()


def arrow_file(version: int) -> bytes:
    made = io.BytesIO()
    pyarrow.feather.write_feather(pa.table({"x": [1.5]}), made, version=version)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (CSV, Format.TEXT),
        (CSV.decode().encode("utf-16"), Format.TEXT),
        (CSV.decode().encode("utf-16-le"), Format.TEXT),
        (CSV.decode().encode("utf-32"), Format.TEXT),
        (gzip.compress(CSV), Format.GZIP),
        (gzip.compress(CSV)[:5], Format.GZIP),
        (bz2.compress(CSV), Format.BZIP2),
        (pa.compress(CSV, codec="zstd", asbytes=True), Format.ZSTD),
        (lzma.compress(CSV), Format.XZ),
        (zipped(**{"prices.csv": CSV}), Format.ZIP),
    ],
)
def test_a_supported_format_is_recognised_whatever_the_file_name(content: bytes, found: Format, tmp_path: Path) -> None:
    path = tmp_path / "file.png"
    path.write_bytes(content)
    assert recognise(path) is found


def test_a_workbook_and_a_parquet_file_are_recognised(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1.5]}), tmp_path / "a.csv")
    assert recognise(tmp_path / "a.csv") is Format.PARQUET
    assert recognise(write_workbook(tmp_path / "b.csv", {"A": rows(["x"], ["1"])})) is Format.EXCEL


@pytest.mark.parametrize(
    "header", ["PAR1,PAR2", "FEA1,FEA2", "BZh,x", "GIF8,x", "MZ,x", "ARROW1,x", "PK,x", "%PDF,x", "Rar!,x", "7z,x"]
)
def test_a_header_that_begins_like_another_format_is_text(header: str, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"{header}\n1,2\n")
    assert recognise(path) is Format.TEXT


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), FileKind.PNG),
        (b"\xff\xd8\xff\xe0" + bytes(50), FileKind.JPEG),
        (b"GIF89a" + bytes(50), FileKind.GIF),
        (b"%PDF-1.7\n", FileKind.PDF),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), FileKind.SEVEN_ZIP),
        (b"Rar!\x1a\x07" + bytes(50), FileKind.RAR),
        (b"\x04\x22\x4d\x18" + bytes(50), FileKind.LZ4),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), FileKind.OLD_WORKBOOK),
        (b"SQLite format 3\x00" + bytes(50), FileKind.SQLITE),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), FileKind.HDF5),
        (numpy_file(), FileKind.NUMPY),
        (arrow_file(2), FileKind.ARROW),
        (b"FEA1\x00\x00\x00\x00" + bytes(50), FileKind.FEATHER),
        (b"\x7fELF" + bytes(50), FileKind.PROGRAM),
        (b"MZ\x90\x00" + bytes(50), FileKind.PROGRAM),
        (pickle.dumps([1, 2]), FileKind.PICKLE),
        (b"<!DOCTYPE html><html>", FileKind.WEB_PAGE),
        ("<html>404</html>".encode("utf-16"), FileKind.WEB_PAGE),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", FileKind.WEB_PAGE),
        (b"  <svg>", FileKind.WEB_PAGE),
        (json.dumps([{"Date": 1}]).encode(), FileKind.JSON),
        (json.dumps({"Date": [1]}).encode(), FileKind.JSON),
        (np.random.default_rng(0).bytes(5000), FileKind.BINARY),
        (b"PK\x05\x06" + bytes(18), FileKind.EMPTY_ZIP),
        (zipped(**{"word/document.xml": b"<x/>"}), FileKind.WORD),
        (zipped(**{"xl/workbook.bin": b"x"}), FileKind.BINARY_WORKBOOK),
        (zipped(**{"a.npy": b"x", "b.npy": b"x"}), FileKind.NUMPY),
    ],
)
def test_a_file_without_a_table_is_rejected_by_its_kind(content: bytes, kind: FileKind, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    with pytest.raises(NotATable) as caught:
        open_as_text(path, tmp_path)
    assert caught.value.kind is kind


def test_an_empty_file_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.touch()
    with pytest.raises(EmptyFile):
        open_as_text(path, tmp_path)


def test_a_workbook_with_a_password_is_distinguished_from_an_old_one(tmp_path: Path) -> None:
    content = bytearray(4096)
    content[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    content[48:52] = (2).to_bytes(4, "little")
    content[1536 + 256 : 1536 + 256 + 32] = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(NotATable) as caught:
        recognise(tmp_path / "a.xlsx")
    assert caught.value.kind is FileKind.LOCKED_WORKBOOK


@pytest.mark.parametrize("path", sorted(EDGE.glob("e[0-4]*.csv")), ids=lambda path: path.name)
def test_text_files_are_opened_without_copying(path: Path, tmp_path: Path) -> None:
    if not path.stat().st_size:
        pytest.skip("the empty file is rejected, see above")
    opened = open_as_text(path, tmp_path)
    assert (opened.path, opened.format, opened.findings, opened.delimiter) == (path, Format.TEXT, (), None)
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as caught:
        recognise(tmp_path / "absent.csv")
    assert caught.value.name == "absent.csv"


def test_wide_encodings_are_distinguished_from_narrow_ones() -> None:
    assert [wide_encoding("a,b\n1,2\n".encode(name)) for name in ("utf-8", "utf-8-sig", "utf-16-be", "utf-32")] == [
        None,
        None,
        "utf-16-be",
        "utf-32-le",
    ]
