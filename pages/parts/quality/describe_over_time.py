"""Sentences and tables on a series over time: gaps, repeated time stamps, missing values, and stationarity."""

import pandas as pd

from core.quality.views.calendar import Anomaly, Calendar
from core.regression.stationarity import SENTENCES, Stationarity
from core.text.format import format_count, format_p, format_time
from pages.parts.upload import describe_data

_MOST_LISTED = 200


def calendar_text(found: Calendar) -> str:
    """Return what a series lacks by its own calendar."""
    frequency = describe_data.frequency_text(found.frequency) if found.frequency else "no steady frequency"
    bars = f" ({format_count(found.missing_bars, 'missing bar')})" if found.missing_bars else ""
    sessions = ((found.holes, "hole"), (found.late, "late start"), (found.early, "early end"))
    short = [format_count(len(listed), what) for listed, what in sessions if listed]
    stops = [format_count(len(found.gaps), "gap"), *short] if found.gaps else ["no gaps", *short]
    missing = sum(run.count or 0 for run in found.missing)
    parts = [
        f"{', '.join(stops)}{bars}",
        format_count(len(found.repeated), "repeated time stamp") if found.repeated else "no repeated time stamps",
        f"{format_count(missing, 'row')} without a valid value" if missing else "no missing values",
    ]
    rests = f" {format_count(found.holidays, 'working day')} without a row count as holidays." if found.holidays else ""
    return f"{frequency[:1].upper()}{frequency[1:]}: {', '.join(parts)}.{rests}"


def spots_table(found: Calendar) -> pd.DataFrame:
    """Return one row per gap, hole, short session, repeated time stamp or stretch without values, the longest first."""
    kinds = (
        ("gap", found.gaps),
        ("hole", found.holes),
        ("late start", found.late),
        ("early end", found.early),
        ("no value", found.missing),
        ("repeated", found.repeated),
    )
    rows = [_row(kind, spot) for kind, listed in kinds for spot in listed]
    frame = pd.DataFrame(rows, columns=["kind", "from", "to", "rows or bars", "line"])
    return frame.sort_values("rows or bars", ascending=False, kind="stable").head(_MOST_LISTED)


def stationarity_text(levels: Stationarity, changes: Stationarity) -> str:
    """Return the result of ADF and KPSS on levels and on changes, a line each; markdown."""
    return "  \n".join(_line(name, found) for name, found in (("Levels", levels), ("Changes", changes)))


def _row(kind: str, spot: Anomaly) -> tuple[str, str, str, int | None, int]:
    return kind, format_time(spot.start), format_time(spot.stop), spot.count, spot.line


def _line(name: str, found: Stationarity) -> str:
    tests = f" :gray[ADF {format_p(found.adf_p_value)}, KPSS {format_p(found.kpss_p_value)}.]"
    return f"**{name}**: {SENTENCES[found.verdict]}{tests if found.adf_p_value is not None else ''}"
