r"""The bytes of a file as lines of UTF-8 text, block by block: the encoding is found, and nothing is dropped on the way."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.errors.model import DataError, RecipeError
from core.findings.model import Finding
from core.ingest.layout.cutoff import say_cutoff
from core.ingest.layout.encodings import BOMS, OPENING, guess_wide
from core.ingest.layout.text_faults import TextFaults, say_faults

BLOCK = 8 << 20
LONGEST_LINE = 256 << 20
_SHOWN = 10
_ENDING = 8192
_REPLACEMENT = "\ufffd".encode()


class Refuted(Exception):
    """Bytes are no letters of the encoding that the opening of their file told."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TextBlock:
    r"""Whole lines of the file as UTF-8 with `\n` line ends; `first_line` is the number of the first of them, from 1."""

    data: bytes
    first_line: int
    is_last: bool


@dataclass(kw_only=True)
class TextSource:
    """A file whose encoding is known; `blocks` reads it, and `findings` tells afterwards what was assumed or replaced.

    `byte_order_mark` bytes in front are passed over. `is_assumed` where no mark, no pattern and no setting names the encoding,
    `is_presumed` where the opening alone is known to be in it: a reading raises `Refuted` at what is not. Lines below the
    `last_line` are no part of it.
    """

    path: Path
    size: int
    encoding: str
    byte_order_mark: int = 0
    is_assumed: bool = False
    is_presumed: bool = False
    last_line: int | None = None
    _faults: TextFaults = field(default_factory=TextFaults)
    _ending: bytes = b""
    _lines_read: int = 0

    def blocks(self, size: int | None = None) -> Iterator[TextBlock]:
        """Yield the file in blocks of about `size` bytes (None: 8 MB), each of whole lines; raises `DataError` on a read error."""
        self._faults, self._ending = TextFaults(), b""
        waiting: list[bytes] = []
        line = 1
        for text, is_last in self._decoded(size or BLOCK):
            cut = len(text) if is_last else text.rfind(b"\n") + 1
            if not cut and not is_last:
                waiting.append(text)
                if sum(map(len, waiting)) > LONGEST_LINE:
                    raise DataError(
                        f"Line {line:,} is longer than {LONGEST_LINE >> 20} MB.", "Is this a table with line ends?"
                    )
                continue
            data = b"".join([*waiting, memoryview(text)[:cut]])
            waiting = [text[cut:]]
            ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
            if self.last_line is not None and line + len(ends) > self.last_line:
                data, is_last = data[: ends[self.last_line - line] + 1], True
            if is_last:
                size = len(data)
                data = data.rstrip(b"\0")
                self._faults.nul_at_end = size - len(data)
            data = self._mark_odd(data, line)
            self._ending = data[-_ENDING:] if len(data) >= _ENDING else (self._ending + data)[-_ENDING:]
            self._lines_read = line + (data.count(b"\n") if is_last else 0)
            yield TextBlock(data=data, first_line=line, is_last=is_last)
            if is_last:
                return
            line += len(ends)

    def block_of(self, line: int) -> TextBlock:
        """Return the block in which a line stands, or the last one; where it is not the first, together with the one below."""
        found = None
        for block in self.blocks():
            if found is not None:
                return TextBlock(data=found.data + block.data, first_line=found.first_line, is_last=block.is_last)
            if block.is_last or line < block.first_line + block.data.count(b"\n"):
                if block.is_last or block.first_line == 1:
                    return block
                found = block
        raise AssertionError("the last block is said to be the last")

    def opening(self, below: int) -> tuple[tuple[tuple[int, str], ...], int]:
        """Return the first lines of the file that are not blank, with their numbers, and how many there are above line `below`."""
        first: list[tuple[int, str]] = []
        count = 0
        for block in self.blocks():
            for number, line in enumerate(block.data.split(b"\n"), block.first_line):
                if number >= below:
                    return tuple(first), count
                if line.strip():
                    count += 1
                    if len(first) < _SHOWN:
                        first.append((number, line[:200].decode(errors="ignore")))
        return tuple(first), count

    def lines(self, numbers: Sequence[int]) -> list[str]:
        """Return the text of the lines of these numbers, which stand in order."""
        found: list[str] = []
        for block in self.blocks():
            ends = line_ends(block.data)
            starts = np.concatenate(([0], ends[:-1] + 1))
            while len(found) < len(numbers) and numbers[len(found)] - block.first_line < len(ends):
                place = numbers[len(found)] - block.first_line
                found.append(block.data[starts[place] : ends[place]].decode())
            if len(found) == len(numbers):
                break
        return found

    def findings(self, delimiter: str) -> tuple[Finding, ...]:
        """Return what the last reading has assumed or replaced, and whether the text breaks off."""
        cut = (
            []
            if self.last_line is not None
            else say_cutoff(self._ending.decode(errors="ignore"), self._lines_read, delimiter)
        )
        return (*say_faults(self._faults, self.encoding, self.is_assumed), *cut)

    def _decoded(self, size: int) -> Iterator[tuple[bytes, bool]]:
        """Yield pieces of the file as UTF-8 with their line ends made one, and whether they are the last."""
        codec = codecs.lookup(self.encoding)
        as_it_is = codec.name == "utf-8"
        strict, lenient = codec.incrementaldecoder("strict"), codec.incrementaldecoder("replace")
        held = b""
        with open_file(self.path) as file:
            file.seek(self.byte_order_mark)
            raw = file.read(size)
            while True:
                following = file.read(size)
                is_last = not following
                if as_it_is and raw.isascii() and not strict.getstate()[0]:
                    text = raw
                else:
                    state = strict.getstate()
                    try:
                        text = strict.decode(raw, is_last).encode()
                    except UnicodeDecodeError as error:
                        if self.is_presumed:
                            raise Refuted from error
                        lenient.setstate(state)
                        text = self._replaced(lenient, raw, is_last)
                        strict.setstate(lenient.getstate())
                    except UnicodeError as error:
                        raise self._misnamed() from error
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

    def _replaced(self, lenient: codecs.IncrementalDecoder, raw: bytes, is_last: bool) -> bytes:
        self._faults.were_replaced = True
        try:
            return lenient.decode(raw, is_last).encode(errors="replace")
        except UnicodeError as error:
            raise self._misnamed() from error

    def _misnamed(self) -> DataError:
        return DataError(f"The file cannot be text in {self.encoding}.", "Name another encoding, or none.")

    def _mark_odd(self, data: bytes, first_line: int) -> bytes:
        """Return the text without byte-order marks and with a visible sign for each NUL.

        Dropped, a NUL would glue the digits around it to another number.
        """
        if not data.isascii():
            if self.is_assumed:
                self._faults.odd.add(_lines_holding(data, np.frombuffer(data, dtype=np.uint8) >= 0x80) + first_line)
            if _REPLACEMENT in data:
                marked = [place for place, text in enumerate(data.split(b"\n")) if _REPLACEMENT in text]
                self._faults.undecodable.add(np.array(marked) + first_line)
            # Files glued to one have such marks in the middle. They mean nothing, and would make a date unreadable.
            if codecs.BOM_UTF8 in data:
                data = re.sub(rb"(?m)^(?:\xef\xbb\xbf)+", b"", data)
        if b"\0" in data:
            self._faults.nul.add(_lines_holding(data, np.frombuffer(data, dtype=np.uint8) == 0) + first_line)
            data = data.replace(b"\0", _REPLACEMENT)
        return data


def open_file(path: Path) -> BinaryIO:
    """Return the file, open for reading; raises `DataError` if that cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        raise DataError(f"The file {path.name} cannot be read: {error.strerror}.", "Check the path.") from error


def find_text(path: Path, encoding: str | None = None, by_opening: bool = False) -> TextSource:
    """Return the file as text of the encoding asked for, or of the one that its bytes tell.

    Without `encoding`: a byte-order mark decides, then the pattern of NUL bytes (UTF-16, UTF-32), then whether the bytes are
    UTF-8; what is none of these is read as Windows-1252, which is said. What opens as UTF-8 is presumed to be it all the
    way where it is found `by_opening`. Raises `RecipeError` on an unknown encoding.
    """
    with open_file(path) as file:
        head = file.read(OPENING)
        size = file.seek(0, 2)
        marked = next(((len(bom), name) for bom, name in BOMS if head.startswith(bom)), (0, ""))
        if encoding is not None:
            calm = _known(encoding).lower().replace("_", "-").removesuffix("-sig")
            mark, named = marked if marked[1].startswith(calm) else (0, encoding.lower())
            return TextSource(path=path, size=size, encoding=named, byte_order_mark=mark)
        if marked[0]:
            return TextSource(path=path, size=size, encoding=marked[1], byte_order_mark=marked[0])
        if (wide := guess_wide(head)) is not None:
            return TextSource(path=path, size=size, encoding=wide, is_assumed=True)
        if by_opening and _is_utf8(head):
            return TextSource(path=path, size=size, encoding="utf-8", is_presumed=True)
        file.seek(0)
        if _is_mostly_utf8(file):
            return TextSource(path=path, size=size, encoding="utf-8")
    return TextSource(path=path, size=size, encoding="cp1252", is_assumed=True)


def line_ends(data: bytes) -> np.ndarray:
    """Return where the lines of a block end; a last line without a line end ends with the block."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    return ends if len(ends) and ends[-1] == len(data) - 1 else np.append(ends, len(data))


def require_text(data: bytes) -> None:
    """Raise `DataError` where the first block of a file, or all of it, is blank."""
    if re.search(rb"\S", data) is None:
        raise DataError(
            "The file holds no text: it is empty or all blank.", "Choose a CSV file with a header and rows."
        )


def _lines_holding(data: bytes, mask: np.ndarray) -> np.ndarray:
    """Return the places (from 0, each once) of the lines in which a byte of the mask is set."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    return np.unique(np.searchsorted(ends, np.flatnonzero(mask), side="left"))


def _known(encoding: str) -> str:
    try:
        codecs.lookup(encoding).incrementaldecoder("strict")
    except (LookupError, TypeError) as error:
        raise RecipeError(
            f"ingest.encoding is {encoding!r}, which is unknown.", "Leave it empty, or use utf-8."
        ) from error
    return encoding


def _is_utf8(opening: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(opening)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(file: BinaryIO) -> bool:
    """Return whether the rest of the file is UTF-8, or has more characters that are than bytes that are not."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = broken = 0
    while raw := file.read(BLOCK):
        if raw.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(raw)
        signs = text.count("\ufffd")
        broken += max(0, signs - raw.count(_REPLACEMENT))
        whole += int(np.count_nonzero(np.frombuffer(text.encode(), dtype=np.uint8) >= 0xC0)) - signs
    broken += decoder.decode(b"", final=True).count("\ufffd")
    return whole > broken or not broken
