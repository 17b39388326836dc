"""Which columns go and why, decided from the statistics of the train era alone: no row is read."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.cleaning.evidence import UNUSABLE, Evidence, Verdict, gather_evidence, judge
from core.errors import RecipeError
from core.findings import Finding, Severity, worst_first
from core.ingest.dataset import absent_column
from core.quality.profile import QualityProfile
from core.recipe import CleaningSettings, stops_of

MOST_NEXT = 5
THRESHOLDS = (
    "max_bad_ratio",
    "min_relative_variance",
    "max_unique_ratio",
    "max_top_share",
    "max_stale_ratio",
    "max_correlation",
)


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
    evidence = gather_evidence(profile)
    verdict = judge(evidence, settings)
    alone = judge(evidence, settings.model_copy(update={"keep": (), "drop": ()}))
    overridden = (verdict.kept | verdict.dropped) & (verdict.stays != alone.stays)
    decisions = tuple(
        ColumnDecision(
            name,
            "keep" if verdict.stays[place] else "drop",
            _reasons(place, evidence, verdict, settings),
            bool(overridden[place]),
        )
        for place, name in enumerate(evidence.names)
    )
    return CleaningPlan(decisions, worst_first(_findings(profile, evidence, verdict, settings)))


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
    evidence = gather_evidence(profile)
    remaining = tuple(
        int(judge(evidence, settings.model_copy(update={field: threshold})).stays.sum()) for threshold in thresholds
    )
    strictest = high if field.startswith("min_") else low
    next_to_go = _next_to_go(evidence, settings, field, strictest)
    return ConsequenceCurve(field, tuple(thresholds), remaining, current, next_to_go)


def _next_to_go(evidence: Evidence, settings: CleaningSettings, field: str, strictest: float) -> tuple[str, ...]:
    """Return the columns that fall first, given the threshold at which all fall that ever will."""
    verdict = judge(evidence, settings)
    stays = verdict.stays
    if field == "min_relative_variance":
        pressure, strictest = -evidence.relative_variance, -strictest
    elif field == "max_correlation":
        pressure = np.zeros(len(stays))
        if len(evidence.contest):
            rivals = np.tril(evidence.correlation, -1) * stays[evidence.contest]
            pressure[evidence.contest] = rivals.max(axis=1)
    else:
        pressure = getattr(evidence, field.removeprefix("max_"))
    going = np.flatnonzero(stays & ~verdict.kept & (pressure > strictest)).tolist()
    going.sort(key=lambda place: (-pressure[place], evidence.names[place]))
    return tuple(evidence.names[place] for place in going[:MOST_NEXT])


def _reasons(place: int, evidence: Evidence, verdict: Verdict, settings: CleaningSettings) -> tuple[str, ...]:
    reasons = []
    if verdict.kept[place] and evidence.usable[place]:
        reasons.append("kept by hand")
    elif verdict.dropped[place]:
        reasons.append("dropped by hand")
    if not evidence.usable[place]:
        reasons.append(UNUSABLE[evidence.kinds[place]])
    if verdict.faults["max_bad_ratio"][place]:
        share, most = 100 * evidence.bad_ratio[place], 100 * settings.max_bad_ratio
        reasons.append(f"{_show(share, most)} % of its values are bad in the train era, more than {most:g} %")
    if verdict.faults["min_relative_variance"][place]:
        least = settings.min_relative_variance
        found = _show(evidence.relative_variance[place], least)
        reasons.append(
            "its value never changes in the train era"
            if evidence.constant[place]
            else f"its relative variance is {found} in the train era, less than {least:g}"
        )
    if verdict.faults["max_unique_ratio"][place]:
        share, most = 100 * evidence.unique_ratio[place], 100 * settings.max_unique_ratio
        reasons.append(
            f"it looks like an identifier: {_show(share, most)} % of its values are distinct in the train era, "
            f"more than {most:g} %"
        )
    if verdict.faults["max_top_share"][place]:
        share, most = 100 * evidence.top_share[place], 100 * settings.max_top_share
        reasons.append(
            f"one value fills {_show(share, most)} % of its good rows in the train era, more than {most:g} %"
        )
    if verdict.faults["max_stale_ratio"][place]:
        share, most = 100 * evidence.stale_ratio[place], 100 * settings.max_stale_ratio
        reasons.append(f"it stands still in {_show(share, most)} % of the train era, more than {most:g} %")
    if verdict.better[place] >= 0:
        reasons.append(_repeats(place, verdict.better[place], evidence, settings.max_correlation))
    return tuple(reasons)


def _repeats(place: int, better: int, evidence: Evidence, most: float) -> str:
    ranks = [int(np.flatnonzero(evidence.contest == one)[0]) for one in (place, better)]
    why = "which says the same"
    if evidence.bad_ratio[better] < evidence.bad_ratio[place]:
        why = "which has fewer bad values"
    elif evidence.related[better] > evidence.related[place]:
        why = "which is closer to the target"
    found = _show(evidence.correlation[ranks[0], ranks[1]], most, digits=6)
    return f"its correlation with '{evidence.names[better]}', {why}, is {found} in the train era, more than {most:g}"


def _show(number: float, threshold: float, digits: int = 3) -> str:
    """Return the number with at least so many digits, and with all that it takes to see on which side of the threshold it lies."""
    texts = (f"{number:.{enough}g}" for enough in range(digits, 12))
    return next((text for text in texts if (float(text) - threshold) * (number - threshold) > 0), f"{number:g}")


def _findings(
    profile: QualityProfile, evidence: Evidence, verdict: Verdict, settings: CleaningSettings
) -> list[Finding]:
    findings = [*_hand_findings(profile, evidence, settings)]
    if not evidence.names:
        title = "The data hold no column besides the target: its own past is what is left"
        findings.append(Finding("no-features", Severity.INFO, title))
    elif not verdict.stays.any():
        title = "No feature column stays"
        detail = "Loosen a threshold or keep a column by hand. The target's own past can still be used."
        findings.append(Finding("no-features", Severity.PROBLEM, title, detail, count=len(evidence.names)))
    return findings


def _hand_findings(profile: QualityProfile, evidence: Evidence, settings: CleaningSettings) -> list[Finding]:
    """Return what is to be said on the names in `keep` and `drop`."""
    findings = []
    places = {name: place for place, name in enumerate(evidence.names)}
    roles = {profile.roles.time: "time", profile.roles.series: "series", profile.roles.target: "target"}
    for field, verb in (("keep", "kept"), ("drop", "dropped")):
        for name in dict.fromkeys(getattr(settings, field)):
            place = places.get(name)
            if name in roles:
                title = f"'{name}' is the {roles[name]} column, not a feature: it cannot be {verb} by hand"
                findings.append(Finding("not-a-feature", Severity.INFO, title, column=name))
            elif place is None:
                hint = absent_column(name, evidence.names).hint if places else ""
                title = f"'{name}' is to be {verb} by hand, but is not there"
                detail = f"{hint} A column that the recipe ignores counts as absent.".strip()
                findings.append(Finding("unknown-column", Severity.WARNING, title, detail, name))
            elif field == "keep" and not evidence.usable[place]:
                title = f"'{name}' cannot be kept: {UNUSABLE[evidence.kinds[place]]}"
                findings.append(Finding("cannot-keep", Severity.WARNING, title, column=name))
            elif field == "keep" and name in settings.drop:
                title = f"'{name}' is both kept and dropped by hand: it stays"
                findings.append(Finding("kept-and-dropped", Severity.WARNING, title, column=name))
    return findings
