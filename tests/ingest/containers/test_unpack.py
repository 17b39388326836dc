"""Compressed files: intact ones are unpacked exactly, broken ones with a finding, bombs are rejected."""

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors.files import (
    DamagedZip,
    DecompressionBomb,
    DiskFull,
    FileKind,
    LockedZip,
    NestedArchive,
    NotATable,
    NothingRecovered,
    UncommonZipMethod,
    UnpackedTooLarge,
    UnpackingNeedsMemory,
    ZipWithoutFile,
    ZipWithSeveralFiles,
)
from core.errors.model import DataError, Stopped
from core.findings.ingest.reading import TruncatedArchive
from core.findings.model import Severity
from core.ingest.containers.formats import Format
from core.ingest.containers.limits import Limits
from core.ingest.containers.open_any import PlainText, open_as_text
from tests.ingest.workbook_examples import rows, write_workbook

EDGE = Path(__file__).parents[2] / "data" / "edge"
# Numbers that compress poorly, so a part of the file contains a part of the lines.
LINES = ["Date,Close", *(f"2024-01-{n % 28 + 1:02},{(n * 7919) % 100_003 / 100}" for n in range(60_000))]
CSV = "\n".join([*LINES, ""]).encode()
PACK: dict[Format, Callable[[bytes], bytes]] = {
    Format.GZIP: gzip.compress,
    Format.BZIP2: bz2.compress,
    Format.XZ: lzma.compress,
    Format.ZSTD: lambda content: pa.compress(content, codec="zstd", asbytes=True),
}
PACKED = {kind: pack(CSV) for kind, pack in PACK.items()}


def opened(content: bytes, folder: Path, **given: object) -> PlainText:
    source = folder / "prices.csv"
    source.write_bytes(content)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return open_as_text(source, scratch, **given)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.silent("truncated-archive")
@pytest.mark.parametrize("kind", PACK)
def test_an_intact_file_is_unpacked_exactly_and_without_findings(kind: Format, tmp_path: Path) -> None:
    found = opened(PACKED[kind], tmp_path)
    assert found.path.read_bytes() == CSV
    assert (found.format, found.findings, found.delimiter, found.member) == (kind, (), None, None)


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("padding", [b"", bytes(512)])
def test_several_streams_in_one_file_are_one_text(kind: Format, padding: bytes, tmp_path: Path) -> None:
    if kind is Format.ZSTD and padding:
        # The padding of a zstd file is a frame of its own.
        padding = bytes.fromhex("502a4d18") + len(padding).to_bytes(4, "little") + padding
    halves = PACK[kind](CSV[:1000]) + padding + PACK[kind](CSV[1000:]) + padding
    assert opened(halves, tmp_path).path.read_bytes() == CSV


def test_a_zip_with_one_file_is_unpacked_and_the_hidden_files_of_macos_are_ignored(tmp_path: Path) -> None:
    junk = {"__MACOSX/._prices.csv": b"junk", ".DS_Store": b"junk", "folder/": b"", "folder/.hidden": b"junk"}
    found = opened(zipped({**junk, "folder/prices.csv": CSV}), tmp_path)
    assert found.path.read_bytes() == CSV
    assert (found.format, found.member, found.findings) == (Format.ZIP, "prices.csv", ())


def test_an_uncompressed_zip_is_unpacked(tmp_path: Path) -> None:
    assert opened(zipped({"a.csv": CSV}, zipfile.ZIP_STORED), tmp_path).path.read_bytes() == CSV


def test_a_zip_with_several_files_is_rejected_with_their_names(tmp_path: Path) -> None:
    with pytest.raises(ZipWithSeveralFiles) as caught:
        opened(zipped({"a.csv": CSV, "b\u202e.csv": CSV}), tmp_path)
    assert caught.value.names == ("a.csv", "b\u202e.csv")
    assert "\u202e" not in caught.value.message


def test_a_zip_with_only_folders_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ZipWithoutFile):
        opened(zipped({"folder/": b""}), tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\..\\evil.csv", "a/../../../evil.csv", "evil\x00.csv"]
    + ["x" * 300, "con", "‥/evil.csv", "~/evil.csv", "evil\r\n.csv", "\u202egpj.csv"],
)
def test_a_name_within_a_zip_is_never_used_as_a_path(name: str, tmp_path: Path) -> None:
    found = opened(zipped({name: CSV}), tmp_path)
    assert found.path.parent == tmp_path / "scratch"
    assert {path.name for path in tmp_path.rglob("*")} == {"prices.csv", "scratch", "unpacked"}
    assert "\n" not in found.member and "\u202e" not in found.member and len(found.member) <= 60


def test_an_encrypted_zip_is_rejected(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": CSV}))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(LockedZip):
        opened(bytes(content), tmp_path)


def test_a_zip_with_an_uncommon_compression_method_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UncommonZipMethod):
        opened(zipped({"a.csv": CSV}, zipfile.ZIP_BZIP2), tmp_path)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
def test_a_zip_that_is_cut_short_is_rejected(cut: float, tmp_path: Path) -> None:
    content = zipped({"a.csv": CSV})
    with pytest.raises(DamagedZip) as caught:
        opened(content[: int(len(content) * cut)], tmp_path)
    assert caught.value.part == "directory"


@pytest.mark.fires("truncated-archive")
def test_a_zip_with_a_changed_byte_is_reported_as_damaged(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": CSV}))
    content[len(content) // 2] ^= 0x55
    found = opened(bytes(content), tmp_path)
    (finding,) = found.findings
    assert isinstance(finding, TruncatedArchive)
    assert finding.severity == Severity.PROBLEM and finding.is_damaged


@pytest.mark.parametrize("twentieth", range(20))
def test_a_gzip_file_cut_short_keeps_its_complete_lines_and_is_reported(twentieth: int, tmp_path: Path) -> None:
    content = PACKED[Format.GZIP][: 40 + len(PACKED[Format.GZIP]) * twentieth // 20]
    if twentieth == 0:
        with pytest.raises(NothingRecovered):
            opened(content, tmp_path)
        return
    found = opened(content, tmp_path)
    kept = found.path.read_bytes()
    assert CSV.startswith(kept) and kept.endswith(b"\n")
    (finding,) = found.findings
    lines = kept.count(b"\n")
    assert isinstance(finding, TruncatedArchive)
    assert (finding.severity, finding.is_damaged) == (Severity.PROBLEM, False)
    assert (finding.lines, finding.rows) == (lines, (lines,))
    # At most one line of what the bytes contain is lost.
    contained = zlib.decompressobj(wbits=31).decompress(content)
    assert finding.size == len(contained) and len(contained) - len(kept) < 30


@pytest.mark.parametrize("kind", PACK)
def test_a_missing_last_byte_is_reported(kind: Format, tmp_path: Path) -> None:
    found = opened(PACKED[kind][:-1], tmp_path)
    assert [finding.code for finding in found.findings] == ["truncated-archive"]
    # A zstd file loses its last block, 128 kB at most.
    came = found.path.read_bytes()
    assert CSV.startswith(came) and len(came) > len(CSV) - (131_072 if kind is Format.ZSTD else 1)


# Checksums are optional in zstd, and the files made here have none.
@pytest.mark.parametrize("kind", [kind for kind in PACK if kind is not Format.ZSTD])
def test_a_damaged_file_is_never_taken_as_intact(kind: Format, tmp_path: Path) -> None:
    content = bytearray(PACKED[kind])
    for place in range(len(content) // 40, len(content), len(content) // 12):
        damaged = content.copy()
        damaged[place] ^= 0x10
        try:
            found = opened(bytes(damaged), tmp_path)
        except DataError:
            continue
        assert [finding.code for finding in found.findings] == ["truncated-archive"]


@pytest.mark.parametrize(
    ("packed", "is_damaged"),
    [("28b52ffd 0458 590000 6461 74652c780a 312c320a", False), ("28b52ffd 0058 070000 61", True)],
)
def test_a_broken_zstd_file_is_rejected(packed: str, is_damaged: bool, tmp_path: Path) -> None:
    with pytest.raises(NothingRecovered) as caught:
        opened(bytes.fromhex(packed), tmp_path)
    assert caught.value.is_damaged is is_damaged


def test_a_zstd_file_that_needs_too_much_memory_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UnpackingNeedsMemory):
        opened(bytes.fromhex("28b52ffd 00a8 030000 61"), tmp_path)


def test_extra_bytes_after_a_gzip_file_are_reported(tmp_path: Path) -> None:
    found = opened(PACKED[Format.GZIP] + b"something else", tmp_path)
    assert [finding.code for finding in found.findings] == ["truncated-archive"]
    assert found.path.read_bytes() == CSV


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_is_cut_at_a_whole_character(encoding: str, tmp_path: Path) -> None:
    # U+0A0A contains the byte of a line end twice, in either byte order.
    text = "".join(f"2024-01-01,\u0a0a{n * 7919 % 100_003}\n" for n in range(20_000))
    packed = gzip.compress(text.encode(encoding))
    kept = opened(packed[: len(packed) // 2], tmp_path).path.read_bytes().decode(encoding)
    assert len(kept) > 1000 and kept.endswith("\n") and text.startswith(kept)


def test_the_truncated_edge_file_is_read_in_part_with_a_problem_or_rejected(tmp_path: Path) -> None:
    try:
        found = open_as_text(EDGE / "e36_truncated.csv.gz", tmp_path)
    except NothingRecovered:
        return
    assert [finding.severity for finding in found.findings] == [Severity.PROBLEM]


@pytest.mark.parametrize("outer", PACK)
@pytest.mark.parametrize("inner", PACK)
def test_an_archive_within_an_archive_is_rejected(outer: Format, inner: Format, tmp_path: Path) -> None:
    with pytest.raises(NestedArchive) as caught:
        opened(PACK[outer](PACK[inner](CSV[:500])), tmp_path)
    assert (caught.value.outer, caught.value.inner) == (outer, inner)


def test_nested_zips_are_rejected_at_the_first_layer(tmp_path: Path) -> None:
    nest = zipped({"0.csv": bytes(1_000_000)})
    for layer in range(5):
        nest = zipped({f"{layer}{copy}.zip": nest for copy in range(16)})
    with pytest.raises(ZipWithSeveralFiles) as caught:
        opened(nest, tmp_path)
    assert len(caught.value.names) == 16
    with pytest.raises(NestedArchive):
        opened(zipped({"a.zip": zipped({"a.csv": CSV})}), tmp_path)


def test_a_file_that_unpacks_to_its_own_beginning_is_rejected(tmp_path: Path) -> None:
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
    stored = b"\x00" + len(head).to_bytes(2, "little") + (0xFFFF - len(head)).to_bytes(2, "little") + head
    with pytest.raises(NestedArchive):
        opened(head + stored * 10_000, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(90), b"<html></html>", bytes(200_000)])
def test_a_file_without_text_is_rejected_within_an_archive_too(content: bytes, tmp_path: Path) -> None:
    for pack in PACK.values():
        with pytest.raises(DataError):
            opened(pack(content), tmp_path)


def test_a_workbook_or_a_parquet_file_within_an_archive_is_read(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"A": rows(["x"], ["1.5"])}).read_bytes()
    made = io.BytesIO()
    pq.write_table(pa.table({"x": [1.5]}), made)
    for content, member in ((book, "A"), (made.getvalue(), "prices.csv")):
        found = opened(zipped({"prices.csv": content}), tmp_path)
        assert found.path.read_text() == "x\n1.5\n"
        assert (found.format, found.delimiter, found.member) == (Format.ZIP, ",", member)
        assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["table.csv"]


def test_a_stop_is_obeyed_between_two_blocks(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        opened(PACKED[Format.GZIP], tmp_path, should_stop=lambda: True)


def test_a_file_beyond_the_size_limit_is_rejected_while_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(UnpackedTooLarge):
        opened(PACKED[Format.GZIP], tmp_path, limits=Limits(unpacked=1_000_000))
    assert (tmp_path / "scratch" / "unpacked").stat().st_size <= 1_000_000


def test_a_lack_of_disk_space_is_reported_before_the_disk_is_full(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        opened(PACKED[Format.GZIP], tmp_path, limits=Limits(reserve=1 << 60))


def test_a_repetitive_table_is_no_bomb(tmp_path: Path) -> None:
    text = b"Date,Close\n" + b"2024-01-01,0\n" * 1_000_000
    assert len(lzma.compress(text)) * 500 < len(text)
    assert opened(lzma.compress(text), tmp_path).path.stat().st_size == len(text)


NEEDS_PEAK = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux")
# Opens a file in a process of its own; prints the code of the error, the seconds taken and the growth of memory in MiB.
_MEASURED = """
import re, sys, time
from pathlib import Path
from core.errors.model import DataError
from core.ingest.containers.open_any import open_as_text
peak = lambda: int(re.search(r"VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])
before, start = peak(), time.perf_counter()
try:
    open_as_text(Path(sys.argv[1]), Path(sys.argv[2]))
except DataError as error:
    print(error.code, getattr(error, "kind", ""))
print(time.perf_counter() - start, (peak() - before) / 1024, sep="\\n")
"""


def measured(source: Path, scratch: Path) -> tuple[str, float, float]:
    command = [sys.executable, "-c", _MEASURED, str(source), str(scratch)]
    done = subprocess.run(command, cwd=EDGE.parents[2], capture_output=True, text=True, check=True)
    error, seconds, growth = done.stdout.splitlines()
    return error.strip(), float(seconds), float(growth)


@NEEDS_PEAK
@pytest.mark.parametrize("kind", PACK)
def test_ten_gigabytes_of_text_are_rejected_within_seconds_and_with_flat_memory(kind: Format, tmp_path: Path) -> None:
    source = tmp_path / "bomb.csv"
    block = PACK[kind](b"0" * (1 << 23) + b"\n")
    source.write_bytes(PACK[kind](CSV[:100_000]) + block * 1200)
    error, seconds, growth = measured(source, tmp_path)
    assert error == DecompressionBomb.code
    assert seconds <= 5 and growth <= 64
    assert (tmp_path / "unpacked").stat().st_size < 110_000_000


@NEEDS_PEAK
def test_ten_gigabytes_of_zeros_in_one_stream_are_rejected_by_their_first_block(tmp_path: Path) -> None:
    source = tmp_path / "zeros.csv"
    stream = zlib.compressobj(9, wbits=31)
    # After a full flush a block does not depend on those before it, so one can be repeated 160 times.
    first = stream.compress(bytes(1 << 26)) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(bytes(1 << 26)) + stream.flush(zlib.Z_FULL_FLUSH)
    source.write_bytes(first + again * 159)
    assert 9_000_000 < source.stat().st_size < 12_000_000
    error, seconds, growth = measured(source, tmp_path)
    assert error == f"{NotATable.code} {FileKind.BINARY}"
    assert seconds <= 5 and growth <= 64


@NEEDS_PEAK
def test_a_zip_directory_of_a_million_names_is_rejected_with_flat_memory(tmp_path: Path) -> None:
    entry = bytearray(zipped({"a": b""}))
    begin = entry.index(b"PK\x01\x02")
    end = entry.index(b"PK\x05\x06")
    directory = bytes(entry[begin:end]) * 1_000_000
    tail = bytearray(entry[end:])
    tail[8:12] = b"\xff\xff\xff\xff"
    tail[12:16] = len(directory).to_bytes(4, "little")
    (tmp_path / "many.zip").write_bytes(bytes(entry[:begin]) + directory + bytes(tail))
    error, seconds, growth = measured(tmp_path / "many.zip", tmp_path)
    assert error == DamagedZip.code
    assert seconds <= 5 and growth <= 64


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from([*PACK, Format.ZIP]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=5),
    cut=st.floats(0, 1),
)
def test_changed_bytes_are_rejected_or_reported_or_have_no_effect(
    kind: Format, changes: list[tuple[float, int]], cut: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = CSV[:20_000]
    content = bytearray(zipped({"a.csv": text}) if kind is Format.ZIP else PACK[kind](text))
    for place, byte in changes:
        content[int(place * len(content))] = byte
    changed = bytes(content[: max(20, int(cut * len(content)))])
    try:
        found = opened(changed, tmp_path_factory.mktemp("fuzz"))
    except DataError as error:
        assert error.message.endswith(".") and error.hint
        return
    # Arrow writes zstd frames without a checksum: nothing in them tells a changed byte from another text.
    unchecked = kind is Format.ZSTD
    assert found.findings or found.format is Format.TEXT or unchecked or found.path.read_bytes() == text
