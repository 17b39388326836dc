"""Which columns go and why, decided from the statistics of the train era alone: no row is read."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.cleaning.plan_findings import advise
from core.cleaning.reasons import give_reasons
from core.cleaning.thresholds import ColumnMeasures, judge, measure_columns
from core.errors.model import RecipeError
from core.findings.model import Finding, worst_first
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings, stops_of

MOST_NEXT = 5
THRESHOLDS = (
    "max_bad_ratio",
    "min_relative_variance",
    "max_unique_ratio",
    "max_top_share",
    "max_stale_ratio",
    "max_correlation",
)


@dataclass(frozen=True, kw_only=True)
class ColumnDecision:
    """Whether a feature column stays, and why.

    `reasons` are plain sentences with the number and the threshold. `overridden` says that a choice by hand differs from
    what the thresholds alone would decide.
    """

    name: str
    decision: Literal["keep", "drop"]
    reasons: tuple[str, ...]
    overridden: bool


@dataclass(frozen=True)
class CleaningPlan:
    """A decision for each feature column, in the order of the file; time, series and target are no features."""

    columns: tuple[ColumnDecision, ...]
    findings: tuple[Finding, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the columns that stay."""
        return tuple(column.name for column in self.columns if column.decision == "keep")

    @property
    def dropped(self) -> tuple[str, ...]:
        """The names of the columns that go."""
        return tuple(column.name for column in self.columns if column.decision == "drop")


@dataclass(frozen=True, kw_only=True)
class ConsequenceCurve:
    """How many feature columns remain at each threshold of a slider, all other settings as they are.

    `thresholds` ascend over the slider's whole range and hold `current`. `next_to_go` are the columns, at most five, that
    leave first when the threshold moves from `current` towards stricter.
    """

    setting: str
    thresholds: tuple[float, ...]
    remaining: tuple[int, ...]
    current: float
    next_to_go: tuple[str, ...]


def plan_cleaning(profile: QualityProfile, settings: CleaningSettings) -> CleaningPlan:
    """Return which columns go, by their statistics in the train era; the order of the columns does not matter.

    A threshold at its loosest (1, or 0 for `min_relative_variance`) drops nothing. Of two columns that say the same, the one
    with more bad values in the train era goes, then the one with the weaker relation to the target, then the later name. A
    column kept by hand stays unless no model can use it.
    """
    evidence = measure_columns(profile)
    verdict = judge(evidence, settings)
    alone = judge(evidence, settings.model_copy(update={"keep": (), "drop": ()}))
    overridden = (verdict.kept | verdict.dropped) & (verdict.stays != alone.stays)
    reasons = give_reasons(evidence, verdict, settings)
    decisions = tuple(
        ColumnDecision(
            name=name,
            decision="keep" if verdict.stays[place] else "drop",
            reasons=reasons.get(place, ()),
            overridden=bool(overridden[place]),
        )
        for place, name in enumerate(evidence.names)
    )
    return CleaningPlan(decisions, worst_first([*advise(profile, evidence, verdict, settings)]))


def trace_consequences(
    profile: QualityProfile, settings: CleaningSettings, field: str, points: int = 41
) -> ConsequenceCurve:
    """Return how many columns remain over the whole range of the threshold `field`, at `points` places and the current one.

    Raises `RecipeError` where `field` is no threshold that columns are dropped by.
    """
    if field not in THRESHOLDS:
        raise RecipeError(f"'{field}' is no threshold that drops columns.", f"Choose one of {', '.join(THRESHOLDS)}.")
    described = CleaningSettings.model_fields[field]
    rules = described.metadata
    low, high = (next(getattr(rule, end) for rule in rules if hasattr(rule, end)) for end in ("ge", "le"))
    current = float(getattr(settings, field))
    places = stops_of(described) or np.linspace(low, high, points)
    thresholds = np.unique(np.r_[places, current]).tolist()
    evidence = measure_columns(profile)
    remaining = tuple(
        int(judge(evidence, settings.model_copy(update={field: threshold})).stays.sum()) for threshold in thresholds
    )
    strictest = high if field.startswith("min_") else low
    next_to_go = _next_to_go(evidence, settings, field, strictest)
    return ConsequenceCurve(
        setting=field, thresholds=tuple(thresholds), remaining=remaining, current=current, next_to_go=next_to_go
    )


def _next_to_go(evidence: ColumnMeasures, settings: CleaningSettings, field: str, strictest: float) -> tuple[str, ...]:
    """Return the columns that fall first, given the threshold at which all fall that ever will."""
    verdict = judge(evidence, settings)
    stays = verdict.stays
    if field == "min_relative_variance":
        pressure, strictest = -evidence.relative_variance, -strictest
    elif field == "max_correlation":
        pressure = np.zeros(len(stays))
        contest, at = evidence.contest, evidence.contestants
        rivals = np.abs(contest.correlation) * stays[at[contest.better]]
        np.maximum.at(pressure, at[contest.worse], rivals)
    else:
        pressure = evidence.badness if field == "max_bad_ratio" else getattr(evidence, field.removeprefix("max_"))
    going = np.flatnonzero(stays & ~verdict.kept & (pressure > strictest)).tolist()
    going.sort(key=lambda place: (-pressure[place], evidence.names[place]))
    return tuple(evidence.names[place] for place in going[:MOST_NEXT])
