"""What cleaning has to tell: rows that went, values that could not be changed or clipped, gaps that were cut."""

from collections.abc import Iterator, Mapping

import numpy as np

from core.findings.model import Finding, Remedy, Severity, legacy_finding

MOST_LINES = 10
MOST_NAMED = 5
WORTH_A_WARNING = 0.01
_BECOMES = {
    ("log",): ("log", "A value of 0 or less has none."),
    ("difference",): ("difference", "The row before has no value."),
    ("log", "difference"): ("log return", "A value of 0 or less has none, and the row after it neither."),
    ("return",): ("return", "The row before is 0 or has no value."),
}


def becomes(changes: tuple[str, ...]) -> str:
    """Return in words what a feature becomes.

    Examples
    --------
    >>> becomes(("log", "difference"))
    'log return'
    """
    return _BECOMES[changes][0]


def is_known(changes: tuple[str, ...]) -> bool:
    """Return whether a feature can become this."""
    return changes in _BECOMES


def _weigh(count: int, rows: int) -> Severity:
    return Severity.WARNING if count > WORTH_A_WARNING * rows else Severity.INFO


def find_repeated(count: int, rows: int, duplicates: str) -> Finding | None:
    """Return the finding on rows that repeat a time stamp of their series."""
    if not count:
        return None
    detail = f"Of rows with one time stamp the {duplicates} in the file stays."
    if duplicates == "mean":
        detail = "RowLayout with one time stamp are one row now, with the mean of their good values."
    title = f"Left out {count:,} of {rows:,} rows: they repeat a time stamp of their series"
    return legacy_finding("repeated-times", _weigh(count, rows), title, detail, count=count)


def find_dropped(
    incomplete: np.ndarray, holes: dict[str, np.ndarray], lines: np.ndarray, target: str | None
) -> Finding | None:
    """Return the finding on incomplete rows, which names the column that costs most of them."""
    count = int(incomplete.sum())
    if not count:
        return None
    alone = np.sum(list(holes.values()), axis=0, dtype=np.int32) == 1
    costs = {name: (int(missing.sum()), int((missing & alone).sum())) for name, missing in holes.items()}
    worst = max(costs, key=lambda name: costs[name])
    lacking, saved = costs[worst]
    remedy = None
    detail = "The target is never filled."
    if worst != target:
        remedy = Remedy(label=f"Drop '{worst}'", section="cleaning", field="drop", value=(worst,))
        detail = f"{saved:,} of them lack nothing else." if saved else "Other columns lack values in the same rows."
    return legacy_finding(
        "rows-dropped",
        _weigh(count, len(incomplete)),
        f"Dropped {count:,} of {len(incomplete):,} rows ({100 * count / len(incomplete):.3g} %) as incomplete; "
        f"'{worst}' lacks a value in {lacking:,} of them",
        detail,
        worst,
        tuple(lines[np.flatnonzero(incomplete)[:MOST_LINES]].tolist()),
        count,
        remedy,
    )


def find_undefined(
    undefined: Mapping[str, int], changes: Mapping[str, tuple[str, ...]], rows: int
) -> Iterator[Finding]:
    """Yield a finding for each changed column that has no log, difference or return in some rows, the worst first."""
    found = sorted((name for name in changes if undefined[name]), key=lambda name: (-undefined[name], name))
    for name in found[:MOST_NAMED]:
        word, why = _BECOMES[changes[name]]
        title = f"'{name}' has no {word} in {undefined[name]:,} of {rows:,} rows: they go"
        yield legacy_finding("change-undefined", _weigh(undefined[name], rows), title, why, name, count=undefined[name])
    if more := found[MOST_NAMED:]:
        title = f"{len(more):,} more columns have no log, difference or return in some rows, such as '{more[0]}'"
        yield legacy_finding(
            "change-undefined", _weigh(undefined[more[0]], rows), title, "Those rows go.", count=len(more)
        )


def find_unbounded(names: tuple[str, ...]) -> Finding | None:
    """Return the finding on columns that a robust z cannot clip."""
    if not names:
        return None
    shown = ", ".join(names[:MOST_NAMED])
    shown += f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    title = f"Not clipped by robust z: {shown}"
    detail = (
        "At least half of their train values are one value, so that any other would lie infinitely far out. "
        "A quantile can clip them."
    )
    return legacy_finding("clip-not-possible", Severity.INFO, title, detail, count=len(names))


def find_cuts(blocks: np.ndarray, series: np.ndarray, lines: np.ndarray, max_gap: int) -> Finding | None:
    """Return the finding on gaps that part the rows of a series; the lines are the first after each gap."""
    after = np.flatnonzero((np.diff(blocks) != 0) & (np.diff(series) == 0)) + 1
    if not len(after):
        return None
    step = "step" if max_gap == 1 else "steps"
    gaps = "1 gap" if len(after) == 1 else f"{len(after):,} gaps"
    title = f"Cut at {gaps} longer than {max_gap:,} usual {step}"
    detail = "No fill, lag or window reaches over one: each part needs rows of its own before its first window is full."
    return legacy_finding(
        "cut-at-gaps", Severity.INFO, title, detail, None, tuple(lines[after[:MOST_LINES]].tolist()), len(after)
    )
