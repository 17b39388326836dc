r"""The bytes of a file as lines of UTF-8 text, block by block.

The encoding is detected, and no byte is dropped silently.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.errors.files import EmptyFile, FileUnreadable, LineTooLong, UnknownEncoding, WrongEncoding
from core.findings.model import MOST_ROWS, Finding
from core.ingest.layout.cutoff import check_cutoff
from core.ingest.layout.decoding_issues import DecodingIssues, check_decoding
from core.ingest.layout.encodings import BOMS, HEAD_BYTES, guess_wide

BLOCK = 8 << 20
LONGEST_LINE = 256 << 20
_ENDING = 8192
_REPLACEMENT = "\ufffd".encode()
# Python's codecs for domain names and source code.
_NOT_OF_FILES = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})


class EncodingMismatch(Exception):
    """Bytes are invalid in the encoding that was detected from the first bytes of their file."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TextBlock:
    r"""Complete lines of a file as UTF-8 with `\n` line ends.

    `first_line` is the number of the first one, from 1.
    """

    data: bytes
    first_line: int
    is_last: bool


@dataclass(kw_only=True)
class TextSource:
    """A file in a known encoding.

    `blocks` reads it, and `check_text` reports what the last reading assumed or replaced.

    `size` is the number of bytes of the file, of which the first `byte_order_mark` are skipped. `is_assumed` is whether no
    mark, no setting and no pattern of bytes determines the encoding. `is_provisional` is whether only the first bytes were
    checked: reading raises `EncodingMismatch` at the first byte that does not fit. Lines after `last_line` are left out.
    """

    path: Path
    size: int
    encoding: str
    byte_order_mark: int = 0
    is_assumed: bool = False
    is_provisional: bool = False
    last_line: int | None = None
    _issues: DecodingIssues = field(default_factory=DecodingIssues)
    _ending: bytes = b""
    _lines_read: int = 0

    def blocks(self, size: int | None = None) -> Iterator[TextBlock]:
        """Yield the file in blocks of complete lines, of about `size` bytes (None: 8 MB).

        Raises `DataError` if the file cannot be read, is not in its encoding, or has a line of more than 256 MB.
        """
        self._issues, self._ending = DecodingIssues(), b""
        incomplete: list[bytes] = []
        line = 1
        for text, is_last in self._decoded(size or BLOCK):
            cut = len(text) if is_last else text.rfind(b"\n") + 1
            if not cut and not is_last:
                incomplete.append(text)
                if sum(map(len, incomplete)) > LONGEST_LINE:
                    raise LineTooLong(line=line, limit=LONGEST_LINE)
                continue
            data = b"".join([*incomplete, memoryview(text)[:cut]])
            incomplete = [text[cut:]]
            ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
            if self.last_line is not None and line + len(ends) > self.last_line:
                data, is_last = data[: ends[self.last_line - line] + 1], True
            if is_last:
                length = len(data)
                data = data.rstrip(b"\0")
                self._issues.nul_at_end = length - len(data)
            data = self._replace_odd(data, line)
            self._ending = data[-_ENDING:] if len(data) >= _ENDING else (self._ending + data)[-_ENDING:]
            self._lines_read = line + (data.count(b"\n") if is_last else 0)
            yield TextBlock(data=data, first_line=line, is_last=is_last)
            if is_last:
                return
            line += len(ends)

    def block_of(self, line: int) -> TextBlock:
        """Return the block that contains a line, or the last block.

        Any block but the first is joined with the one after it.
        """
        found = None
        for block in self.blocks():
            if found is not None:
                return TextBlock(data=found.data + block.data, first_line=found.first_line, is_last=block.is_last)
            if block.is_last or line < block.first_line + block.data.count(b"\n"):
                if block.is_last or block.first_line == 1:
                    return block
                found = block
        raise AssertionError("the last block is marked as the last")

    def first_lines(self, above: int) -> tuple[tuple[tuple[int, str], ...], int]:
        """Return the first ten lines above a line, and how many there are; blank ones are skipped."""
        first: list[tuple[int, str]] = []
        count = 0
        for block in self.blocks():
            for number, line in enumerate(block.data.split(b"\n"), block.first_line):
                if number >= above:
                    return tuple(first), count
                if line.strip():
                    count += 1
                    if len(first) < MOST_ROWS:
                        first.append((number, line[:200].decode(errors="ignore")))
        return tuple(first), count

    def lines(self, numbers: Sequence[int]) -> list[str]:
        """Return the text of the lines with these numbers, which must be ascending."""
        found: list[str] = []
        for block in self.blocks():
            ends = line_ends(block.data)
            starts = np.concatenate(([0], ends[:-1] + 1))
            while len(found) < len(numbers) and numbers[len(found)] - block.first_line < len(ends):
                position = numbers[len(found)] - block.first_line
                found.append(block.data[starts[position] : ends[position]].decode())
            if len(found) == len(numbers):
                break
        return found

    def check_text(self, delimiter: str) -> tuple[Finding, ...]:
        """Return findings on assumed and replaced bytes, and on an incomplete last line."""
        found = list(check_decoding(self._issues, self.encoding, self.is_assumed))
        if self.last_line is None:
            found += check_cutoff(self._ending.decode(errors="ignore"), self._lines_read, delimiter)
        return tuple(found)

    def _decoded(self, size: int) -> Iterator[tuple[bytes, bool]]:
        r"""Yield pieces of the file as UTF-8 with `\n` line ends, and whether they are the last."""
        codec = codecs.lookup(self.encoding)
        is_utf8 = codec.name == "utf-8"
        strict, lenient = codec.incrementaldecoder("strict"), codec.incrementaldecoder("replace")
        held = b""
        with open_file(self.path) as file:
            file.seek(self.byte_order_mark)
            raw = file.read(size)
            while True:
                following = file.read(size)
                is_last = not following
                if is_utf8 and raw.isascii() and not strict.getstate()[0]:
                    text = raw
                else:
                    state = strict.getstate()
                    try:
                        text = strict.decode(raw, is_last).encode()
                    except UnicodeDecodeError as error:
                        if self.is_provisional:
                            raise EncodingMismatch from error
                        lenient.setstate(state)
                        text = self._decode_leniently(lenient, raw, is_last)
                        strict.setstate(lenient.getstate())
                    except UnicodeError as error:
                        raise WrongEncoding(encoding=self.encoding) from error
                if held:
                    text, held = held + text, b""
                if b"\r" in text:
                    if text.endswith(b"\r") and not is_last:
                        text, held = text[:-1], b"\r"
                    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                yield text, is_last
                if is_last:
                    return
                raw = following

    def _decode_leniently(self, lenient: codecs.IncrementalDecoder, raw: bytes, is_last: bool) -> bytes:
        self._issues.were_replaced = True
        try:
            return lenient.decode(raw, is_last).encode(errors="replace")
        except UnicodeError as error:
            raise WrongEncoding(encoding=self.encoding) from error

    def _replace_odd(self, data: bytes, first_line: int) -> bytes:
        """Return the text without byte-order marks, and with each NUL replaced by U+FFFD.

        Dropping a NUL would join the digits around it into another number.
        """
        if not data.isascii():
            if self.is_assumed:
                self._issues.assumed.add(_lines_with(data, np.frombuffer(data, dtype=np.uint8) >= 0x80) + first_line)
            if _REPLACEMENT in data:
                marked = [position for position, text in enumerate(data.split(b"\n")) if _REPLACEMENT in text]
                self._issues.undecodable.add(np.array(marked) + first_line)
            # Concatenated files have marks in the middle, which would make a date unreadable.
            if codecs.BOM_UTF8 in data:
                data = re.sub(rb"(?m)^(?:\xef\xbb\xbf)+", b"", data)
        if b"\0" in data:
            self._issues.nul.add(_lines_with(data, np.frombuffer(data, dtype=np.uint8) == 0) + first_line)
            data = data.replace(b"\0", _REPLACEMENT)
        return data


def open_file(path: Path) -> BinaryIO:
    """Return the file, open for reading; raises `DataError` if it cannot be opened."""
    try:
        return path.open("rb")
    except OSError as error:
        raise FileUnreadable(name=path.name, reason=error.strerror) from error


def detect_encoding(path: Path, encoding: str | None = None, by_head: bool = False) -> TextSource:
    """Return a file with its encoding: the one given, or the one detected from its bytes.

    A byte-order mark decides first, then the pattern of NUL bytes (UTF-16, UTF-32), then whether the bytes are valid UTF-8.
    Any other text is read as Windows-1252, and a finding reports it.

    Parameters
    ----------
    path
        The file.
    encoding
        Its encoding. Raises `RecipeError` if it is unknown, `DataError` if the file cannot be opened.
    by_head
        Whether a file whose first bytes are valid UTF-8 is taken as UTF-8 provisionally, without reading the rest.
    """
    with open_file(path) as file:
        head = file.read(HEAD_BYTES)
        size = file.seek(0, 2)
        mark, marked = next(((len(bom), name) for bom, name in BOMS if head.startswith(bom)), (0, ""))
        if encoding is not None:
            name = _require_known(encoding).lower().replace("_", "-").removesuffix("-sig")
            mark, chosen = (mark, marked) if marked.startswith(name) else (0, encoding.lower())
            return TextSource(path=path, size=size, encoding=chosen, byte_order_mark=mark)
        if mark:
            return TextSource(path=path, size=size, encoding=marked, byte_order_mark=mark)
        if (wide := guess_wide(head)) is not None:
            return TextSource(path=path, size=size, encoding=wide, is_assumed=True)
        if by_head and _is_utf8(head):
            return TextSource(path=path, size=size, encoding="utf-8", is_provisional=True)
        file.seek(0)
        if _is_mostly_utf8(file):
            return TextSource(path=path, size=size, encoding="utf-8")
    return TextSource(path=path, size=size, encoding="cp1252", is_assumed=True)


def line_ends(data: bytes) -> np.ndarray:
    """Return the offsets at which the lines of a block end, shape (lines,), int64.

    The last line may lack a line end.
    """
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    return ends if len(ends) and ends[-1] == len(data) - 1 else np.append(ends, len(data))


def require_text(data: bytes) -> None:
    """Raise `DataError` if the first block of a file is blank."""
    if re.search(rb"\S", data) is None:
        raise EmptyFile(is_blank=True)


def _lines_with(data: bytes, mask: np.ndarray) -> np.ndarray:
    """Return the indices, from 0, of the lines with a byte at which the mask is True."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    return np.unique(np.searchsorted(ends, np.flatnonzero(mask), side="left"))


def _require_known(encoding: str) -> str:
    """Return an encoding of text files; `str.encode` refuses codecs such as rot13 and base64."""
    try:
        codecs.lookup(encoding).incrementaldecoder("strict")
        "1".encode(encoding)
        if codecs.lookup(encoding).name in _NOT_OF_FILES:
            raise LookupError(encoding)
    except (LookupError, TypeError, ValueError) as error:
        raise UnknownEncoding(encoding=encoding) from error
    return encoding


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(file: BinaryIO) -> bool:
    """Return whether the rest of the file is UTF-8, or mostly.

    It is if it has fewer invalid bytes than valid characters that are not ASCII.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    valid = invalid = 0
    while raw := file.read(BLOCK):
        if raw.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(raw)
        replaced = text.count("\ufffd")
        invalid += max(0, replaced - raw.count(_REPLACEMENT))
        valid += int(np.count_nonzero(np.frombuffer(text.encode(), dtype=np.uint8) >= 0xC0)) - replaced
    invalid += decoder.decode(b"", final=True).count("\ufffd")
    return valid > invalid or not invalid
