"""Column names from one or several header rows; blank and repeated names are made unique."""

from collections.abc import Sequence

from core.data.columns import LINE
from core.findings.ingest.reading import HeaderRows, MalformedQuotes, NoHeader, RenamedColumns
from core.findings.model import MOST_ROWS, Finding
from core.ingest.layout.dialect import Dialect
from core.ingest.values.notation import is_null, is_number_like
from core.ingest.values.timecodes import is_time_name
from core.text.escape import plain_text

_MOST_CELLS = 6


def name_columns(dialect: Dialect) -> tuple[list[str], list[str], list[Finding]]:
    """Return unique column names, the names in the file, and findings on the header.

    The latter names are "" if there is no header.
    """
    findings: list[Finding] = []
    lines = dialect.header_lines[:MOST_ROWS]
    if not dialect.header:
        findings.append(NoHeader(rows=(dialect.first_data_line,)))
        originals = [""] * dialect.width
    elif len(dialect.header) == 1:
        originals = list(dialect.header[0])
    else:
        originals, unused = _combine_rows(dialect.header)
        findings.append(HeaderRows(names=tuple(originals), unused=unused, rows=lines, count=len(dialect.header)))
    if dialect.misquoted:
        findings.append(MalformedQuotes(rows=dialect.misquoted, count=len(dialect.misquoted)))
    return unique_names(originals), originals, findings


def check_renamed(names: Sequence[str], originals: Sequence[str], dialect: Dialect) -> list[Finding]:
    """Return a finding on the columns whose unique names differ from those in the file."""
    renamed = tuple((old, new) for old, new in zip(originals, names, strict=True) if old != new)
    if not renamed or not dialect.header:
        return []
    return [RenamedColumns(renamed=renamed, rows=dialect.header_lines[:MOST_ROWS])]


def _combine_rows(rows: Sequence[Sequence[str]]) -> tuple[list[str], tuple[str, ...]]:
    """Return one name per column, and the first cells of the rows that name no columns."""
    naming: list[Sequence[str]] = []
    unused: list[str] = []
    for row in rows:
        filled = [cell for cell in row[1:] if cell]
        is_codes = bool(filled) and all(is_number_like(cell) or is_null(cell) for cell in filled)
        is_constant = len(filled) > 1 and len(set(filled)) == 1 and len(filled) == len(row) - 1
        has_label = row[0].endswith(":") and bool(row[0].strip(": "))
        if is_codes or is_constant or has_label:
            unused.append(" | ".join(cell for cell in row[:_MOST_CELLS] if cell))
        elif filled:
            naming.append(row)
    if not naming:
        naming = [rows[-1]]
    below: list[Sequence[str] | None] = [*naming[1:], None]
    filled_rows = [_fill_right(row, lower) for row, lower in zip(naming, below, strict=True)]
    names = [" ".join(dict.fromkeys(cell for cell in cells if cell)) for cells in zip(*filled_rows, strict=True)]
    first = [row[0] for row in rows if row[0] and not row[0].endswith(":")]
    names[0] = first[-1] if first else names[0]
    return names, tuple(unused)


def _fill_right(row: Sequence[str], below: Sequence[str] | None) -> list[str]:
    """Return the row with each group name repeated to its right, if a row of names follows."""
    if below is None or all(row[1:]):
        return list(row)
    # A name above the time column, with a blank right of it, is that of the first group.
    is_group = bool(row[0]) and not row[1] and is_time_name(below[0])
    filled, last = [row[0]], row[0] if is_group else ""
    for cell, lower in zip(row[1:], below[1:], strict=True):
        last = cell or last
        filled.append(last if lower else cell)
    return filled


def unique_names(originals: Sequence[str]) -> list[str]:
    """Return unique names without invisible characters.

    A blank name becomes `column_3`, a repeated one `close_2`.

    Examples
    --------
    >>> unique_names(["close", "", "close"])
    ['close', 'column_2', 'close_2']
    """
    taken = {LINE}
    plain = [plain_text(original) for original in originals]
    wanted = set(plain)
    serial: dict[str, int] = {}
    names = []
    for position, name in enumerate(plain, 1):
        base = name or f"column_{position}"
        unique = base
        while unique in taken or (unique != name and unique in wanted):
            serial[base] = serial.get(base, 1) + 1
            unique = f"{base}_{serial[base]}"
        taken.add(unique)
        names.append(unique)
    return names
