"""What reading did to the cells of columns, as findings with the lines of the user's file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.columns import Column, Kind
from core.findings.model import Finding, Remedy, Severity, first_rows, legacy_finding
from core.ingest.values.infer import Judged
from core.ingest.values.months import ENGLISH, month_number
from core.ingest.values.timecodes import EXCEL
from core.ingest.values.times import Times
from core.recipe.model import IngestSettings
from core.text.format import format_count

_MOST_EACH = 20
_DOUBTFUL = {"parentheses", "percent signs in some cells", "signs of several currencies"}


@dataclass(frozen=True, eq=False, kw_only=True)
class Remark:
    """One fact about one column: the positions of the rows that it is about, and the number that they hold where that matters."""

    column: str
    places: np.ndarray
    code: float = 0.0


def say_each(
    code: str, severity: Severity, title: str, detail: str, remarks: Sequence[Remark], lines: np.ndarray
) -> list[Finding]:
    """Return a finding for each column, and one for the rest where there are more than twenty.

    `{column}` and `{cells}` in the title are filled in; `lines` are the line numbers of the file's rows.
    """
    findings = []
    for remark in remarks[:_MOST_EACH]:
        where = np.sort(lines[remark.places])
        filled = title.format(column=remark.column, cells=format_count(len(where), "cell"))
        findings.append(
            legacy_finding(code, severity, filled, detail, remark.column, first_rows(where), len(where) or None)
        )
    rest = remarks[_MOST_EACH:]
    if rest:
        named = ", ".join(remark.column for remark in rest[:_MOST_EACH])
        where = np.unique(np.concatenate([lines[remark.places] for remark in rest]))
        cells = format_count(sum(len(remark.places) for remark in rest), "cell")
        filled = title.format(column=format_count(len(rest), "more column"), cells=cells)
        findings.append(
            legacy_finding(
                code, severity, filled, f"{detail} The columns: {named}.", None, first_rows(where), len(rest)
            )
        )
    return findings


def say_notations(
    names: Sequence[str], columns: Sequence[Judged], decimal: str, unsure: frozenset[str]
) -> list[Finding]:
    """Return one finding for each notation of numbers that was translated, with the columns where it stands.

    The thousands marks of the columns `unsure` are told by `say_unsure_decimal`.
    """
    by_mark: dict[str, list[str]] = {}
    for name, column in zip(names, columns, strict=True):
        marks = sorted(column.numbers.marks) if column.numbers else []
        if column.other_digits:
            marks.append("digits of other scripts")
        for mark in marks:
            if mark != "thousands marks" or name not in unsure:
                by_mark.setdefault(mark, []).append(name)
    explained = {
        "percent signs": "5.5% is read as 0.055.",
        "percent signs in some cells": "5.5% is read as 0.055, and a number without the sign as it stands: is that meant?",
        "signs of several currencies": "The signs are left out and the amounts not converted: they should not be compared.",
        "basis points": "12.5 bps is read as 0.00125.",
        "digits of other scripts": "\u0661\u0662 or \uff11\uff12 is read as 12.",
        "parentheses": "Accounting notation is assumed: (300.25) is read as -300.25.",
        "trailing minus signs": "300- is read as -300.",
        "currency signs": "The sign is left out; amounts in several currencies are not converted.",
        "suffixes such as K, M or B": "12.09M is read as 12090000.",
        "thousands marks": f"The decimal mark is {decimal!r}; the marks between groups of three digits are left out.",
    }
    return [
        legacy_finding(
            "number-notation",
            Severity.WARNING if mark in _DOUBTFUL else Severity.INFO,
            f"Numbers with {mark} were translated",
            f"{explained[mark]} {_listed(where)}",
            column=where[0] if len(where) == 1 else None,
            count=len(where),
        )
        for mark, where in by_mark.items()
    ]


def say_unsure_decimal(unsure: Sequence[str], decimal: str, proved: bool) -> list[Finding]:
    """Return a finding on columns of numbers such as 1,234 or 114.984, whose mark only the other columns explain."""
    if not unsure:
        return []
    mark = "," if decimal == "." else "."
    read = "other columns prove the decimal mark" if proved else "no column proves the decimal mark"
    return [
        legacy_finding(
            "thousands-assumed",
            Severity.INFO if proved else Severity.WARNING,
            f"In {unsure[0] if len(unsure) == 1 else f'{len(unsure):,} columns'} the mark {mark!r} is read as thousands",
            f"1{mark}234 is read as 1234: {read}. Columns: {', '.join(unsure[:10])}.",
            column=unsure[0] if len(unsure) == 1 else None,
            count=len(unsure),
        )
    ]


def say_times(name: str, column: Judged, raw_example: str, lines: np.ndarray) -> list[Finding]:
    """Return what was assumed to read a column of time stamps."""
    if column.time_code:
        return [say_time_code(name, column.time_code, f"{raw_example} is read as {stamp_text(_first_time(column))}.")]
    times = column.times
    if times is None:
        return []
    findings = []
    if times.foreign_months:
        named = ", ".join(f"{month}… as {ENGLISH[month_number(month) - 1].title()}" for month in times.foreign_months)
        title = f"{name} names months in another language than English"
        findings.append(legacy_finding("month-names", Severity.INFO, title, f"Read are {named}.", name))
    if times.order is not None and times.proof == "range":
        line = int(lines[times.proving])
        title = f"{name} is read {times.order}: line {line:,} proves it"
        detail = f"Its {'first' if times.order == 'day first' else 'second'} number is above 12 there: it can only be the day."
        findings.append(legacy_finding("day-month-proved", Severity.INFO, title, detail, name, (line,)))
    if times.order is not None and times.proof in ("", "sequence", "marks"):
        month_first = times.order == "month first"
        other = "day first" if month_first else "month first"
        if times.assumed:
            title = f"Whether {name} names the day or the month first cannot be told: {times.order} is assumed"
            detail = f"{raw_example!r} is read {times.order}. No date has a number above 12 to prove it."
            remedy = Remedy(label=f"Read {name} {other}", section="ingest", field="day_first", value=month_first)
            findings.append(legacy_finding("day-month-assumed", Severity.WARNING, title, detail, name, remedy=remedy))
        else:
            why = {
                "sequence": f"Only so do the dates follow each other evenly; {other}, they would jump to and fro.",
                "marks": "Dates with points between the numbers are written so.",
            }
            title = f"{name} is read {times.order}"
            findings.append(legacy_finding("day-month-inferred", Severity.INFO, title, why[times.proof], name))
    if times.zoned:
        title = f"Time zones in {name} were turned to UTC"
        findings.append(legacy_finding("time-zones", Severity.INFO, title, column=name, count=times.zoned))
    if times.naive is not None and len(times.naive):
        findings.append(
            legacy_finding(
                "time-zone-assumed",
                Severity.WARNING,
                f"Times without a zone in {name}: {len(times.naive):,}",
                "Other rows name one. These are read as UTC.",
                name,
                first_rows(lines[times.naive]),
                len(times.naive),
            )
        )
    if times.short_years:
        years = column.values[~np.isnat(column.values)].astype("datetime64[Y]").astype(str)
        span = f"{min(years)} to {max(years)}" if min(years) < max(years) else min(years)
        title = f"{name} has years of two digits"
        findings.append(legacy_finding("two-digit-years", Severity.INFO, title, f"They are read as {span}.", name))
    if times.truncated:
        title = f"{name} is kept to the microsecond"
        findings.append(legacy_finding("time-truncated", Severity.INFO, title, "Finer digits are cut off.", name))
    return findings


def say_day_order(times: Times, lines: np.ndarray) -> str | None:
    """Return which of day and month comes first where both are numbers, and how that is known; None elsewhere."""
    if times.order is None or times.proof == "setting":
        return None
    known = {"sequence": "as only so the dates follow each other", "marks": "as always with points", "": "assumed"}
    if times.proof == "range":
        return f"{times.order}, proved by line {lines[times.proving]:,}"
    return f"{times.order}, {known[times.proof]}"


def say_time_code(name: str, code: str, detail: str) -> Finding:
    """Return the remark that numbers were read as times, with the way to keep them as numbers."""
    # Excel's day numbers are told from other numbers by the column's name alone.
    severity = Severity.WARNING if code == EXCEL else Severity.INFO
    remedy = Remedy(label=f"Keep {name} as numbers", section="ingest", field="as_numbers", value=(name,))
    return legacy_finding(
        "time-code", severity, f"The numbers in {name} are read as {code}", detail, name, remedy=remedy
    )


def stamp_text(time: np.datetime64) -> str:
    """Return a time stamp without the parts that are zero."""
    text = str(time.astype("datetime64[s]"))
    return text.removesuffix("T00:00:00").replace("T", " ")


def _first_time(column: Judged) -> np.datetime64:
    return column.values[~np.isnat(column.values)][0]


def say_columns(
    remarks: dict[str, list[Remark]], lines: np.ndarray, columns: Sequence[Column], settings: IngestSettings
) -> list[Finding]:
    """Return what is wrong with cells, columns without any value, and which codes stand for a missing value."""
    findings = say_each(
        "unparseable-cells",
        Severity.WARNING,
        "{cells} in {column} cannot be read",
        "They are missing in the table; their text is kept in the list of bad cells.",
        remarks["unparseable"],
        lines,
    )
    findings += say_each(
        "number-overflow",
        Severity.WARNING,
        "Numbers that are too large became infinite: {cells} in {column}",
        "A number above 1.8e308 has no place in a 64-bit float.",
        remarks["overflow"],
        lines,
    )
    findings += say_each(
        "digits-lost",
        Severity.WARNING,
        "Numbers have more digits than can be kept: {cells} in {column}",
        "A 64-bit float keeps about 16 digits; if these are identifiers, they are no longer exact.",
        remarks["imprecise"],
        lines,
    )
    findings += say_each(
        "mixed-column",
        Severity.WARNING,
        "Kept as text, for {cells} that cannot be read as numbers or times: {column}",
        "A column is read as numbers if 95 % of its cells are numbers, as times if 80 % are. The lines are those of the rest.",
        remarks["mixed"],
        lines,
    )
    findings += say_each(
        "leading-zeros",
        Severity.INFO,
        "Codes with leading zeros, kept as text: {column}",
        "",
        remarks["code"],
        lines,
    )
    for remark in remarks["zero"][:_MOST_EACH]:
        found = say_each(
            "zero-values",
            Severity.WARNING,
            "0 in {cells} of {column}, far below all other values",
            "A price cannot be 0, and a volume seldom is: perhaps there was no data. They count as numbers unless you decide.",
            [remark],
            lines,
        )
        remedy = Remedy(
            label=f"Take 0 as missing in {remark.column}",
            section="ingest",
            field="zero_is_missing",
            value=(remark.column,),
        )
        findings += [replace(finding, remedy=remedy) for finding in found]
    for remark in remarks["doubtful"][:_MOST_EACH]:
        found = say_each(
            "sentinel-doubtful",
            Severity.WARNING,
            f"{remark.code:g} in {{cells}} of {{column}}, its only value below 0",
            "Such a number often stands for a missing value. It counts as a number unless you decide.",
            [remark],
            lines,
        )
        remedy = Remedy(
            label=f"Take {remark.code:g} as missing", section="ingest", field="sentinels", value=remark.code
        )
        findings += [replace(finding, remedy=remedy) for finding in found]
    empty = [column.name for column in columns if column.kind == Kind.EMPTY]
    if empty:
        findings.append(
            legacy_finding(
                "empty-column",
                Severity.WARNING,
                f"{empty[0] if len(empty) == 1 else format_count(len(empty), 'column')} without any value",
                f"Empty: {', '.join(empty[:20])}{', …' if len(empty) > 20 else ''}.",
                column=empty[0] if len(empty) == 1 else None,
                count=len(empty),
            )
        )
    for code in sorted({code for column in columns for code in column.sentinels}):
        holding = [column.name for column in columns if code in column.sentinels]
        by_rule = code not in settings.sentinels and not (code == 0 and settings.zero_is_missing)
        findings.append(
            legacy_finding(
                "sentinel-code",
                Severity.INFO,
                f"{code:g} is taken for a missing value in {format_count(len(holding), 'column')}",
                f"It lies far outside of the other values and repeats. {_listed(holding)}"
                if by_rule
                else f"It is named in the settings. {_listed(holding)}",
                count=len(holding),
                remedy=Remedy(label="Take such codes as numbers", section="ingest", field="find_sentinels", value=False)
                if by_rule
                else None,
            )
        )
    return findings


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return f"Columns: {shown}{f' and {len(names) - 10:,} more' if len(names) > 10 else ''}."
