"""What a file is: every readable kind is recognised by its bytes, everything else is refused in one sentence."""

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

from core.errors.model import DataError
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
def test_a_readable_file_is_recognised_whatever_its_name(content: bytes, found: Format, tmp_path: Path) -> None:
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
    ("content", "said"),
    [
        (b"", "The file is empty: 0 bytes."),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "This file is a PNG picture, not a CSV table."),
        (b"\xff\xd8\xff\xe0" + bytes(50), "This file is a JPEG picture, not a CSV table."),
        (b"GIF89a" + bytes(50), "This file is a GIF picture, not a CSV table."),
        (b"%PDF-1.7\n", "This file is a PDF document, not a CSV table."),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "This file is a 7z archive, not a CSV table."),
        (b"Rar!\x1a\x07" + bytes(50), "This file is a RAR archive, not a CSV table."),
        (b"\x04\x22\x4d\x18" + bytes(50), "This file is compressed with LZ4, not CSV text."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "This file is an old Excel workbook, not a CSV table."),
        (b"SQLite format 3\x00" + bytes(50), "This file is an SQLite database, not a CSV table."),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "This file is an HDF5 file, not a CSV table."),
        (numpy_file(), "This file is a NumPy file, not a CSV table."),
        (arrow_file(2), "This file is an Arrow file, not a CSV table."),
        (b"FEA1\x00\x00\x00\x00" + bytes(50), "This file is a Feather file, not a CSV table."),
        (b"\x7fELF" + bytes(50), "This file is a program, not a CSV table."),
        (b"MZ\x90\x00" + bytes(50), "This file is a program, not a CSV table."),
        (pickle.dumps([1, 2]), "This file is a Python pickle, which is never opened, not a CSV table."),
        (b"<!DOCTYPE html><html>", "This file is a web page or XML, not a CSV table."),
        ("<html>404</html>".encode("utf-16"), "This file is a web page or XML, not a CSV table."),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "This file is a web page or XML, not a CSV table."),
        (b"  <svg>", "This file is a web page or XML, not a CSV table."),
        (json.dumps([{"Date": 1}]).encode(), "This file is JSON, not a CSV table."),
        (json.dumps({"Date": [1]}).encode(), "This file is JSON, not a CSV table."),
        (np.random.default_rng(0).bytes(5000), "This file holds binary data, not CSV text."),
        (b"PK\x05\x06" + bytes(18), "This file is an empty ZIP archive, not a CSV table."),
        (zipped(**{"word/document.xml": b"<x/>"}), "This file is a Word document, not a CSV table."),
        (zipped(**{"xl/workbook.bin": b"x"}), "This file is a binary Excel workbook (.xlsb), not a CSV table."),
        (zipped(**{"a.npy": b"x", "b.npy": b"x"}), "This file is a NumPy file, not a CSV table."),
    ],
)
def test_what_holds_no_table_is_refused_in_one_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as refusal:
        open_as_text(path, tmp_path)
    assert refusal.value.message == said and refusal.value.hint


def test_a_workbook_with_a_password_is_told_from_an_old_one(tmp_path: Path) -> None:
    content = bytearray(4096)
    content[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    content[48:52] = (2).to_bytes(4, "little")
    content[1536 + 256 : 1536 + 256 + 32] = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(DataError, match="locked by a password"):
        recognise(tmp_path / "a.xlsx")


@pytest.mark.parametrize("path", sorted(EDGE.glob("e[0-4]*.csv")), ids=lambda path: path.name)
def test_edge_files_that_are_text_are_opened_where_they_lie(path: Path, tmp_path: Path) -> None:
    if not path.stat().st_size:
        pytest.skip("the empty file is refused, which another test holds")
    opened = open_as_text(path, tmp_path)
    assert (opened.path, opened.format, opened.findings, opened.delimiter) == (path, Format.TEXT, (), None)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        recognise(tmp_path / "absent.csv")


def test_wide_text_is_told_from_narrow() -> None:
    assert [wide_encoding("a,b\n1,2\n".encode(name)) for name in ("utf-8", "utf-8-sig", "utf-16-be", "utf-32")] == [
        None,
        None,
        "utf-16-be",
        "utf-32-le",
    ]
