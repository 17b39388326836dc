"""Which columns are dropped and why, from train-era statistics alone."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from core.cleaning.plan_findings import check_plan, check_unknown_columns
from core.cleaning.reasons import explain_decisions
from core.cleaning.thresholds import ColumnMeasures, apply_thresholds, measure_columns
from core.errors.cleaning import NotAThreshold
from core.findings.model import Finding, worst_first
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings, stops_of

_MOST_NEXT = 5
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
    """Whether a feature column is kept, and why.

    `reasons` are sentences with the number and the threshold. `overridden` means that a manual choice differs from what the
    thresholds alone decide.
    """

    name: str
    decision: Literal["keep", "drop"]
    reasons: tuple[str, ...]
    overridden: bool


@dataclass(frozen=True)
class CleaningPlan:
    """A decision for each feature column, in file order.

    Time, series and target are not features. `unknown_columns` are those of the findings that are on names which the
    data do not have; they are not repeated in JSON.
    """

    columns: tuple[ColumnDecision, ...]
    findings: tuple[Finding, ...]
    unknown_columns: Annotated[tuple[Finding, ...], Field(exclude=True)] = field(default=(), compare=False)

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the kept columns."""
        return tuple(column.name for column in self.columns if column.decision == "keep")

    @property
    def dropped(self) -> tuple[str, ...]:
        """The names of the dropped columns."""
        return tuple(column.name for column in self.columns if column.decision == "drop")


@dataclass(frozen=True, kw_only=True)
class ConsequenceCurve:
    """How many feature columns remain at each value of one threshold.

    All other settings are unchanged. `thresholds` ascend over the slider's whole range and include `current`.
    `next_dropped` names at most five columns, in the order in which a stricter threshold drops them.
    """

    setting: str
    thresholds: tuple[float, ...]
    remaining: tuple[int, ...]
    current: float
    next_dropped: tuple[str, ...]


def plan_cleaning(profile: QualityProfile, settings: CleaningSettings) -> CleaningPlan:
    """Decide from train-era statistics which columns are kept; column order does not matter.

    A threshold at its loosest (1, or 0 for `min_relative_variance`) drops nothing. Of two nearly identical columns, the one
    with more bad values in the train era is dropped, then the one less correlated with the target, then the later name. A
    manually kept column is kept unless no model can use it.
    """
    measures = measure_columns(profile)
    outcome = apply_thresholds(measures, settings)
    automatic = apply_thresholds(measures, settings.model_copy(update={"keep": (), "drop": ()}))
    overridden = (outcome.keep | outcome.drop) & (outcome.kept != automatic.kept)
    reasons = explain_decisions(measures, outcome, settings)
    decisions = tuple(
        ColumnDecision(
            name=name,
            decision="keep" if outcome.kept[position] else "drop",
            reasons=reasons.get(position, ()),
            overridden=bool(overridden[position]),
        )
        for position, name in enumerate(measures.names)
    )
    unknown = check_unknown_columns(profile, measures, settings)
    findings = worst_first([*unknown, *check_plan(profile, measures, outcome, settings)])
    return CleaningPlan(decisions, findings, unknown)


def trace_consequences(
    profile: QualityProfile, settings: CleaningSettings, setting: str, points: int = 41
) -> ConsequenceCurve:
    """Return how many columns remain over the whole range of one threshold.

    Parameters
    ----------
    profile : the quality profile of the data set
    settings : all settings of cleaning, with the current threshold
    setting : the name of the threshold, one of `THRESHOLDS`
    points : how many equally spaced thresholds to try, unless the setting defines its own

    Raises
    ------
    RecipeError
        If `setting` is not a threshold that drops columns.
    """
    if setting not in THRESHOLDS:
        raise NotAThreshold(setting=setting, thresholds=THRESHOLDS)
    described = CleaningSettings.model_fields[setting]
    low, high = (next(getattr(rule, end) for rule in described.metadata if hasattr(rule, end)) for end in ("ge", "le"))
    current = float(getattr(settings, setting))
    places = stops_of(described) or np.linspace(low, high, points)
    thresholds = np.unique(np.r_[places, current]).tolist()
    measures = measure_columns(profile)
    remaining = tuple(
        int(apply_thresholds(measures, settings.model_copy(update={setting: threshold})).kept.sum())
        for threshold in thresholds
    )
    strictest = high if setting.startswith("min_") else low
    return ConsequenceCurve(
        setting=setting,
        thresholds=tuple(thresholds),
        remaining=remaining,
        current=current,
        next_dropped=_next_dropped(measures, settings, setting, strictest),
    )


def _next_dropped(
    measures: ColumnMeasures, settings: CleaningSettings, setting: str, strictest: float
) -> tuple[str, ...]:
    """Return the kept columns that a stricter threshold drops first, at most five."""
    outcome = apply_thresholds(measures, settings)
    if setting == "min_relative_variance":
        pressure, strictest = -measures.relative_variance, -strictest
    elif setting == "max_correlation":
        pressure = np.zeros(len(outcome.kept))
        ranking, ranked = measures.ranking, measures.ranked
        correlation = np.abs(ranking.correlation) * outcome.kept[ranked[ranking.better]]
        np.maximum.at(pressure, ranked[ranking.worse], correlation)
    else:
        name = "effective_bad_ratio" if setting == "max_bad_ratio" else setting.removeprefix("max_")
        pressure = getattr(measures, name)
    droppable = np.flatnonzero(outcome.kept & ~outcome.keep & (pressure > strictest)).tolist()
    droppable.sort(key=lambda position: (-pressure[position], measures.names[position]))
    return tuple(measures.names[position] for position in droppable[:_MOST_NEXT])
