"""Names out of header rows: one, or several stacked; blank and repeated names are made unique, and that is said."""

from collections.abc import Sequence

from core.data.columns import LINE
from core.findings.model import Finding, Severity, legacy_finding
from core.ingest.layout.dialect import Dialect
from core.ingest.values.notation import is_null, is_number_like
from core.text.escape import plain_text

_SHOWN = 20


def name_columns(dialect: Dialect) -> tuple[list[str], list[str], list[Finding]]:
    """Return the unique names of the columns, the names as the file has them, and what was changed to get there."""
    findings: list[Finding] = []
    if not dialect.header:
        findings.append(
            legacy_finding(
                "no-header",
                Severity.WARNING,
                "The file has no header: its first line is data",
                "The columns are named column_1, column_2 and so on.",
                rows=(dialect.first_data_line,),
            )
        )
        originals = [""] * dialect.width
    else:
        originals = _merge_rows(dialect, findings)
    names = unique_names(originals)
    changed = [(old, new) for old, new in zip(originals, names, strict=True) if old != new]
    if changed and dialect.header:
        listed = ", ".join(f"{old!r} → {new!r}" for old, new in changed[:_SHOWN])
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        findings.append(
            legacy_finding(
                "renamed-columns",
                Severity.WARNING,
                "Blank, repeated or unusual column names were changed",
                f"As in the file → here, from left to right: {listed}{more}.",
                rows=dialect.header_lines[:10],
                count=len(changed),
            )
        )
    return names, originals, findings


def _merge_rows(dialect: Dialect, findings: list[Finding]) -> list[str]:
    rows = list(dialect.header)
    if len(rows) == 1:
        return list(rows[0])
    naming: list[Sequence[str]] = []
    noted: list[str] = []
    for place, row in enumerate(rows):
        told = [cell for cell in row[1:] if cell]
        codes = bool(told) and all(is_number_like(cell) or is_null(cell) for cell in told)
        constant = len(told) > 1 and len(set(told)) == 1 and len(told) == len(row) - 1
        label = row[0].endswith(":") and bool(row[0].strip(": "))
        if (codes or constant or label) and len(rows) > 1 and place < len(rows):
            noted.append(" | ".join(cell for cell in row[:6] if cell))
        elif told:
            naming.append(row)
    if not naming:
        naming = [rows[-1]]
    names = [_join(cells) for cells in zip(*[_carry(row, below) for row, below in _pairs(naming)], strict=True)]
    first = [row[0] for row in rows if row[0] and not row[0].endswith(":")]
    names[0] = first[-1] if first else names[0]
    detail = f"{len(rows)} header rows were read as one: {', '.join(repr(name) for name in names[:4])}, …"
    if noted:
        detail += f" These rows name nothing and are left out: {'; '.join(noted)}, …"
    findings.append(
        legacy_finding(
            "header-rows",
            Severity.INFO,
            "The header has several rows",
            detail,
            rows=dialect.header_lines[:10],
            count=len(rows),
        )
    )
    return names


def _pairs(rows: list[Sequence[str]]) -> list[tuple[Sequence[str], Sequence[str] | None]]:
    return list(zip(rows, [*rows[1:], None], strict=True))


def _carry(row: Sequence[str], below: Sequence[str] | None) -> list[str]:
    """Return the row with each group name carried over the blanks to its right, where a row of names stands below."""
    if below is None or all(row[1:]):
        return list(row)
    carried, last = [row[0]], ""
    for cell, under in zip(row[1:], below[1:], strict=True):
        last = cell or last
        carried.append(last if under else cell)
    return carried


def _join(cells: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(cell for cell in cells if cell))


def unique_names(originals: Sequence[str]) -> list[str]:
    """Return harmless names, each of its own: a blank one becomes `column_3`, a repeated one `close_2`.

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
    for place, name in enumerate(plain, 1):
        base = name or f"column_{place}"
        unique = base
        while unique in taken or (unique != name and unique in wanted):
            serial[base] = serial.get(base, 1) + 1
            unique = f"{base}_{serial[base]}"
        taken.add(unique)
        names.append(unique)
    return names
