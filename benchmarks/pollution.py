"""Clean tables and their pollution: the kinds that Pollock describes (Vitagliano et al., PVLDB 16(8), 2023).

A file is drawn from its seed and number alone, so any one of them can be made again.
"""

import csv
import io
import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.data.builtin import list_samples, write_sample

ROWS = 80
HEADER = -1
Names = tuple[str | None, ...]
_REAL = (
    "plotly_apple_ohlc_bbands.csv",
    "investing_br_ibovespa_decimal_comma.csv",
    "sp500_rv_vix_macro_mfgarch.csv",
)
_NOTES = ("first fix", "rolled, adjusted", 'the "old" contract', "", "Zürich; provisional", "5% tick")
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Table:
    """A clean table: what every polluted file is made from and judged by."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def has_decimal_comma(self) -> bool:
        """Whether few of its cells do not settle what a point means, as in 24.207."""
        return "comma" in self.name


@dataclass(frozen=True, kw_only=True)
class Style:
    delimiter: str = ","
    quote: str = '"'
    quoting: str = "minimal"
    escape: str = "double"
    newline: str = "\n"

    def cell(self, text: str) -> str:
        special = [self.delimiter, *self.delimiter.strip(), "\n", "\r"]
        if self.quoting == "none":
            if self.escape == "backslash":
                for char in dict.fromkeys(("\\", self.quote, self.delimiter)):
                    text = text.replace(char, "\\" + char)
            return text
        blank = not text and self.delimiter == " "
        if self.quoting == "minimal" and not blank and not any(char in text for char in (*special, self.quote)):
            return text
        return self.quoted(text)

    def quoted(self, text: str) -> str:
        inner = "\\" + self.quote if self.escape == "backslash" else self.quote * 2
        if self.escape == "backslash":
            text = text.replace("\\", "\\\\")
        return self.quote + text.replace(self.quote, inner) + self.quote

    def line(self, cells: tuple[str, ...]) -> str:
        return self.delimiter.join(self.cell(text) for text in cells)

    def lines(self, table: Table) -> list[str]:
        return [self.line(table.header), *(self.line(row) for row in table.rows)]

    def text(self, lines: list[str]) -> str:
        return "".join(line + self.newline for line in lines)


@dataclass(frozen=True, kw_only=True)
class Polluted:
    """One file, and what a reader must make of it.

    Attributes
    ----------
    table
        The name of the clean table.
    columns
        Which columns of the clean table the file holds, in its order; None for all.
    rows
        How many rows of the clean table the file holds, from its first.
    names
        What each column name must be or contain; None for any. None as a whole: the clean names.
    damaged
        The row that is malformed, `HEADER` for the header, None if the file has one right reading.
    literal
        Column and text of the damaged cell or name as written, if keeping that text is right as well.
    must_report
        Whether a reader must report something even if it reads the table exactly, because the file holds more.
    is_empty
        The file has no rows: refuse it, or report it and return no rows.
    """

    kind: str
    table: str
    data: bytes
    columns: tuple[int, ...] | None = None
    rows: int = ROWS
    names: Names | None = None
    damaged: int | None = None
    literal: tuple[int, str] | None = None
    must_report: bool = False
    is_empty: bool = False


def load_tables(seed: int) -> list[Table]:
    """Return three tables of 80 rows, each as it is and with a column of notes; the seed draws the stretch."""
    named = os.environ.get("PLUMBLINE_REAL_DATA")
    chance = random.Random(f"tables {seed}")
    tables: list[Table] = []
    with tempfile.TemporaryDirectory() as folder:
        if named:
            files = [Path(named) / name for name in _REAL]
        else:
            files = [Path(folder) / f"{sample.name}.csv" for sample in list_samples()]
            for file in files:
                write_sample(file.stem, file)
        for file in files:
            header, *rows = csv.reader(io.StringIO(file.read_text("utf-8-sig")))
            cut: tuple[tuple[str, ...], ...] = ()
            # A column of missing cells alone has no kind, so one malformed cell would decide it.
            while not cut or any(set(column) <= {"", "NA"} for column in zip(*cut, strict=True)):
                start = chance.randrange(len(rows) - ROWS)
                cut = tuple(tuple(row) for row in rows[start : start + ROWS])
            notes = [chance.choice(_NOTES) for _ in cut]
            tables.append(Table(file.stem, tuple(header), cut))
            noted = tuple((*row, note) for row, note in zip(cut, notes, strict=True))
            tables.append(Table(f"{file.stem} with notes", (*header, "note"), noted))
    return tables


class Draw:
    """The random choices for one file."""

    def __init__(self, seed: int, number: int, kind: str, tables: list[Table]) -> None:
        self.chance = random.Random(f"{seed}/{number}")
        self.kind = kind
        self.table = self.chance.choice(tables)
        self.tables = tables

    def table_with(self, accepted: Callable[[Table], bool]) -> Table:
        self.table = self.chance.choice([table for table in self.tables if accepted(table)])
        return self.table

    def style(self, **fixed: str) -> Style:
        """Return a usual style: a delimiter, and quotation marks around every cell or only when needed."""
        drawn = {
            "delimiter": self.chance.choice(_DELIMITERS),
            "quoting": self.chance.choice(("minimal", "minimal", "all")),
        }
        return Style(**(drawn | fixed))  # type: ignore[arg-type]

    def file(self, text: str | bytes, **facts: object) -> Polluted:
        data = text if isinstance(text, bytes) else text.encode()
        return Polluted(kind=self.kind, table=self.table.name, data=data, **facts)  # type: ignore[arg-type]

    def whole(self, style: Style, above: list[str] = [], below: list[str] = [], **facts: object) -> Polluted:  # noqa: B006
        return self.file(style.text([*above, *style.lines(self.table), *below]), **facts)


def delimiter(draw: Draw) -> Polluted:
    delimiters = (*_DELIMITERS, " ", ", ", "; ", " | ", "::", "^", "~")
    return draw.whole(draw.style(delimiter=draw.chance.choice(delimiters)))


def quotation_marks(draw: Draw) -> Polluted:
    return draw.whole(draw.style(quote=draw.chance.choice("'\""), quoting=draw.chance.choice(("minimal", "all"))))


def no_quotation_marks(draw: Draw) -> Polluted:
    style = draw.style(quoting="none")
    draw.table_with(lambda table: not any(style.delimiter in text or '"' in text for row in table.rows for text in row))
    return draw.whole(style)


def backslash(draw: Draw) -> Polluted:
    draw.table_with(lambda table: table.header[-1] == "note")
    return draw.whole(draw.style(escape="backslash", quoting=draw.chance.choice(("minimal", "all", "none"))))


def record_delimiter(draw: Draw) -> Polluted:
    style = draw.style(newline=draw.chance.choice(("\n", "\r\n", "\r")))
    text = style.text(style.lines(draw.table))
    return draw.file(
        text.rstrip("\r\n") if draw.chance.random() < 0.5 else text + style.newline * draw.chance.randrange(3)
    )


def mixed_record_delimiters(draw: Draw) -> Polluted:
    style, (first, other) = draw.style(), draw.chance.sample(("\n", "\r\n", "\r"), 2)
    lines = style.lines(draw.table)
    odd = set(draw.chance.sample(range(len(lines)), draw.chance.choice((1, 5, 40))))
    return draw.file("".join(line + (other if at in odd else first) for at, line in enumerate(lines)))


def preamble(draw: Draw) -> Polluted:
    texts = (
        "Daily prices",
        "Source: the exchange",
        "Downloaded 2024-03-01 18:00",
        "# version 2",
        "All rights reserved. See the terms of use.",
        "Currency: USD",
    )
    count = draw.chance.randint(1, 8)
    return draw.whole(draw.style(), above=[draw.chance.choice(texts) for _ in range(count)])


def preamble_with_delimiters(draw: Draw) -> Polluted:
    style, chance = draw.style(), draw.chance
    full = style.delimiter * (len(draw.table.header) - 1)
    forms = (
        lambda: style.line(("Source", "the exchange")),
        lambda: style.line(("Period", "2010-01-04", "2020-12-31")),
        lambda: style.line(("Currency", "USD", "Factor", "1000")),
        lambda: "Daily prices" + full,
        lambda: full,
    )
    return draw.whole(style, above=[chance.choice(forms)() for _ in range(chance.randint(1, 6))])


def blank_lines_above(draw: Draw) -> Polluted:
    above = [draw.chance.choice(("", "", " ", "Daily prices")) for _ in range(draw.chance.randint(1, 6))]
    return draw.whole(draw.style(), above=[*above, ""])


def footer(draw: Draw) -> Polluted:
    texts = ("Source: the exchange", "Generated 2024-03-01", "", "* provisional", "80 rows", "END")
    below = [draw.chance.choice(texts) for _ in range(draw.chance.randint(1, 5))]
    return draw.whole(draw.style(), below=below)


def footer_with_delimiters(draw: Draw) -> Polluted:
    style, width = draw.style(), len(draw.table.header)
    total = ("Total", *(str(draw.chance.randrange(10_000)) for _ in range(width - 1)))
    forms = (style.line(total), "Total" + style.delimiter * (width - 1), style.line(("Source", "the exchange")))
    blank = [""] * draw.chance.randrange(2)
    return draw.whole(style, below=[*blank, *draw.chance.sample(forms, draw.chance.randint(1, 2))])


def table_below(draw: Draw) -> Polluted:
    style, chance = draw.style(), draw.chance
    other = chance.choice([table for table in draw.tables if table.header[:2] != draw.table.header[:2]])
    lines = style.lines(replace(other, rows=other.rows[: chance.randint(3, 60)]))
    title = [chance.choice(("Table 2", "Weekly"))] if chance.random() < 0.5 else []
    return draw.whole(style, below=[*[""] * chance.randrange(3), *title, *lines], must_report=True)


def missing_delimiter(draw: Draw, row: int | None = None) -> Polluted:
    style, (lines, row) = draw.style(), _with_row(draw, row)
    cells = [style.cell(text) for text in lines[row + 1]]
    at = draw.chance.randrange(len(cells) - 1)
    cells[at : at + 2] = [cells[at] + cells[at + 1]]
    return _damaged(draw, style, row, style.delimiter.join(cells))


def surplus_delimiter(draw: Draw, row: int | None = None) -> Polluted:
    style, (lines, row) = draw.style(), _with_row(draw, row)
    cells = [style.cell(text) for text in lines[row + 1]]
    at = draw.chance.randint(0, len(cells))
    cells[at:at] = [""] * draw.chance.choice((1, 1, 1, 2))
    return _damaged(draw, style, row, style.delimiter.join(cells))


def surplus_delimiter_in_all_rows(draw: Draw) -> Polluted:
    style = draw.style()
    head, *rest = style.lines(draw.table)
    in_header = draw.chance.random() < 0.5
    ended = [head + style.delimiter * in_header, *(line + style.delimiter for line in rest)]
    return draw.file(style.text(ended))


def missing_quote(draw: Draw, row: int | None = None) -> Polluted:
    style, (lines, row) = draw.style(), _with_row(draw, row)
    at = draw.chance.randrange(len(draw.table.header))
    quoted = style.quoted(lines[row + 1][at])
    return _with_cell(draw, style, row, at, draw.chance.choice((quoted[:-1], quoted[1:])))


def stray_quote(draw: Draw, row: int | None = None) -> Polluted:
    style, (lines, row) = draw.style(quoting="minimal"), _with_row(draw, row)
    at = draw.chance.randrange(len(draw.table.header))
    text = style.cell(lines[row + 1][at])
    place = draw.chance.randint(0, len(text))
    written = text[:place] + '"' + text[place:]
    is_literal = place > 0 and text == lines[row + 1][at]
    return _with_cell(draw, style, row, at, written, (at, written) if is_literal else None)


def unescaped_quote(draw: Draw, row: int | None = None) -> Polluted:
    style, (lines, row) = draw.style(), _with_row(draw, row)
    at = draw.chance.randrange(len(draw.table.header))
    text = lines[row + 1][at]
    first, second = sorted(draw.chance.randint(0, len(text)) for _ in range(2))
    pair = draw.chance.random() < 0.5
    inner = text[:first] + '"' + text[first:second] + '"' * pair + text[second:]
    return _with_cell(draw, style, row, at, f'"{inner}"', (at, inner))


def no_header(draw: Draw) -> Polluted:
    style = draw.style()
    return draw.file(style.text(style.lines(draw.table)[1:]), names=(None,) * len(draw.table.header))


def header_of_several_rows(draw: Draw) -> Polluted:
    style, chance, header = draw.style(), draw.chance, draw.table.header
    groups = tuple("" if at == 0 else ("Market" if at < len(header) // 2 else "Derived") for at in range(len(header)))
    sparse = tuple(text if at < 2 or text != groups[at - 1] else "" for at, text in enumerate(groups))
    units = tuple("date" if at == 0 else chance.choice(("USD", "index", "percent")) for at in range(len(header)))
    head, *rest = style.lines(draw.table)
    form = chance.randrange(4)
    above = [style.line((groups, sparse, sparse, groups)[form])] if form != 2 else []
    under = [style.line(units)] if form >= 2 else []
    return draw.file(style.text([*above, head, *under, *rest]), names=header)


def duplicate_names(draw: Draw) -> Polluted:
    header = list(draw.table.header)
    first, second = sorted(draw.chance.sample(range(1, len(header)), 2))
    header[second] = header[first]
    return _with_header(draw, header)


def empty_names(draw: Draw) -> Polluted:
    header = list(draw.table.header)
    for at in draw.chance.sample(range(len(header)), draw.chance.randint(1, 3)):
        header[at] = ""
    return _with_header(draw, header)


def long_names(draw: Draw) -> Polluted:
    header = list(draw.table.header)
    length = draw.chance.choice((200, 1000, 5000, 70_000))
    for at in draw.chance.sample(range(len(header)), draw.chance.randint(1, 3)):
        header[at] = (header[at] + " of the index in points, adjusted " * (length // 30))[:length].strip()
    return _with_header(draw, header)


def _with_header(draw: Draw, header: list[str]) -> Polluted:
    style = draw.style()
    lines = [style.line(tuple(header)), *style.lines(draw.table)[1:]]
    return draw.file(style.text(lines), names=tuple(name or None for name in header))


def one_column(draw: Draw) -> Polluted:
    draw.table_with(lambda table: not table.has_decimal_comma)
    at = draw.chance.randrange(len(draw.table.header))
    return _columns(draw, (at,), (draw.table.header[at],))


def two_columns(draw: Draw) -> Polluted:
    draw.table_with(lambda table: not table.has_decimal_comma)
    columns = (0, draw.chance.randrange(1, len(draw.table.header)))
    return _columns(draw, columns, tuple(draw.table.header[at] for at in columns))


def many_columns(draw: Draw) -> Polluted:
    width = draw.chance.choice((50, 200, 800))
    columns = (0, *(1 + at % (len(draw.table.header) - 1) for at in range(width)))
    names = (draw.table.header[0], *(f"{draw.table.header[at]} {count}" for count, at in enumerate(columns[1:])))
    return _columns(draw, columns, names)


def _columns(draw: Draw, columns: tuple[int, ...], names: tuple[str, ...]) -> Polluted:
    style = draw.style()
    rows = [tuple(row[at] for at in columns) for row in draw.table.rows]
    return draw.file(style.text([style.line(names), *map(style.line, rows)]), columns=columns, names=names)


def few_rows(draw: Draw) -> Polluted:
    style, rows = draw.style(), draw.chance.choice((1, 2, 3))
    draw.table_with(lambda table: not table.has_decimal_comma)
    return draw.file(style.text(style.lines(draw.table)[: rows + 1]), rows=rows)


def no_bytes(draw: Draw) -> Polluted:
    return draw.file(draw.chance.choice(("", "\n", "\r\n\r\n", " \n")), is_empty=True, rows=0)


def header_only(draw: Draw) -> Polluted:
    style = draw.style()
    return draw.file(style.text(style.lines(draw.table)[:1]), is_empty=True, rows=0)


def encoding(draw: Draw) -> Polluted:
    name = draw.chance.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"))
    header = list(draw.table.header)
    header[-1] += draw.chance.choice((" ø", " – €") if name not in ("latin-1",) else (" ø", " é"))
    style = draw.style(newline=draw.chance.choice(("\n", "\r\n")))
    text = style.text([style.line(tuple(header)), *style.lines(draw.table)[1:]])
    return draw.file(text.encode(name), names=tuple(header))


def _with_row(draw: Draw, row: int | None) -> tuple[list[tuple[str, ...]], int]:
    """Return the header and rows, and the row to damage, drawn if None."""
    return [draw.table.header, *draw.table.rows], draw.chance.randrange(ROWS) if row is None else row


def _with_cell(
    draw: Draw, style: Style, row: int, at: int, written: str, literal: tuple[int, str] | None = None
) -> Polluted:
    cells = [style.cell(text) for text in (draw.table.header, *draw.table.rows)[row + 1]]
    cells[at] = written
    return _damaged(draw, style, row, style.delimiter.join(cells), literal)


def _damaged(draw: Draw, style: Style, row: int, written: str, literal: tuple[int, str] | None = None) -> Polluted:
    lines = style.lines(draw.table)
    lines[row + 1] = written
    return draw.file(style.text(lines), damaged=row, literal=literal)


Kind = Callable[[Draw], Polluted]


def _at(kind: Callable[[Draw, int], Polluted], row: int) -> Kind:
    return lambda draw: kind(draw, row)


# Kind: function, and its share of the files.
KINDS: dict[str, tuple[Kind, int]] = {
    "delimiter": (delimiter, 8),
    "quotation marks": (quotation_marks, 6),
    "no quotation marks": (no_quotation_marks, 4),
    "backslash": (backslash, 6),
    "record delimiter": (record_delimiter, 6),
    "mixed record delimiters": (mixed_record_delimiters, 3),
    "preamble": (preamble, 6),
    "preamble with delimiters": (preamble_with_delimiters, 8),
    "blank lines above": (blank_lines_above, 4),
    "footer": (footer, 6),
    "footer with delimiters": (footer_with_delimiters, 6),
    "table below": (table_below, 8),
    "missing delimiter in a row": (missing_delimiter, 16),
    "missing delimiter in the header": (_at(missing_delimiter, HEADER), 4),
    "missing delimiter in the last row": (_at(missing_delimiter, ROWS - 1), 4),
    "surplus delimiter in a row": (surplus_delimiter, 20),
    "surplus delimiter in the header": (_at(surplus_delimiter, HEADER), 4),
    "surplus delimiter in the last row": (_at(surplus_delimiter, ROWS - 1), 4),
    "surplus delimiter in all rows": (surplus_delimiter_in_all_rows, 3),
    "missing quote in a row": (missing_quote, 14),
    "missing quote in the header": (_at(missing_quote, HEADER), 3),
    "missing quote in the last row": (_at(missing_quote, ROWS - 1), 3),
    "stray quote in a row": (stray_quote, 10),
    "stray quote in the header": (_at(stray_quote, HEADER), 3),
    "unescaped quote in a row": (unescaped_quote, 10),
    "unescaped quote in the header": (_at(unescaped_quote, HEADER), 3),
    "no header": (no_header, 4),
    "header of several rows": (header_of_several_rows, 6),
    "duplicate names": (duplicate_names, 3),
    "empty names": (empty_names, 3),
    "long names": (long_names, 3),
    "one column": (one_column, 3),
    "two columns": (two_columns, 3),
    "many columns": (many_columns, 1),
    "few rows": (few_rows, 2),
    "no bytes": (no_bytes, 1),
    "header only": (header_only, 2),
    "encoding": (encoding, 10),
}
_IN_TURN = tuple(kind for kind, (_, share) in KINDS.items() for _ in range(share))


def pollute(seed: int, number: int, tables: list[Table]) -> Polluted:
    """Return the file of this number; each kind gets its share of the numbers."""
    # A step prime to the length spreads the kinds over any stretch of numbers.
    kind = _IN_TURN[number * 89 % len(_IN_TURN)]
    return KINDS[kind][0](Draw(seed, number, kind, tables))
