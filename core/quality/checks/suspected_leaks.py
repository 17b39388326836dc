"""Columns that know too much of the target's future: forward returns, centred windows, shifted lines.

A column is cleared of what the target's own past tells, by a regression on its level and recent changes. What is left is
compared with the target's later changes, summed over one to 52 rows. Honest columns explain little of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.blocks import rows_before
from core.findings.look_ahead import LookAheadEvidence
from core.recipe.model import IngestSettings

MOST_DELAY = 60
LEADS = (1, 2, 3, 5, 8, 10, 13, 21, 26, 34, 52)
# Hardly any legitimate column explains 40% of the next change, or 70% of a longer one; chance explains much of a change that is
# long against the file.
NEXT_ROW, LATER_ROWS, NEARLY_ALL = 0.4, 0.7, 0.9
_LEADS_PER_ROW, _LEADS_PER_ROW_IF_NEARLY_ALL = 1 / 20, 1 / 6
_MIRRORED = 0.8
_OWN_LAGS, _OWN_SIZES = 40, 5
_FEWEST, _MOST_BAD = 100, 0.5
_CLIP = 6.0
# Columns are screened in batches; a share below this is no evidence of any kind.
_AT_ONCE, _WORTH_CHECKING, _SCREEN_CLIP = 50, 0.3, 8.0
_MAD_TO_STD = 1.4826
# A price one row ahead: as close to the target as its next change is, and the target then moves all the way to it.
_NEAR, _SLOPES, _SLOPE_SHARE, _SLOPE_T = 1.5, (0.7, 1.3), 0.08, 6.0


@dataclass(frozen=True, kw_only=True)
class SuspectedLeak:
    """A column that is suspected to hold later values of the target.

    `share` is how much of the variance of the target's change over the next `lead` rows it explains beyond the target's own past.
    With a publication delay of `delay` rows it is no longer suspected.
    """

    column: str
    evidence: LookAheadEvidence
    lead: int
    share: float
    delay: int


def find_suspected_leaks(
    aligned: pd.DataFrame, target: str, starts: np.ndarray, exempt: frozenset[str] = frozenset()
) -> tuple[SuspectedLeak, ...]:
    """Find the columns that explain more of the target's future than a legitimate column could.

    Parameters
    ----------
    aligned
        Consecutive train rows by column, float64, in order.
    target
        The column of the target.
    starts
        bool (rows,): the first row of each series.
    exempt
        Columns that may honestly know the next row, such as the close if the target is the open.
    """
    starts = starts.copy()
    starts[:1] = True
    future = _Future.of(aligned[target].to_numpy(np.float64), starts)
    if future is None:
        return ()
    names = aligned.columns.drop([target, *exempt])
    found = []
    for begin in range(0, len(names), _AT_ONCE):
        batch = names[begin : begin + _AT_ONCE]
        values = np.ascontiguousarray(aligned[batch].to_numpy(np.float64).T)
        found += [future.suspect(str(batch[place]), values[place]) for place in np.flatnonzero(future.may_leak(values))]
    return tuple(leak for leak in found if leak is not None)


def open_suspicions(leaks: Sequence[SuspectedLeak], settings: IngestSettings) -> tuple[SuspectedLeak, ...]:
    """Return the suspicions that neither a publication delay nor the user's word has answered."""
    delays = settings.availability_lag
    return tuple(
        leak
        for leak in leaks
        if leak.column not in settings.known_at_origin and delays.get(leak.column, 0) < leak.delay
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Future:
    """The target's later changes, cleared of its own past.

    `rows`, int64 (n,), are the rows with a complete past and future; `past`, float64 (n, p), an orthonormal basis of the past;
    `sums`, float64 (n, leads), the changes over each lead and `sizes` the sums of their absolute values, both cleared of the
    past; `changes` and `level`, float64 (rows,), those of all rows.
    """

    rows: np.ndarray
    leads: tuple[int, ...]
    past: np.ndarray
    sums: np.ndarray
    sizes: np.ndarray
    changes: np.ndarray
    level: np.ndarray
    is_log: bool
    starts: np.ndarray

    @classmethod
    def of(cls, target: np.ndarray, starts: np.ndarray) -> "_Future | None":
        """Return the future of a target, or None if it has too few rows."""
        count = len(target)
        if count < _FEWEST:
            return None
        is_log = bool((target[np.isfinite(target)] > 0).all())
        level = np.log(target) if is_log else target
        blocks = np.cumsum(starts)
        place, to_come = rows_before(blocks), rows_before(blocks[::-1])[::-1]
        changes = np.where(place > 0, np.diff(level, prepend=np.nan), np.nan)
        # The level of a target that returns to its mean within a row, such as a return, is what it does next.
        if np.nanvar(changes) > np.nanvar(level):
            is_log, level, changes = False, target, target.copy()
        changes = _clip(changes)
        leads = tuple(lead for lead in LEADS if lead <= count * _LEADS_PER_ROW_IF_NEARLY_ALL)
        own = min(_OWN_LAGS, count // 12)
        rows = np.flatnonzero((place >= own) & (to_come >= leads[-1]) & np.isfinite(level))
        if len(rows) < _FEWEST:
            return None
        moves = np.nan_to_num(changes)
        past = [np.ones(len(rows)), level[rows], np.linspace(0, 1, len(rows))]
        past += [moves[rows - lag] for lag in range(own)]
        past += [np.abs(moves[rows - lag]) for lag in range(min(own, _OWN_SIZES))]
        size = np.cumsum(np.abs(moves))
        past += [size[rows] - size[np.maximum(rows - own, 0)]]
        basis, _ = np.linalg.qr(np.column_stack(past))
        total = np.cumsum(moves)
        sums, sizes = (
            np.column_stack([running[rows + lead] - running[rows] for lead in leads]) for running in (total, size)
        )
        return cls(
            rows=rows,
            leads=leads,
            past=basis,
            sums=_clear(sums, basis),
            sizes=_clear(sizes, basis),
            changes=moves,
            level=level,
            is_log=is_log,
            starts=starts,
        )

    def may_leak(self, values: np.ndarray) -> np.ndarray:
        """Return which columns, float64 (columns, rows), may leak, bool (columns,): all others are cleared at once.

        Outliers are clipped by the mean size of a column, which is faster than by its median; `suspect` decides.
        """
        level = self._levels(values)
        change = np.diff(level, axis=1, prepend=np.nan)
        change[:, self.starts] = np.nan
        forms = [level, change, values / np.exp(self.level)] if self.is_log else [level, change]
        ahead = np.hstack([self.sums, self.sizes])
        power = np.sum(ahead**2, axis=0)
        most = np.zeros(len(values))
        for form in forms:
            held, good = _fill_with_mean(form[:, self.rows])
            rest = held - (held @ self.past) @ self.past.T
            rest *= good
            reach = _SCREEN_CLIP * np.mean(np.abs(rest), axis=1, keepdims=True)
            np.clip(rest, -reach, reach, out=rest)
            size = np.einsum("cn,cn->c", rest, rest)[:, None] * power
            shares = np.divide((rest @ ahead) ** 2, size, out=np.zeros(size.shape), where=size > 0)
            most = np.maximum(most, shares.max(axis=1))
        apart, _ = _fill_with_mean(level[:, self.rows] - self.level[self.rows])
        is_near = apart.var(axis=1) <= 2 * _NEAR**2 * np.var(self.changes[self.rows + 1])
        return np.asarray((most > _WORTH_CHECKING) | is_near)

    def _levels(self, values: np.ndarray) -> np.ndarray:
        """Return columns, float64 (columns, rows), in logs if the target is, and they are positive."""
        if not self.is_log:
            return values
        positive = np.where(np.isfinite(values), values, 1.0).min(axis=1, keepdims=True) > 0
        return np.where(positive, np.log(np.where(values > 0, values, np.nan)), values)

    def suspect(self, name: str, values: np.ndarray) -> SuspectedLeak | None:
        """Return the strongest evidence against a column, with the delay that clears it, or None."""
        leak = self._find(name, values)
        if leak is None:
            return None
        place = rows_before(np.cumsum(self.starts))
        delay = leak.lead
        while delay < MOST_DELAY:
            delayed = np.where(place >= delay, np.roll(values, delay), np.nan)
            if self._find(name, delayed) is None:
                break
            delay += 1
        return replace(leak, delay=delay)

    def _find(self, name: str, values: np.ndarray) -> SuspectedLeak | None:
        bad = ~np.isfinite(values[self.rows])
        if bad.mean() > _MOST_BAD:
            return None
        level = self._levels(values[None])[0]
        if (leak := self._next_price(name, level, bad)) is not None:
            return leak
        forms = [level, np.where(self.starts, np.nan, np.diff(level, prepend=np.nan))]
        if self.is_log and not (values[np.isfinite(values)] > 0).all():
            # An oscillator in the target's unit grows with its level.
            forms.append(values / np.exp(self.level))
        found = [leak for form in forms for leak in self._weigh(name, form)]
        return max(found, key=lambda leak: leak.share, default=None)

    def _unexplained(self, form: np.ndarray) -> np.ndarray | None:
        """Return what the target's past does not explain of a column, float64 (n,), or None if it explains all."""
        held = form[self.rows]
        bad = ~np.isfinite(held)
        if bad.all():
            return None
        held = np.where(bad, np.mean(held[~bad]), held)
        rest = _clear(held, self.past)
        if rest @ rest <= 1e-10 * np.sum((held - held.mean()) ** 2) or rest @ rest == 0:
            return None
        rest[bad] = 0.0
        return _clip(rest)

    def _weigh(self, name: str, form: np.ndarray) -> Iterator[SuspectedLeak]:
        """Yield what a column explains too much of: the later changes, or their sizes."""
        rest = self._unexplained(form)
        if rest is None:
            return
        for ahead, are_sizes in ((self.sums, False), (self.sizes, True)):
            power = np.sum(ahead**2, axis=0) * (rest @ rest)
            shares = np.divide((rest @ ahead) ** 2, power, out=np.zeros(len(power)), where=power > 0)
            for place in np.argsort(-shares):
                lead, share = self.leads[place], float(shares[place])
                evidence = self._evidence(lead, share, form, are_sizes=are_sizes)
                if evidence is not None:
                    yield SuspectedLeak(column=name, evidence=evidence, lead=lead, share=share, delay=lead)
                    break

    def _evidence(self, lead: int, share: float, form: np.ndarray, *, are_sizes: bool) -> LookAheadEvidence | None:
        """Return what a share shows, if anything; the size of the next change is honestly forecast far better than its sign."""
        if lead == 1:
            return "next row" if share > NEXT_ROW and not are_sizes else None
        is_short = lead <= max(1, len(self.rows) * _LEADS_PER_ROW)
        if share > (LATER_ROWS if is_short else NEARLY_ALL):
            return "later rows"
        is_centred = is_short and share > NEXT_ROW and not are_sizes and self._is_mirrored(form, lead)
        return "both sides" if is_centred else None

    def _is_mirrored(self, form: np.ndarray, lead: int) -> bool:
        """Return whether a column weighs the changes before and after a row alike, with opposite signs: a centred window."""
        held = form[self.rows]
        good = np.isfinite(held)
        held, rows = held[good] - held[good].mean(), self.rows[good]
        steps = np.arange(1, lead + 1)
        after = np.array([held @ self.changes[rows + step] for step in steps])
        before = np.array([held @ self.changes[np.maximum(rows + 1 - step, 0)] for step in steps])
        sizes = float(after @ after), float(before @ before)
        if min(sizes) <= 0 or not 0.4 < sizes[0] / sizes[1] < 2.5:
            return False
        return bool(-(after @ before) / np.sqrt(sizes[0] * sizes[1]) > _MIRRORED)

    def _next_price(self, name: str, level: np.ndarray, bad: np.ndarray) -> SuspectedLeak | None:
        """Return a leak if a column is the target's price one row later, such as the next open."""
        apart = (level - self.level)[self.rows][~bad]
        following = self.changes[self.rows + 1][~bad]
        if len(apart) < _FEWEST:
            return None
        x, y = apart - apart.mean(), following - following.mean()
        spread, moves = float(x @ x), float(y @ y)
        if spread <= 0 or moves <= 0 or spread > _NEAR**2 * moves:
            return None
        slope = float(x @ y) / spread
        share = slope**2 * spread / moves
        t = np.sqrt(share * len(x) / max(1e-12, 1 - share))
        if _SLOPES[0] < slope < _SLOPES[1] and share > _SLOPE_SHARE and t > _SLOPE_T:
            return SuspectedLeak(column=name, evidence="next price", lead=1, share=share, delay=1)
        return None


def _clear(values: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return values - basis @ (basis.T @ values)


def _fill_with_mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return columns, float64 (columns, n), with bad cells replaced by the column's mean, and which cells are good."""
    good = np.isfinite(values)
    if good.all():
        return values, good
    mean = np.where(good, values, 0.0).sum(axis=1, keepdims=True) / np.maximum(good.sum(axis=1, keepdims=True), 1)
    return np.where(good, values, mean), good


def _clip(values: np.ndarray) -> np.ndarray:
    """Return values clipped at six robust standard deviations, so that no single day decides."""
    known = values[np.isfinite(values)]
    middle = np.median(known)
    reach = _CLIP * _MAD_TO_STD * np.median(np.abs(known - middle))
    return np.clip(values, middle - reach, middle + reach) if reach > 0 else values
