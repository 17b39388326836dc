"""Small tables, their eras, and cleaning in one call."""

import numpy as np
import pandas as pd

from core.cleaning.fitted import CleanFrame
from core.cleaning.transform import apply_cleaning, fit_cleaning
from core.data.columns import LINE, Roles
from core.data.eras import Eras
from core.findings.model import Finding
from core.recipe.model import CleaningSettings

NAN = np.nan
ALONE = Roles(time="date", series=None, target="close")
PANEL = Roles(time="date", series="ticker", target="close")


def days(count: int) -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=count).as_unit("us")


def cut_at(train: int, rows: int) -> Eras:
    stamps = [str(day) for day in days(rows)]
    return Eras(
        start=stamps[0],
        validation_from=stamps[train],
        test_from=stamps[train + 1],
        end=stamps[-1],
        embargo=0,
        rows=(train, 1, rows - train - 1),
    )


def table(vix: list[float], close: list[float] | None = None) -> pd.DataFrame:
    rows = len(vix)
    return pd.DataFrame(
        {
            "date": days(rows),
            "close": np.arange(100.0, 100 + rows) if close is None else close,
            "vix": vix,
            LINE: np.arange(2, rows + 2),
        }
    )


def clean(
    frame: pd.DataFrame,
    roles: Roles = ALONE,
    kept: tuple[str, ...] = ("vix",),
    train: int | None = None,
    sentinels: dict[str, tuple[float, ...]] | None = None,
    **fields: object,
) -> CleanFrame:
    stamps = len(frame["date"].unique())
    eras = cut_at(stamps - 2 if train is None else train, stamps)
    return apply_cleaning(frame, fit_cleaning(frame, roles, kept, CleaningSettings(**fields), eras, sentinels or {}))


def finding(found: CleanFrame, code: str) -> Finding | None:
    return next((one for one in found.findings if one.code == code), None)
