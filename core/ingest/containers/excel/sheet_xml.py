"""The XML of an Excel sheet to rows of text, read as a stream: memory holds one row, however large the sheet."""

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO
from xml.parsers import expat

from core.errors.model import DataError
from core.ingest.containers.excel.dates import Shown, date_text
from core.progress import ShouldStop, require_going

_BLOCK = 1 << 18
_MOST_TEXT = 1 << 20
MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DIGITS = "0123456789"

# A row: its number from 1, its cells by column from 0, and the columns of formulas whose value the file does not hold.
Row = tuple[int, dict[int, str], list[int]]
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class Texts:
    """The texts that a workbook's cells share, in one piece of memory: a list of a million of them would be ten times larger."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")

    def add(self, text: str) -> None:
        """Append a text."""
        self._bytes += text.encode(errors="replace")
        self._ends.append(len(self._bytes))

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends):
            raise damaged()
        return self._bytes[self._ends[place - 1] if place else 0 : self._ends[place]].decode()


def damaged() -> DataError:
    """Return the error for a workbook that contradicts itself."""
    return DataError("This Excel workbook is damaged.", "Open it in Excel and save it anew, or save the sheet as CSV.")


def read_xml(file: BinaryIO, start: Start, end: End, should_stop: ShouldStop) -> None:
    """Read a part of a workbook for its elements and what they are given."""
    for _ in parse_xml(file, start, end, should_stop):
        pass


def parse_xml(
    file: BinaryIO, start: Start, end: End, should_stop: ShouldStop, pieces: list[str] | None = None
) -> Iterator[None]:
    """Read a part of a workbook a block at a time, and come back after each; text is appended to `pieces`, if given.

    Raises `DataError` on XML that is damaged, on a text far longer than a cell can be, and on declared entities, which could
    be made to grow without end.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if pieces is not None:
        parser.CharacterDataHandler = pieces.append

    def begin(root: str, attributes: dict[str, str]) -> None:
        """Hear the root: where it has a prefix (`x:worksheet`), all elements that matter have the same."""
        prefix = root[: root.find(":") + 1]
        parser.StartElementHandler = (
            start if not prefix else lambda name, given: start(name.removeprefix(prefix), given)
        )
        parser.EndElementHandler = end if not prefix else lambda name: end(name.removeprefix(prefix))
        start(root.removeprefix(prefix), attributes)

    parser.StartElementHandler = begin
    try:
        while block := file.read(_BLOCK):
            require_going(should_stop)
            parser.Parse(block)
            if pieces and sum(map(len, pieces)) > _MOST_TEXT:
                raise DataError("A cell of this Excel workbook holds more than a million letters.", "Empty this cell.")
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise damaged() from error


def _refuse_doctype(*_: object) -> None:
    raise damaged()


def read_texts(file: BinaryIO, should_stop: ShouldStop) -> Texts:
    """Return the shared texts: runs of formatting are joined, the hints how to pronounce them are left out."""
    texts = Texts()
    pieces: list[str] = []
    found = ""
    pronounced = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal found, pronounced
        if name == "t":
            pieces.clear()
        elif name == "si":
            found = ""
        elif name == "rPh":
            pronounced = True

    def end(name: str) -> None:
        nonlocal found, pronounced
        if name == "t" and not pronounced:
            found += "".join(pieces)
        elif name == "si":
            texts.add(unescape(found))
            pieces.clear()
        elif name == "rPh":
            pronounced = False

    for _ in parse_xml(file, start, end, should_stop, pieces):
        pass
    return texts


def unescape(text: str) -> str:
    """Return the text with the letters that XML cannot hold, which Excel writes as `_x000D_`.

    Examples
    --------
    >>> unescape("a_x0041__x005F_x0041_")
    'aA_x0041_'
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def read_rows(
    file: BinaryIO, texts: Texts, styles: Mapping[str, Shown], since_1904: bool, should_stop: ShouldStop
) -> Iterator[Row]:
    """Give the rows that hold a value, from top to bottom; `styles` tells which cell styles show a date."""
    reader = _SheetReader(texts, styles, since_1904)
    for _ in parse_xml(file, reader.start, reader.end, should_stop, reader.pieces):
        yield from reader.rows
        reader.rows.clear()


class _SheetReader:
    """Hears the elements of a sheet and makes rows of them."""

    def __init__(self, texts: Texts, styles: Mapping[str, Shown], since_1904: bool) -> None:
        self._texts, self._styles, self._since_1904 = texts, styles, since_1904
        self._columns: dict[str, int] = {}
        self._row, self._column = 0, -1
        self._cells: dict[int, str] = {}
        self._hollow: list[int] = []
        self._attributes: dict[str, str] = {}
        self._found = ""
        self._formula = self._pronounced = False
        self.rows: list[Row] = []
        self.pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._attributes = attributes
            self._found = ""
            self._formula = False
            place = attributes.get("r")
            self._column = self._column + 1 if place is None else self._column_of(place.rstrip(_DIGITS))
        elif name in ("v", "t"):
            self.pieces.clear()
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._pronounced = True
        elif name == "row":
            self._begin_row(attributes.get("r"))

    def end(self, name: str) -> None:
        if name == "v":
            self._found = "".join(self.pieces)
        elif name == "c":
            if self._found:
                self._cells[self._column] = self._value(self._found)
            elif self._formula and self._attributes.get("t") != "str":
                self._hollow.append(self._column)
        elif name == "t" and not self._pronounced:
            self._found += "".join(self.pieces)
        elif name == "rPh":
            self._pronounced = False
        elif name == "row":
            self.pieces.clear()
            if self._cells or self._hollow:
                self.rows.append((self._row, self._cells, self._hollow))
                self._cells, self._hollow = {}, []

    def _begin_row(self, number: str | None) -> None:
        before = self._row
        try:
            self._row = before + 1 if number is None else int(number)
        except ValueError as error:
            raise damaged() from error
        if not before < self._row <= MOST_ROWS:
            raise damaged()
        self._column = -1

    def _column_of(self, letters: str) -> int:
        found = self._columns.get(letters)
        if found is None:
            found = column_place(letters.upper())
            if not (letters.isascii() and letters.isalpha() and found < _MOST_COLUMNS):
                raise damaged()
            self._columns[letters] = found
        return found

    def _value(self, text: str) -> str:
        kind = self._attributes.get("t")
        if kind is None or kind == "n":
            shown = self._styles.get(self._attributes.get("s", "0"))
            return number_text(text) if shown is None else date_text(text, shown, self._since_1904)
        if kind == "s":
            if not text.isdecimal():
                raise damaged()
            return self._texts[int(text)]
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return unescape(text)


def column_place(letters: str) -> int:
    """Return the place, from 0, of the column that Excel calls by these capital letters.

    Examples
    --------
    >>> column_place("A"), column_place("AB")
    (0, 27)
    """
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def number_text(text: str) -> str:
    """Return the shortest text of the same number: Excel stores 1.1 with seventeen digits.

    Examples
    --------
    >>> number_text("1.1000000000000001"), number_text("-7.0"), number_text("100")
    ('1.1', '-7', '100')
    """
    if text.isdigit():
        return text
    try:
        return repr(float(text)).removesuffix(".0")
    except ValueError:
        return text.strip()
