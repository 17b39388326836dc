"""What the view over time says: what a series lacks, and whether it keeps its level, as sentences and tables."""

import pandas as pd

from core.quality.numerics.stretches import say_time
from core.quality.views.calendar import Anomaly, Calendar
from core.regression.stationarity import SENTENCES, Stationarity
from core.text.format import format_p
from pages.parts.upload import describe_data

_LISTED = 200


def calendar(found: Calendar) -> str:
    """Return in a sentence or two what a series lacks, by its own calendar."""
    frequency = "O" + describe_data.frequency(found.frequency)[1:] if found.frequency else "No steady frequency"
    bars = f", {found.missing_bars:,} bars missing" if found.missing_bars else ""
    parts = [f"{len(found.gaps):,} gap{_s(len(found.gaps))}{bars}" if found.gaps else "no gap"]
    parts.append(
        f"{len(found.repeated):,} repeated time stamp{_s(len(found.repeated))}"
        if found.repeated
        else "no repeated time stamp"
    )
    valueless = sum(spot.count for spot in found.missing)
    parts.append(f"{valueless:,} row{_s(valueless)} without a good value" if valueless else "a good value in every row")
    rests = (
        f" {found.holidays:,} working day{_s(found.holidays)} without a row count as holidays."
        if found.holidays
        else ""
    )
    return f"{frequency}: {', '.join(parts)}.{rests}"


def spots(found: Calendar) -> pd.DataFrame:
    """Return the gaps, the repeated stamps and the stretches without a value as a table, the longest first."""
    kinds = (("gap", found.gaps), ("no value", found.missing), ("repeated", found.repeated))
    rows = [_row(kind, spot) for kind, listed in kinds for spot in listed]
    frame = pd.DataFrame(rows, columns=["what", "from", "to", "rows or bars", "line"])
    return frame.sort_values("rows or bars", ascending=False, kind="stable").head(_LISTED)


def stationarity(levels: Stationarity, changes: Stationarity) -> str:
    """Return what ADF and KPSS say together, a sentence of the levels and one of the changes; markdown."""
    return "  \n".join(_sentence(name, found) for name, found in (("Levels", levels), ("Changes", changes)))


def _row(kind: str, spot: Anomaly) -> tuple[str, str, str, int | None, int]:
    return kind, say_time(spot.start), say_time(spot.stop), spot.count, spot.line


def _sentence(name: str, found: Stationarity) -> str:
    words = SENTENCES[found.verdict]
    tests = f" :gray[ADF {format_p(found.adf_p_value)}, KPSS {format_p(found.kpss_p_value)}.]"
    return f"**{name}**: {words}{tests if found.adf_p_value is not None else ''}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
