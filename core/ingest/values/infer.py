"""The type of a column of text, inferred from all its cells.

One stray cell does not turn numbers into text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.columns import Kind
from core.findings.ingest.cells import DayOrder, Notation
from core.findings.ingest.rows import TimeCode
from core.ingest.values.digits import western_digits
from core.ingest.values.flags import strip_flags
from core.ingest.values.intervals import interval_starts
from core.ingest.values.notation import (
    FALSE_WORDS,
    TEXT_NULL_WORDS,
    TRUE_WORDS,
    holds_decimal,
    is_date_like,
    is_null,
    is_number_like,
)
from core.ingest.values.numbers import (
    DecimalMark,
    Numbers,
    blank_nulls,
    has_leading_zeros,
    prove_decimal,
    read_formatted,
    read_plain,
)
from core.ingest.values.spill import DeferredValues, Values, is_arrow_numbers, spill
from core.ingest.values.thirty_seconds import find_32nds, read_32nds
from core.ingest.values.times import Times, read_times

_MOSTLY = 0.95
_SAMPLE = 300
_MAX_CATEGORIES = 1000
# What nanoseconds since 1970 can hold; most tools know no other dates.
_FIRST_DATE, _LAST_DATE = np.datetime64("1677-09-22"), np.datetime64("2262-04-11")


def _no_rows() -> np.ndarray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class InferredColumn:
    """A column as values of one type.

    Numbers, times and booleans are NumPy arrays, text is an Arrow array; shape (rows,).

    Row positions are int64 arrays: `unparseable` are cells that do not fit the type, `nonconforming` the cells that kept a
    column of mostly numbers or times from being one. `numbers` and `times` are how the values were read, `time_code` how
    numbers were read as times, `unit_change` the first row in which their unit is another one and `changed_example` its
    number, `is_interval` whether only the start of each interval was read, `other_digits` whether digits of other scripts were
    read. `has_leading_zeros` marks codes such as 000123, kept as text. `sentinels` are codes for missing values that are known
    before the column is searched.
    """

    kind: Kind
    data: Values | DeferredValues
    unparseable: np.ndarray = field(default_factory=_no_rows)
    nonconforming: np.ndarray = field(default_factory=_no_rows)
    numbers: Numbers | None = None
    times: Times | None = None
    has_leading_zeros: bool = False
    time_code: TimeCode | None = None
    unit_change: int | None = None
    changed_example: str = ""
    is_interval: bool = False
    other_digits: bool = False
    sentinels: tuple[float, ...] = ()

    @property
    def stored(self) -> Values:
        """The values, one per row, as they are stored: numbers may be an Arrow array.

        They are read from disk if they are there.
        """
        return self.data if isinstance(self.data, np.ndarray | pa.Array | pa.ChunkedArray) else self.data.load()

    @property
    def values(self) -> Values:
        """The values, one per row; numbers are float64 or int64."""
        stored = self.stored
        return np.asarray(stored, dtype=np.float64) if is_arrow_numbers(stored) else stored

    def spill_to(self, folder: Path | None, name: str) -> "InferredColumn":
        """Return the column with its values in a file of the folder.

        Without a folder, values stay in memory.
        """
        return self if folder is None else replace(self.without_values(), data=spill(self.stored, folder, name))

    def without_values(self) -> "InferredColumn":
        """Return the column with its values released."""
        numbers = self.numbers and self.numbers.without_values()
        times = self.times and replace(self.times, values=_no_rows())
        return replace(self, data=_no_rows(), numbers=numbers, times=times)


@dataclass(frozen=True, eq=False)
class AmbiguousColumn:
    """A column whose numbers or dates can be read in two ways; the rest of the file decides.

    `decimal` is the decimal separator that its own cells prove.
    """

    looks_like: Literal["number", "time"]
    decimal: DecimalMark | None = None


def infer_column(raw: pa.Array) -> InferredColumn | AmbiguousColumn:
    """Return the column as values of its type, or as ambiguous.

    It is ambiguous if its separators or the order of day and month have to be known.

    `raw` is text, shape (rows,), or float64 if it was parsed as numbers before.

    Examples
    --------
    >>> infer_column(pa.array(["1", "", "NA", "4"])).values.tolist()
    [1.0, nan, nan, 4.0]
    >>> infer_column(pa.array(["1,5", "2,25"])).decimal
    ','
    """
    if raw.type == pa.float64():
        return number_column(raw)
    text, plain = raw, read_plain(raw)
    if plain is None or np.isnan(plain.values).any():
        text = blank_nulls(raw)
        if text.null_count == len(text):
            return InferredColumn(kind=Kind.EMPTY, data=np.full(len(text), np.nan))
        plain = read_plain(text)
    if plain is not None:
        if plain.values.dtype != np.int64 and _may_be_grouped(text):
            return AmbiguousColumn("number")
        return _plain_column(text, plain)
    cells = _sample(text)
    dates = sum(map(is_date_like, cells))
    if _are_mostly_times(len(cells) - dates, len(cells)) or interval_starts(text) is not None:
        return AmbiguousColumn("time")
    if (booleans := _read_booleans(text)) is not None:
        return InferredColumn(kind=Kind.BOOLEAN, data=booleans)
    # Numbers in an unknown notation become text in the end, with a finding.
    marked = sum(is_number_like(cell) or holds_decimal(cell) for cell in cells)
    if marked >= 0.5 * len(cells) or find_32nds(text):
        return AmbiguousColumn("number", prove_decimal(text))
    if (western := western_digits(raw)) is not None:
        other = infer_column(western)
        if isinstance(other, AmbiguousColumn):
            return other
        if other.kind not in (Kind.TEXT, Kind.CATEGORY):
            return replace(other, other_digits=True)
    return _text_column(raw)


def number_column(data: Values | DeferredValues) -> InferredColumn:
    """Return a column that was parsed as numbers before, float64."""
    return InferredColumn(kind=Kind.NUMBER, data=data, numbers=Numbers(values=_no_rows()))


def parse_numbers(raw: pa.Array, decimal: DecimalMark) -> InferredColumn:
    """Return the column as numbers with this decimal separator, or as text.

    It is kept as text if under 95% of its cells are numbers.
    """
    return _by_western_digits(raw, partial(_parse_numbers, decimal=decimal))


def _by_western_digits(raw: pa.Array, parse: Callable[[pa.Array], InferredColumn]) -> InferredColumn:
    """Return the column parsed with digits of other scripts as 0 to 9.

    A column of text keeps its own digits.
    """
    western = western_digits(raw)
    if western is None:
        return parse(raw)
    column = parse(western)
    if column.kind in (Kind.TEXT, Kind.CATEGORY):
        return replace(_text_column(raw), nonconforming=column.nonconforming)
    return replace(column, other_digits=True)


def _parse_numbers(raw: pa.Array, decimal: DecimalMark) -> InferredColumn:
    text = blank_nulls(raw)
    if (flagged := strip_flags(text)) is not None:
        column = _parse_numbers(flagged.text, decimal)
        if column.numbers is None:
            return replace(_text_column(raw), nonconforming=column.nonconforming)
        numbers = replace(column.numbers, flagged=flagged.rows, flags=tuple(flagged.counts.items()))
        return replace(column, numbers=numbers)
    plain = read_plain(text) if decimal == "." else None
    if decimal == "," and not pc.any(pc.match_substring(text, ".")).as_py():
        plain = read_plain(pc.replace_substring(text, ",", "."))
    if plain is not None:
        return _plain_column(text, plain)
    numbers = read_formatted(text, decimal)
    numbers = replace(numbers, thirty_seconds=find_32nds(text))
    present = len(text) - text.null_count
    if len(numbers.unparseable) > (1 - _MOSTLY) * present:
        return replace(_text_column(raw), nonconforming=numbers.unparseable, numbers=numbers.without_values())
    is_whole = not pc.any(pc.match_substring_regex(text, r"[.,%a-zA-Z]")).as_py()
    kind = Kind.INTEGER if is_whole or _are_whole(text, ~np.isnan(numbers.values)) else Kind.NUMBER
    return InferredColumn(kind=kind, data=numbers.values, unparseable=numbers.unparseable, numbers=numbers)


def parse_32nds(raw: pa.Array) -> InferredColumn:
    """Return a column of prices in 32nds as decimals; other text is unparseable."""
    text = blank_nulls(raw)
    values = read_32nds(text)
    unparseable = np.flatnonzero(np.isnan(values) & ~text.is_null().to_numpy(zero_copy_only=False))
    numbers = Numbers(values=_no_rows(), unparseable=unparseable, notations=frozenset({Notation.THIRTY_SECONDS}))
    return InferredColumn(kind=Kind.NUMBER, data=values, unparseable=unparseable, numbers=numbers)


def parse_times(raw: pa.Array, day_first: bool | None, usual_order: DayOrder) -> InferredColumn:
    """Return the column as time stamps, or as text if under 80% of its cells are times.

    The limit is lower than that of numbers, because footers and repeated headers are in the time column too.

    Parameters
    ----------
    day_first
        The order of day and month that the settings give.
    usual_order
        The order to assume if no date proves one.
    """
    return _by_western_digits(raw, partial(_parse_times, day_first=day_first, usual_order=usual_order))


def _parse_times(raw: pa.Array, day_first: bool | None, usual_order: DayOrder) -> InferredColumn:
    text = blank_nulls(raw)
    starts = interval_starts(text)
    times = _without_stray_centuries(read_times(text if starts is None else starts, day_first, usual_order))
    unparseable = np.flatnonzero(np.isnat(times.values) & ~text.is_null().to_numpy(zero_copy_only=False))
    present = len(text) - text.null_count
    if not _are_mostly_times(len(unparseable), present):
        return replace(_text_column(raw), nonconforming=unparseable)
    return InferredColumn(
        kind=Kind.TIME, data=times.values, unparseable=unparseable, times=times, is_interval=starts is not None
    )


def _without_stray_centuries(times: Times) -> Times:
    """Return the times with NaT for a few dates such as 0001-01-01 or 9999-12-31, which stand for a missing date."""
    far = (times.values < _FIRST_DATE) | (times.values > _LAST_DATE)
    if not far.any() or far.sum() > (1 - _MOSTLY) * np.count_nonzero(~np.isnat(times.values)):
        return times
    return replace(times, values=np.where(far, np.datetime64("NaT", "us"), times.values))


def _are_mostly_times(failing: int, cells: int) -> bool:
    return failing <= max(1, 0.2 * cells) and failing * 2 < cells


def _plain_column(text: pa.Array, numbers: Numbers) -> InferredColumn:
    is_whole = numbers.values.dtype == np.int64 or _are_whole(text, ~np.isnan(numbers.values))
    if is_whole and has_leading_zeros(text):
        return InferredColumn(kind=_kind_of_text(text), data=text, has_leading_zeros=True)
    return InferredColumn(kind=Kind.INTEGER if is_whole else Kind.NUMBER, data=numbers.values, numbers=numbers)


def _are_whole(text: pa.Array, valid: np.ndarray) -> bool:
    """Return whether the valid cells are written as whole numbers; 5.0 is not."""
    if not valid.any():
        return False
    first = text[int(np.argmax(valid))].as_py()
    if not first.lstrip("+-").isdigit():
        return False
    whole = pc.fill_null(pc.match_substring_regex(text, "^[-+]?[0-9]+$"), False).to_numpy(zero_copy_only=False)
    return bool(whole[valid].all())


def _may_be_grouped(text: pa.Array) -> bool:
    """Return whether every cell may be a whole number with points as thousands separators."""
    shape = r"^[-+]?[1-9][0-9]{0,2}\.[0-9]{3}$"
    first = text.drop_null().slice(0, 20)
    if not pc.all(pc.match_substring_regex(first, shape)).as_py():
        return False
    return bool(pc.all(pc.match_substring_regex(text, shape)).as_py())


def _sample(text: pa.Array) -> list[str]:
    present = text.drop_null()
    positions = np.unique(np.linspace(0, len(present) - 1, num=min(_SAMPLE, len(present))).astype(np.int64))
    cells = present.take(pa.array(positions)).to_pylist()
    return [cell for cell in cells if not is_null(cell)] or cells


def _read_booleans(text: pa.Array) -> np.ndarray | None:
    lower = pc.utf8_lower(text)
    true, false = (pc.is_in(lower, value_set=pa.array(sorted(words))) for words in (TRUE_WORDS, FALSE_WORDS))
    if not pc.all(pc.or_(pc.or_(true, false), text.is_null())).as_py():
        return None
    values = true.to_numpy(zero_copy_only=False).astype(np.float64)
    values[text.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return values


def _text_column(raw: pa.Array) -> InferredColumn:
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(raw))
    missing = pc.is_in(lower, value_set=pa.array(sorted(TEXT_NULL_WORDS)))
    text = pc.if_else(missing, pa.scalar(None, pa.string()), raw)
    return InferredColumn(kind=_kind_of_text(text), data=text)


def _kind_of_text(text: pa.Array) -> Kind:
    present = len(text) - text.null_count
    distinct = pc.count_distinct(text).as_py()
    return Kind.CATEGORY if distinct <= min(_MAX_CATEGORIES, present // 2) else Kind.TEXT


def cells_at(text: pa.Array, rows: np.ndarray) -> list[str]:
    """Return the text of the cells at these positions, shape (n,), int64."""
    return list(text.take(pa.array(rows, type=pa.int64())).to_pylist())


def first_cell(text: pa.Array) -> str:
    """Return the first cell that is not missing."""
    return str(blank_nulls(text).drop_null()[0].as_py())
