"""What a column of text is: judged as a whole, so that one stray cell does not turn numbers into text."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import Kind
from core.ingest.values.digits import western_digits
from core.ingest.values.notation import (
    FALSE_WORDS,
    TEXT_NULL_WORDS,
    TRUE_WORDS,
    holds_decimal,
    is_date_like,
    is_null,
    is_number_like,
)
from core.ingest.values.numbers import DecimalMark, Numbers, blank_nulls, is_code, read_marked, read_plain, vote_decimal
from core.ingest.values.spill import Values, Waiting, is_arrow_numbers, keep
from core.ingest.values.times import Order, Times, read_times

MOSTLY = 0.95
_SAMPLE = 300
_MAX_CATEGORIES = 1000


def _nowhere() -> np.ndarray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """A column as values of one kind. Numbers are NumPy arrays, text is an Arrow array.

    `unparseable` are the positions of cells that do not fit the kind, `strangers` those of the cells that kept a
    column of mostly numbers or dates from being one. `numbers` and `times` tell how the values were read. `codes` stand
    for a missing value, as is known before the column itself is looked at. `time_code` names how whole
    numbers were read as times, `other_digits` is whether digits of other scripts were read.
    """

    kind: Kind
    held: Values | Waiting
    unparseable: np.ndarray = field(default_factory=_nowhere)
    strangers: np.ndarray = field(default_factory=_nowhere)
    numbers: Numbers | None = None
    times: Times | None = None
    is_code: bool = False
    time_code: str = ""
    other_digits: bool = False
    codes: tuple[float, ...] = ()

    @property
    def cells(self) -> Values:
        """The values, a row each, as they are held: numbers may be an Arrow array too. Read from disk where they wait there."""
        return self.held if isinstance(self.held, np.ndarray | pa.Array | pa.ChunkedArray) else self.held.load()

    @property
    def values(self) -> Values:
        """The values, a row each."""
        cells = self.cells
        return np.asarray(cells, dtype=np.float64) if is_arrow_numbers(cells) else cells

    def put_down(self, folder: Path | None, name: str) -> "Judged":
        """Return the same column with its values in a file of the folder, or, without one, as it is."""
        return self if folder is None else replace(self.put_aside(), held=keep(self.cells, folder, name))

    def put_aside(self) -> "Judged":
        """Return what is known of the column, without its values."""
        numbers = self.numbers and replace(self.numbers, values=_nowhere())
        times = self.times and replace(self.times, values=_nowhere())
        return replace(self, held=_nowhere(), numbers=numbers, times=times)


@dataclass(frozen=True, eq=False)
class Unsettled:
    """A column whose numbers or dates can be read in two ways; the rest of the file decides.

    `looks` is "number" or "time"; `vote` is the decimal mark that its own cells prove.
    """

    looks: str
    vote: DecimalMark | None = None


def judge_column(raw: pa.Array) -> Judged | Unsettled:
    """Return the column as values of its kind, or as unsettled where marks of numbers or the order of dates matter.

    A column that was read as numbers already is one of numbers.

    Examples
    --------
    >>> judge_column(pa.array(["1", "", "NA", "4"])).values.tolist()
    [1.0, nan, nan, 4.0]
    >>> judge_column(pa.array(["1,5", "2,25"])).vote
    ','
    """
    if raw.type == pa.float64():
        return judge_numbers(raw)
    text, plain = raw, read_plain(raw)
    if plain is None or np.isnan(plain.values).any():
        text = blank_nulls(raw)
        if text.null_count == len(text):
            return Judged(kind=Kind.EMPTY, held=np.full(len(text), np.nan))
        plain = read_plain(text)
    if plain is not None:
        if plain.values.dtype != np.int64 and _may_be_grouped(text):
            return Unsettled("number")
        return _judge_plain(text, plain)
    cells = _sample(text)
    dates = sum(map(is_date_like, cells))
    if _are_mostly_times(len(cells) - dates, len(cells)):
        return Unsettled("time")
    if (truth := _read_truth(text)) is not None:
        return Judged(kind=Kind.BOOLEAN, held=truth)
    # What holds numbers in a notation that nobody knows becomes text in the end, which is told.
    if sum(is_number_like(cell) or holds_decimal(cell) for cell in cells) >= 0.5 * len(cells):
        return Unsettled("number", vote_decimal(text))
    if (western := western_digits(raw)) is not None:
        other = judge_column(western)
        if isinstance(other, Unsettled):
            return other
        if other.kind not in (Kind.TEXT, Kind.CATEGORY):
            return replace(other, other_digits=True)
    return _judge_text(raw)


def judge_numbers(held: Values | Waiting) -> Judged:
    """Return a column that was read as numbers already."""
    return Judged(kind=Kind.NUMBER, held=held, numbers=Numbers(values=_nowhere()))


def settle_number(raw: pa.Array, decimal: DecimalMark) -> Judged:
    """Return the column as numbers with this decimal mark, or as text where fewer than 95 % of its cells are numbers."""
    return _by_western_digits(raw, partial(_settle_number, decimal=decimal))


def _by_western_digits(raw: pa.Array, judge: Callable[[pa.Array], Judged]) -> Judged:
    """Return a column as it is judged with the digits 0 to 9 in place of its own; text keeps those that it has."""
    western = western_digits(raw)
    if western is None:
        return judge(raw)
    judged = judge(western)
    if judged.kind in (Kind.TEXT, Kind.CATEGORY):
        return replace(_judge_text(raw), strangers=judged.strangers)
    return replace(judged, other_digits=True)


def _settle_number(raw: pa.Array, decimal: DecimalMark) -> Judged:
    text = blank_nulls(raw)
    plain = read_plain(text) if decimal == "." else None
    if decimal == "," and not pc.any(pc.match_substring(text, ".")).as_py():
        plain = read_plain(pc.replace_substring(text, ",", "."))
    if plain is not None:
        return _judge_plain(text, plain)
    numbers = read_marked(text, decimal)
    present = len(text) - text.null_count
    if len(numbers.unparseable) > (1 - MOSTLY) * present:
        return replace(_judge_text(raw), strangers=numbers.unparseable)
    good = ~np.isnan(numbers.values)
    if not pc.any(pc.match_substring_regex(text, r"[.,%a-zA-Z]")).as_py() or _all_whole(text, good):
        return Judged(kind=Kind.INTEGER, held=numbers.values, unparseable=numbers.unparseable, numbers=numbers)
    return Judged(kind=Kind.NUMBER, held=numbers.values, unparseable=numbers.unparseable, numbers=numbers)


def settle_time(raw: pa.Array, day_first: bool | None, usual_order: Order) -> Judged:
    """Return the column as time stamps, or as text where fewer than 80 % of its cells are times.

    More is forgiven than in numbers: footers and repeated headers stand in the time column too.
    """
    return _by_western_digits(raw, partial(_settle_time, day_first=day_first, usual_order=usual_order))


def _settle_time(raw: pa.Array, day_first: bool | None, usual_order: Order) -> Judged:
    text = blank_nulls(raw)
    times = read_times(text, day_first, usual_order)
    unparseable = np.flatnonzero(np.isnat(times.values) & ~text.is_null().to_numpy(zero_copy_only=False))
    present = len(text) - text.null_count
    if not _are_mostly_times(len(unparseable), present):
        return replace(_judge_text(raw), strangers=unparseable)
    return Judged(kind=Kind.TIME, held=times.values, unparseable=unparseable, times=times)


def is_plain_number(column: Judged | Unsettled) -> bool:
    """Return whether the column is settled as numbers."""
    return isinstance(column, Judged) and column.kind in (Kind.NUMBER, Kind.INTEGER)


def _are_mostly_times(failing: int, cells: int) -> bool:
    return failing <= max(1, 0.2 * cells) and failing * 2 < cells


def _judge_plain(text: pa.Array, numbers: Numbers) -> Judged:
    whole = numbers.values.dtype == np.int64 or _all_whole(text, ~np.isnan(numbers.values))
    if whole and is_code(text):
        return Judged(kind=_kind_of_text(text), held=text, is_code=True)
    return Judged(kind=Kind.INTEGER if whole else Kind.NUMBER, held=numbers.values, numbers=numbers)


def _all_whole(text: pa.Array, good: np.ndarray) -> bool:
    """Return whether the good cells are written as whole numbers; 5.0 is not."""
    if not good.any():
        return False
    first = text[int(np.argmax(good))].as_py()
    if not first.lstrip("+-").isdigit():
        return False
    whole = pc.fill_null(pc.match_substring_regex(text, "^[-+]?[0-9]+$"), False).to_numpy(zero_copy_only=False)
    return bool(whole[good].all())


def _may_be_grouped(text: pa.Array) -> bool:
    """Return whether every cell could be a whole number with points as thousands marks, such as 114.984."""
    shape = r"^[-+]?[1-9][0-9]{0,2}\.[0-9]{3}$"
    first = text.drop_null().slice(0, 20)
    if not pc.all(pc.match_substring_regex(first, shape)).as_py():
        return False
    return bool(pc.all(pc.match_substring_regex(text, shape)).as_py())


def _sample(text: pa.Array) -> list[str]:
    present = text.drop_null()
    places = np.unique(np.linspace(0, len(present) - 1, num=min(_SAMPLE, len(present))).astype(np.int64))
    cells = present.take(pa.array(places)).to_pylist()
    return [cell for cell in cells if not is_null(cell)] or cells


def _read_truth(text: pa.Array) -> np.ndarray | None:
    lower = pc.utf8_lower(text)
    true, false = (pc.is_in(lower, value_set=pa.array(sorted(words))) for words in (TRUE_WORDS, FALSE_WORDS))
    if not pc.all(pc.or_(pc.or_(true, false), text.is_null())).as_py():
        return None
    values = true.to_numpy(zero_copy_only=False).astype(np.float64)
    values[text.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return values


def _judge_text(raw: pa.Array) -> Judged:
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(raw))
    missing = pc.is_in(lower, value_set=pa.array(sorted(TEXT_NULL_WORDS)))
    text = pc.if_else(missing, pa.scalar(None, pa.string()), raw)
    return Judged(kind=_kind_of_text(text), held=text)


def _kind_of_text(text: pa.Array) -> Kind:
    present = len(text) - text.null_count
    distinct = pc.count_distinct(text).as_py()
    return Kind.CATEGORY if distinct <= min(_MAX_CATEGORIES, present // 2) else Kind.TEXT


def cells_at(text: pa.Array, places: np.ndarray) -> list[str]:
    """Return the text of the cells at these positions."""
    return text.take(pa.array(places, type=pa.int64())).to_pylist()


def first_cell(text: pa.Array) -> str:
    """Return the first cell that is not missing."""
    return blank_nulls(text).drop_null()[0].as_py()
