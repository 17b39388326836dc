"""Damaged files for the reader: small files, each changed one to four times in ways that real files are damaged.

`mutate(number, seed)` is reproducible: the same numbers give the same bytes and settings.
"""

import codecs
import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tests.ingest.test_edge_files import EDGE
from tests.ingest.test_real_files import REAL

HEAD_LINES, HEAD_BYTES = 40, 12_000
_DAYS = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29, 2)]
_MADE = {
    "prices": ["Date,Open,Close,Volume", *(f"{day},{100 + n / 8},{101 + n / 7:.3f},{n * 913}" for n, day in enumerate(_DAYS))],
    "notes": ["Date,Note,Close", *(f'{day},"said ""{n}"",\nand more",{n}.5' for n, day in enumerate(_DAYS))],
    "panel": ["Date;Symbol;Px", *(f"{day};{name};{n},25" for n, day in enumerate(_DAYS) for name in ("AA", "B C"))],
    "blanks": ["time  a   b", *(f" {day}  {n}.25   -{n}e-3" for n, day in enumerate(_DAYS))],
    "minutes": ["ts,bid", *(f"2024-03-01T09:{n % 60:02}:00{'+01:00' if n % 2 else 'Z'},{n * 1.25}" for n in range(50))],
    "padded": ["Name, Day, Value", *(f"'x, y', 0{n % 9 + 1}/0{n % 7 + 1}/2023, ({n}%)" for n in range(40))],
    "groups": [",a,,b,", "Date,x,y,x,y", "Transform:,1,2,1,2", *(f"1/{n + 1}/2020,1,,{n},.5" for n in range(28))],
    "epochs": ["unix,px,code", *(f"{1704067200 + 3600 * n},{n}.125,{n % 5:03}" for n in range(40))],
    "months": ["Made by hand", "", "yyyymm|ret", *(f"{200001 + n % 12 + n // 12 * 100}|  -{n}.50" for n in range(36)), "Source: x"],
    "numbers": ["a b c", *(f"{n} {n * n} 0.{n}" for n in range(30))],
    "wide": [",".join(f"f{n}" for n in range(60)), *(",".join(f"{n * row}.5" for n in range(60)) for row in range(8))],
}  # fmt: skip
_CELLS = [
    "", " ", '"', '""', "'", ",", ";", "\t", "|", "-", "--", "NA", "null", "nan", "inf", "-inf", "#N/A", "?", "\ufffd", "\0",
    "1e400", "-1e400", "5e-324", "1e", "1e5000", "9" * 19, "9" * 400, "1" * 5000, "0." + "3" * 400, "-0", "+5", "0x1F", "1_000",
    "1,5", "1.5", "1.234,5", "1,234.5", "1.234.567", "12,34,567", "1 234", "1'234", "(5)", "(5", "5-", "--5", "5%", "$5", "€ 5",
    "12.09M", "5 bps", "١٢٣", "−5", "½", "TRUE", "no", "-123321", "-99.99", "99999", "00012", "2024-02-30", "0000-00-00",
    "1600-01-01", "9999-12-31", "99999-01-01", "2024-13-01", "31/12/2023", "12/31/2023", "01/02/03", "Nov-63", "2020Q3",
    "20240131", "202401", "45292", "1704067200", "1704067200000", "2024-01-01T25:61:61", "2024-03-31T02:30:00+02:00",
    "12:30", "24:00:00", "Date", "\u202ecba", "=1+1", "@x", "../../x", "a" * 3000, '"' * 7, "\x1c", "\x0b", "\u2028", "\u00a0",
]  # fmt: skip
_BYTES = [
    b"\0", b"\r", b"\n", b"\r\n", b"\r\r\n", b'"', b"'", b",", b";", b"\t", b"|", b"\\", b'\\"', b"\xff", b"\x80", b"\xc3",
    b"\xef\xbf\xbd", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\x1a", b"\x0c", b"\x1b[0m", b"\n\n\n", b'""', b'","',
    b"\xe2\x80\xa8",
]  # fmt: skip
_ENCODINGS = (
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "cp1252",
    "latin-1",
    "cp437",
    "shift_jis",
    "utf-7",
)
_SETTINGS: tuple[tuple[str, Sequence[object]], ...] = (
    ("encoding", ("utf-8", "cp1252", "utf-16", "utf-16-le", "utf-32", "shift_jis", "utf-7", "ascii", "utf-8-sig")),
    ("delimiter", (",", ";", "\t", "|", " ", "a", "'", ".", "1", "\\")),
    ("decimal", (".", ",")),
    ("day_first", (True, False)),
    ("header_line", (1, 2, 3, 9)),
    ("header_rows", (0, 1, 2, 5)),
    ("time_column", ("row number", "Date", "Close", "ts", "column_1")),
    ("series_column", ("Symbol", "Note", "column_2", "Volume")),
    ("sentinels", ((0.0,), (-99.99, 5.0))),
    ("find_sentinels", (False,)),
)
Change = Callable[[random.Random, bytes], bytes]


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Return the names and bytes of the files to mutate."""
    found = [(f"made-{name}", "\n".join(lines).encode() + b"\n") for name, lines in _MADE.items()]
    files = sorted(EDGE.glob("e[0-9]*")) + sorted(REAL.glob("*.csv") if REAL else [])
    return tuple(found + [(file.name, _head(file)) for file in files])


def mutate(number: int, seed: int = 0) -> tuple[str, bytes, dict[str, object]]:
    """Return the name, bytes and settings of one mutated file."""
    chance = random.Random(f"{seed}/{number}")
    known = seeds()
    name, data = known[number % len(known)]
    done = []
    for _ in range(chance.choice((1, 1, 2, 3, 4))):
        change = chance.choice(CHANGES)
        data = change(chance, data)
        done.append(change.__name__)
    settings = {}
    if chance.random() < 0.15:
        field, values = chance.choice(_SETTINGS)
        settings[field] = chance.choice(values)
    return f"{seed}/{number} {name}: {', '.join(done)}", data, settings


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        data = opened.read(200_000)
    if len(data) <= HEAD_BYTES:
        return data
    lines = data.split(b"\n")[:HEAD_LINES]
    if len(lines[-1]) * HEAD_LINES > HEAD_BYTES:
        lines = [b",".join(line.split(b",")[:20]) for line in lines]
    return b"\n".join(lines)[:HEAD_BYTES]


def _places(chance: random.Random, data: bytes) -> tuple[int, int]:
    first, last = sorted(chance.randint(0, len(data)) for _ in range(2))
    return first, min(last, first + 400)


def _in_lines(change: Callable[[random.Random, list[bytes]], None]) -> Change:
    def changed(chance: random.Random, data: bytes) -> bytes:
        lines = data.split(b"\n")
        change(chance, lines)
        return b"\n".join(lines)

    changed.__name__ = change.__name__
    return changed


def flip_bytes(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(chance: random.Random, data: bytes) -> bytes:
    cut = chance.randint(0, len(data))
    return data[cut:] if chance.random() < 0.3 else data[:cut]


def cut_chunk(chance: random.Random, data: bytes) -> bytes:
    first, last = _places(chance, data)
    return data[:first] + data[last:]


def repeat_chunk(chance: random.Random, data: bytes) -> bytes:
    first, last = _places(chance, data)
    return data[:last] + data[first:last] * chance.choice((1, 2, 9)) + data[last:]


def move_chunk(chance: random.Random, data: bytes) -> bytes:
    first, last = _places(chance, data)
    rest, piece = data[:first] + data[last:], data[first:last]
    place = chance.randint(0, len(rest))
    return rest[:place] + piece + rest[place:]


def insert_bytes(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 8))):
        place = chance.randint(0, len(data))
        data = data[:place] + chance.choice(_BYTES) * chance.choice((1, 1, 3)) + data[place:]
    return data


def insert_noise(chance: random.Random, data: bytes) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.randbytes(chance.choice((4, 60, 600))) + data[place:]


def replace_cells(chance: random.Random, data: bytes) -> bytes:
    mark = max(b",;\t| ", key=data.count)
    cells = data.split(bytes([mark]))
    for _ in range(chance.choice((1, 2, 5, 30))):
        cells[chance.randrange(len(cells))] = _cell(chance)
    return bytes([mark]).join(cells)


def replace_column(chance: random.Random, data: bytes) -> bytes:
    mark = bytes([max(b",;\t| ", key=data.count)])
    cell, place, share = _cell(chance), chance.randrange(4), chance.choice((0.03, 0.3, 1.0))
    lines = []
    for number, line in enumerate(data.split(b"\n")):
        cells = line.split(mark)
        if number and place < len(cells) and chance.random() < share:
            cells[place] = cell
        lines.append(mark.join(cells))
    return b"\n".join(lines)


def grow_cell(chance: random.Random, data: bytes) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice((b"7", b"x", b'"', b" ", b"0.", b"\xc3\xa9")) * 150_000 + data[place:]


def swap_decimal_marks(chance: random.Random, data: bytes) -> bytes:
    if chance.random() < 0.5:
        return data.translate(bytes.maketrans(b".,", b",."))
    return data.replace(b",", b";").replace(b".", b",")


def change_line_ends(chance: random.Random, data: bytes) -> bytes:
    if chance.random() < 0.5:
        return data.replace(
            b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\x0b", b",\n", b"\n\r", b" \n"))
        )
    return b"".join(line + chance.choice((b"\n", b"\r\n", b"\r")) for line in data.split(b"\n"))


def change_encoding(chance: random.Random, data: bytes) -> bytes:
    return data.decode(errors="replace").encode(chance.choice(_ENCODINGS), errors="replace")


def glue_another(chance: random.Random, data: bytes) -> bytes:
    other = chance.choice(seeds())[1]
    return data + other if chance.random() < 0.5 else other + chance.choice((b"", b"\n", b"\n\n")) + data


def quote_cells(chance: random.Random, data: bytes) -> bytes:
    mark, quote = bytes([max(b",;\t| ", key=data.count)]), chance.choice((b'"', b'"', b"'"))
    share = chance.choice((0.05, 0.5, 1.0))
    lines = [
        mark.join(quote + cell + quote if chance.random() < share else cell for cell in line.split(mark))
        for line in data.split(b"\n")
    ]
    return b"\n".join(lines)


def drop_lines(chance: random.Random, lines: list[bytes]) -> None:
    first = chance.randrange(len(lines))
    del lines[first : first + chance.choice((1, 2, 10))]


def repeat_lines(chance: random.Random, lines: list[bytes]) -> None:
    first = chance.randrange(len(lines))
    piece = lines[first : first + chance.choice((1, 2, 10))]
    place = chance.randint(0, len(lines))
    lines[place:place] = piece * chance.choice((1, 1, 4))


def swap_lines(chance: random.Random, lines: list[bytes]) -> None:
    for _ in range(chance.choice((1, 5))):
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]


def reverse_lines(chance: random.Random, lines: list[bytes]) -> None:
    lines[1:] = reversed(lines[1:])


def repeat_header(chance: random.Random, lines: list[bytes]) -> None:
    lines.insert(chance.choice((1, chance.randint(0, len(lines)))), lines[0])


def insert_lines(chance: random.Random, lines: list[bytes]) -> None:
    odd = (
        b"", b"   ", b"      \t   ", b",,,", b";;", b'""', b"sep=;", b"sep=,", b"sep=\xe2\x82\xac", b"# comment", b"Total,1,2",
        b"-----", b"source: someone, somewhere", b'"', b"a,b,c,d,e,f,g,h", b"2024-05-05", b",", b"\xa0", b"\x1c", b'"a\nb",1',
    )  # fmt: skip
    for _ in range(chance.choice((1, 2, 6))):
        lines.insert(chance.choice((0, len(lines), chance.randint(0, len(lines)))), chance.choice(odd))


def multiply(chance: random.Random, lines: list[bytes]) -> None:
    lines[1:] = lines[1:] * chance.choice((2, 5))


CHANGES: tuple[Change, ...] = (
    flip_bytes, truncate, cut_chunk, repeat_chunk, move_chunk, insert_bytes, insert_bytes, insert_noise, replace_cells,
    replace_cells, replace_column, grow_cell, swap_decimal_marks, change_line_ends, change_encoding, glue_another, quote_cells,
    *map(_in_lines, (drop_lines, repeat_lines, swap_lines, reverse_lines, repeat_header, insert_lines, multiply)),
)  # fmt: skip


def _cell(chance: random.Random) -> bytes:
    return chance.choice(_CELLS).encode(errors="replace")
