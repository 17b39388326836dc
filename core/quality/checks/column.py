"""What is wrong with one column, as findings with numbers, places in the file and remedies."""

from dataclasses import replace

import numpy as np

from core.data.columns import Kind, Roles
from core.data.eras import Eras
from core.findings.limit import BAD_RATIO
from core.findings.model import Finding, Severity, drop_column, legacy_finding
from core.quality.column.profile import ColumnProfile, FaultLocations
from core.text.format import format_count

_MOST_GAPS = 0.5
_MIN_STAMPS, _MIN_STAMPS_SHARE = 5, 0.01
_CLASSES = 5


def find_faults(
    column: ColumnProfile, evidence: FaultLocations, roles: Roles, eras: Eras, stamps: int
) -> tuple[Finding, ...]:
    """Return what is wrong with a feature or the target; `stamps` is the number of distinct times in the data."""
    if column.name in (roles.time, roles.series):
        return ()
    is_target = column.name == roles.target
    silent = _dead_feed(column, evidence, eras, stamps), _late_start(column, evidence, stamps)
    found = (
        _target_missing(column, evidence) if is_target else None,
        _target_drifts(column) if is_target else None,
        _target_few_values(column) if is_target else None,
        _text_column(column),
        # Where a feature begins late or has died, that tells its bad values too.
        None if any(silent) and not is_target else _many_bad_values(column, evidence),
        _constant_column(column),
        _identifier_like(column),
        *silent,
        _sentinel_values(column, evidence),
        _infinite_values(column, evidence),
        _stale_run(column, evidence),
    )
    # The target cannot be dropped; what spoils it spoils everything.
    return tuple(_for_target(finding) if is_target else finding for finding in found if finding is not None)


_SPOILING = ("many-bad-values", "constant-column")


def _for_target(finding: Finding) -> Finding:
    severity = Severity.PROBLEM if finding.code in _SPOILING else finding.severity
    return replace(finding, severity=severity, remedy=None)


def _share(ratio: float) -> str:
    return f"{100 * ratio:.3g} %"


def _date(stamp: str) -> str:
    return stamp[:10] if stamp.endswith("T00:00:00.000000") else stamp[:19].replace("T", " ")


def _the_target(column: ColumnProfile) -> str:
    return "The target" if column.name.casefold() == "target" else f"The target {column.name}"


def _target_missing(column: ColumnProfile, evidence: FaultLocations) -> Finding | None:
    bad = column.all.missing + column.all.infinite + column.all.sentinel
    if not bad:
        return None
    severity = Severity.PROBLEM if column.all.bad_ratio > BAD_RATIO else Severity.WARNING
    title = f"{_the_target(column)} has no value in {format_count(bad, 'row')}"
    detail = f"{_share(column.all.bad_ratio)} of the rows. The target is never filled: they are left out."
    return legacy_finding("target-missing", severity, title, detail, column.name, evidence.bad_lines, bad)


def _target_drifts(column: ColumnProfile) -> Finding | None:
    if not column.drifts:
        return None
    habit = "log return" if column.price_like else "difference"
    title = f"{_the_target(column)} drifts"
    detail = (
        f"Neighbouring values correlate with {column.train.autocorrelation:.3f} in the train era: a forecast of the level looks "
        f"good by repeating the last value. Left open, the {habit} is predicted instead."
    )
    return legacy_finding("target-drifts", Severity.INFO, title, detail, column.name)


def _target_few_values(column: ColumnProfile) -> Finding | None:
    train = column.train
    if not column.kind.is_numeric or not 2 <= train.distinct <= _CLASSES:
        return None
    title = f"{_the_target(column)} takes {train.distinct} values only"
    detail = (
        f"They lie between {train.min:.6g} and {train.max:.6g}: classes, such as up and down, not a quantity. What is "
        "forecast is a number between them, to be read as a leaning."
    )
    return legacy_finding("target-few-values", Severity.WARNING, title, detail, column.name)


def _text_column(column: ColumnProfile) -> Finding | None:
    if column.kind.is_numeric or column.kind == Kind.EMPTY:
        return None
    what = "dates" if column.kind == Kind.TIME else "text"
    title = f"{column.name} holds {what}"
    return legacy_finding(
        "text-column", Severity.INFO, title, "Models use numbers only; the column is left out.", column.name
    )


def _many_bad_values(column: ColumnProfile, evidence: FaultLocations) -> Finding | None:
    train = column.train
    if train.bad_ratio <= BAD_RATIO:
        return None
    bad = train.missing + train.infinite + train.sentinel
    detail = (
        f"{train.missing:,} missing or unreadable, {train.infinite:,} infinite and {train.sentinel:,} sentinel codes "
        f"in {train.rows:,} train rows."
    )
    return legacy_finding(
        "many-bad-values",
        Severity.WARNING,
        f"{column.name} is bad in {_share(train.bad_ratio)} of the train rows",
        detail,
        column.name,
        evidence.bad_lines,
        bad,
        drop_column(column.name),
    )


def _constant_column(column: ColumnProfile) -> Finding | None:
    if not column.constant:
        return None
    value = "" if column.train.mean is None else f": {column.train.mean:.6g}"
    detail = (
        f"Every good value of its {column.train.rows:,} train rows is the same{value}. Nothing can be learned from it."
    )
    return legacy_finding(
        "constant-column",
        Severity.WARNING,
        f"{column.name} does not vary in the train era",
        detail,
        column.name,
        remedy=drop_column(column.name),
    )


def _identifier_like(column: ColumnProfile) -> Finding | None:
    if not column.identifier_like:
        return None
    how = "texts" if not column.kind.is_numeric else "whole numbers that are counted up or drawn without order"
    detail = f"{_share(column.train.unique_ratio)} of its good train values are distinct {how}."
    title = f"{column.name} looks like an identifier"
    return legacy_finding(
        "identifier-like", Severity.WARNING, title, detail, column.name, remedy=drop_column(column.name)
    )


def _dead_feed(column: ColumnProfile, evidence: FaultLocations, eras: Eras, stamps: int) -> Finding | None:
    if not is_long(evidence.stamps_after, stamps) or evidence.gap_ratio > _MOST_GAPS:
        return None
    sealed = np.datetime64(evidence.last_good) < np.datetime64(eras.test_from)
    detail = (
        f"None in the last {evidence.stamps_after:,} of {stamps:,} time stamps; {_share(evidence.gap_ratio)} of the rows before "
        f"are bad.{' The test era has none of its values.' if sealed else ''}{_say_much(column)}"
    )
    title = f"{column.name} has no good value after {_date(evidence.last_good)}"
    severity = Severity.PROBLEM if sealed else Severity.WARNING
    count = evidence.stamps_after
    return legacy_finding("dead-feed", severity, title, detail, column.name, (), count, drop_column(column.name))


def _late_start(column: ColumnProfile, evidence: FaultLocations, stamps: int) -> Finding | None:
    if not is_long(evidence.stamps_before, stamps) or evidence.gap_ratio > _MOST_GAPS:
        return None
    detail = (
        f"None in the first {evidence.stamps_before:,} of {stamps:,} time stamps; rows without a value cannot be used."
        f"{_say_much(column)}"
    )
    title = f"{column.name} has no good value before {_date(evidence.first_good)}"
    severity = Severity.WARNING if column.train.bad_ratio > BAD_RATIO else Severity.INFO
    count = evidence.stamps_before
    return legacy_finding(
        "late-start", severity, title, detail, column.name, evidence.bad_lines, count, drop_column(column.name)
    )


def _say_much(column: ColumnProfile) -> str:
    share = column.train.bad_ratio
    return f" {_share(share)} of the train rows are bad." if share > BAD_RATIO else ""


def is_long(outside: int, stamps: int) -> bool:
    """Return whether a feed that is silent for so many of all time stamps counts as dead, or as begun late."""
    return outside >= max(_MIN_STAMPS, _MIN_STAMPS_SHARE * stamps)


def _sentinel_values(column: ColumnProfile, evidence: FaultLocations) -> Finding | None:
    count = column.all.sentinel
    if not count:
        return None
    title = f"{column.name} holds codes that stand for a missing value"
    detail = f"{format_count(count, 'cell')}, {_share(count / column.all.rows)} of the rows, counted as bad and never learned from."
    return legacy_finding(
        "sentinel-values", Severity.WARNING, title, detail, column.name, evidence.sentinel_lines, count
    )


def _infinite_values(column: ColumnProfile, evidence: FaultLocations) -> Finding | None:
    count = column.all.infinite
    if not count:
        return None
    title = f"{column.name} holds infinite values"
    detail = f"{format_count(count, 'cell')}, {_share(count / column.all.rows)} of the rows, counted as bad and never learned from."
    return legacy_finding(
        "infinite-values", Severity.WARNING, title, detail, column.name, evidence.infinite_lines, count
    )


def _stale_run(column: ColumnProfile, evidence: FaultLocations) -> Finding | None:
    run = evidence.stale_run
    if run is None:
        return None
    title = f"{column.name} repeats {run.value:.6g} for {run.length:,} rows"
    detail = f"From {_date(run.since)} on, longer than chance explains for this column: the feed may have stood still."
    return legacy_finding("stale-run", Severity.WARNING, title, detail, column.name, run.lines, run.length)
