"""The XML of an Excel sheet as rows of text, read as a stream: memory holds one block, however large the sheet."""

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import IO
from xml.parsers import expat

from core.errors.files import CellTooLong, DamagedWorkbook
from core.ingest.containers.excel.dates import DateStyle, date_text
from core.progress import ShouldStop, require_going

_BLOCK = 1 << 18
_MAX_TEXT = 1 << 20
MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DIGITS = "0123456789"

# A row: its number from 1, its cells by column from 0, and the columns of formulas without a stored value.
Row = tuple[int, dict[int, str], list[int]]
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class SharedStrings:
    """The shared strings of a workbook in one piece of memory; a list of a million of them would be ten times larger."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")

    def add(self, text: str) -> None:
        """Append a string."""
        self._bytes += text.encode(errors="replace")
        self._ends.append(len(self._bytes))

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends):
            raise DamagedWorkbook
        return self._bytes[self._ends[place - 1] if place else 0 : self._ends[place]].decode()


def read_xml(file: IO[bytes], start: Start, end: End, should_stop: ShouldStop) -> None:
    """Parse a part of a workbook; `start` and `end` are called with its elements. Raises as `parse_xml` does."""
    for _ in parse_xml(file, start, end, should_stop):
        pass


def parse_xml(
    file: IO[bytes], start: Start, end: End, should_stop: ShouldStop, pieces: list[str] | None = None
) -> Iterator[None]:
    """Parse a part of a workbook block by block, and yield after each.

    Raises `DataError` on invalid XML, on a text far longer than a cell can be, and on declared entities, which could expand without
    limit; raises `Stopped` on request.

    Parameters
    ----------
    file
        The XML.
    start, end
        Called with each element as it begins (with its attributes) and ends; without the prefix of its namespace.
    should_stop
        Whether to stop.
    pieces
        A list to which text is appended, or None to ignore it. The callbacks clear it.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _reject_doctype
    if pieces is not None:
        parser.CharacterDataHandler = pieces.append

    def begin(root: str, attributes: dict[str, str]) -> None:
        """Start at the root: if it has a prefix (`x:worksheet`), all elements that matter have the same one."""
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
            if pieces and sum(map(len, pieces)) > _MAX_TEXT:
                raise CellTooLong(limit=_MAX_TEXT)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise DamagedWorkbook from error


def _reject_doctype(*_: object) -> None:
    raise DamagedWorkbook


def read_shared_strings(file: IO[bytes], should_stop: ShouldStop) -> SharedStrings:
    """Return the shared strings: formatted runs are joined, phonetic hints left out."""
    strings = SharedStrings()
    pieces: list[str] = []
    found = ""
    is_phonetic = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal found, is_phonetic
        if name == "t":
            pieces.clear()
        elif name == "si":
            found = ""
        elif name == "rPh":
            is_phonetic = True

    def end(name: str) -> None:
        nonlocal found, is_phonetic
        if name == "t" and not is_phonetic:
            found += "".join(pieces)
        elif name == "si":
            strings.add(unescape(found))
            pieces.clear()
        elif name == "rPh":
            is_phonetic = False

    for _ in parse_xml(file, start, end, should_stop, pieces):
        pass
    return strings


def unescape(text: str) -> str:
    """Return the text with the characters that XML cannot contain, which Excel writes as `_x000D_`.

    Examples
    --------
    >>> unescape("a_x0041__x005F_x0041_")
    'aA_x0041_'
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def read_rows(
    file: IO[bytes], strings: SharedStrings, styles: Mapping[str, DateStyle], since_1904: bool, should_stop: ShouldStop
) -> Iterator[Row]:
    """Yield the rows that have a value or a formula, top to bottom.

    Parameters
    ----------
    file
        The XML of the sheet.
    strings
        The shared strings of the workbook.
    styles
        The cell styles that display a date or a time of day, by the number that cells refer to.
    since_1904
        Whether the workbook counts days from 1904.
    should_stop
        Whether to stop.
    """
    reader = _SheetReader(strings, styles, since_1904)
    for _ in parse_xml(file, reader.start, reader.end, should_stop, reader.pieces):
        yield from reader.rows
        reader.rows.clear()


class _SheetReader:
    """Collects the elements of a sheet into rows."""

    def __init__(self, strings: SharedStrings, styles: Mapping[str, DateStyle], since_1904: bool) -> None:
        self._strings, self._styles, self._since_1904 = strings, styles, since_1904
        self._columns: dict[str, int] = {}
        self._row, self._column = 0, -1
        self._cells: dict[int, str] = {}
        self._uncalculated: list[int] = []
        self._attributes: dict[str, str] = {}
        self._found = ""
        self._formula = self._is_phonetic = False
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
            self._is_phonetic = True
        elif name == "row":
            self._begin_row(attributes.get("r"))

    def end(self, name: str) -> None:
        if name == "v":
            self._found = "".join(self.pieces)
        elif name == "c":
            if self._found:
                self._cells[self._column] = self._value(self._found)
            elif self._formula and self._attributes.get("t") != "str":
                self._uncalculated.append(self._column)
        elif name == "t" and not self._is_phonetic:
            self._found += "".join(self.pieces)
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "row":
            self.pieces.clear()
            if self._cells or self._uncalculated:
                self.rows.append((self._row, self._cells, self._uncalculated))
                self._cells, self._uncalculated = {}, []

    def _begin_row(self, number: str | None) -> None:
        before = self._row
        try:
            self._row = before + 1 if number is None else int(number)
        except ValueError as error:
            raise DamagedWorkbook from error
        if not before < self._row <= MAX_ROWS:
            raise DamagedWorkbook
        self._column = -1

    def _column_of(self, letters: str) -> int:
        found = self._columns.get(letters)
        if found is None:
            found = column_index(letters.upper())
            if not (letters.isascii() and letters.isalpha() and found < _MAX_COLUMNS):
                raise DamagedWorkbook
            self._columns[letters] = found
        return found

    def _value(self, text: str) -> str:
        kind = self._attributes.get("t")
        if kind is None or kind == "n":
            style = self._styles.get(self._attributes.get("s", "0"))
            return number_text(text) if style is None else date_text(text, style, self._since_1904)
        if kind == "s":
            if not text.isdecimal():
                raise DamagedWorkbook
            return self._strings[int(text)]
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return unescape(text)


def column_index(letters: str) -> int:
    """Return the index, from 0, of the column with these capital letters in Excel.

    Examples
    --------
    >>> column_index("A"), column_index("AB")
    (0, 27)
    """
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def number_text(text: str) -> str:
    """Return the shortest text of the same number; Excel stores 1.1 with seventeen digits.

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
