"""The rows of a data set filtered, sorted and found by line or time, a page of them read at a time."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from core.data.columns import LINE, Kind
from core.data.dataset import Dataset
from core.data.eras import Era, Eras
from core.errors.pages import NotComparable, RowNotFound

Comparison = Literal["at least", "at most", "equal to", "containing", "missing", "not missing"]
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)


@dataclass(frozen=True, kw_only=True)
class RowFilter:
    """Which rows are shown: those of a series, and those whose cell of a column compares with a text; None for all."""

    series: str | None = None
    column: str | None = None
    comparison: Comparison = "at least"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class RowOrder:
    """What rows are sorted by; table order, by series and time, without a column."""

    column: str | None = None
    descending: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class RowTable:
    """A data set with some columns hidden in the test era.

    A hidden cell is shown as missing, sorted last, and matches no comparison, so neither order nor filter reveals its value.
    """

    dataset: Dataset
    eras: Eras
    sealed: tuple[str, ...] = ()

    def choose_rows(self, only: RowFilter, order: RowOrder) -> np.ndarray:
        """Return the positions in table order of the rows to show, int64 (k,), sorted.

        Raises `NotComparable` if the text is neither a number nor a time, as the column needs.
        """
        rows = np.flatnonzero(self._matches(only))
        if order.column is None:
            return rows[::-1] if order.descending else rows
        values = self._cells(order.column).iloc[rows].reset_index(drop=True)
        ranked = values.sort_values(ascending=not order.descending, kind="stable", na_position="last")
        return rows[ranked.index.to_numpy()]

    def find_place(self, rows: np.ndarray, text: str) -> int:
        """Return the place among some rows of a line number of the file, or of the earliest row at or after a time.

        A number is a time, such as a year, only if it is no line of these rows. Raises `RowNotFound` if there is no such row.
        """
        wanted = text.strip()
        if wanted.isdecimal():
            found = np.flatnonzero(self.dataset.read([LINE])[LINE].to_numpy()[rows] == int(wanted))
            if len(found):
                return int(found[0])
        stamp = _read_time(wanted)
        times = self.dataset.read([self.dataset.time_column])[self.dataset.time_column].to_numpy("datetime64[us]")[rows]
        later = np.flatnonzero(times >= stamp) if stamp is not None else np.array([], dtype=np.int64)
        if not len(later):
            raise RowNotFound(text=text)
        return int(later[np.argmin(times[later])])

    def read_page(self, columns: list[str], rows: np.ndarray) -> pd.DataFrame:
        """Return some rows, by their positions in table order, with the line of each first; hidden cells are missing."""
        page = {name: self._cells(name).iloc[rows].reset_index(drop=True) for name in (LINE, *columns)}
        return pd.DataFrame(page).rename(columns={LINE: "line"})

    def _cells(self, name: str) -> pd.Series:
        cells = self.dataset.read([name])[name]
        return cells.mask(self._is_test()) if name in self.sealed else cells

    def _is_test(self) -> np.ndarray:
        times = self.dataset.read([self.dataset.time_column])[self.dataset.time_column].to_numpy("datetime64[us]")
        return (self.eras.label(times) == Era.TEST) & ~np.isnat(times)

    def _matches(self, only: RowFilter) -> np.ndarray:
        """Return which rows a filter shows, bool (n,)."""
        shown = np.ones(self.dataset.rows, dtype=bool)
        if only.series is not None and self.dataset.series_column is not None:
            shown &= (
                self.dataset.read([self.dataset.series_column])[self.dataset.series_column] == only.series
            ).to_numpy()
        if only.column is None or (not only.text.strip() and "missing" not in only.comparison):
            return shown
        cells = self._cells(only.column)
        if only.column in self.sealed:
            shown &= ~self._is_test()
        return shown & self._compare(cells, only)

    def _compare(self, cells: pd.Series, only: RowFilter) -> np.ndarray:
        text = only.text.strip()
        match only.comparison:
            case "missing":
                return cells.isna().to_numpy()
            case "not missing":
                return cells.notna().to_numpy()
            case "containing":
                return (
                    cells.astype(str).str.contains(text, case=False, regex=False).to_numpy() & cells.notna().to_numpy()
                )
            case _:
                value = self._read_value(only)
                compared = {"at least": cells.ge, "at most": cells.le, "equal to": cells.eq}[only.comparison](value)
                return compared.fillna(False).to_numpy(bool)

    def _read_value(self, only: RowFilter) -> object:
        """Return the text of a filter as a value of its column."""
        kind = self._kind(only.column or "")
        value: object = only.text.strip()
        if kind is Kind.TIME:
            value = _read_time(only.text)
        elif kind.is_numeric:
            try:
                value = float(only.text.replace(",", "").replace("\N{MINUS SIGN}", "-"))
            except ValueError:
                value = None
        if value is None:
            raise NotComparable(
                column=only.column or "", text=only.text, kind="a date" if kind is Kind.TIME else "a number"
            )
        return value

    def _kind(self, name: str) -> Kind:
        if name == LINE:
            return Kind.INTEGER
        return Kind.TIME if name == self.dataset.time_column else self.dataset.column(name).kind


def _read_time(text: str) -> np.datetime64 | None:
    """Return an ISO date or time, or None if the text is none."""
    try:
        return pd.Timestamp(text.strip()).tz_localize(None).to_datetime64()
    except (ValueError, TypeError):
        return None
