"""What a plan of columns has to tell: names that do not fit, columns that died later, clipping that flattens a level."""

from collections.abc import Iterator
from functools import lru_cache

from core.cleaning.thresholds import UNUSABLE, ColumnMeasures, ThresholdOutcome
from core.errors.columns import absent_column
from core.findings.model import Finding, Remedy, Severity, legacy_finding
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings

MOST_NAMED = 5
_TO_BE = {
    "keep": "kept by hand",
    "drop": "dropped by hand",
    "log": "changed to its logarithm",
    "difference": "changed to its difference",
    "returns": "changed to its return",
    "clip_columns": "clipped",
}


def advise(
    profile: QualityProfile, evidence: ColumnMeasures, verdict: ThresholdOutcome, settings: CleaningSettings
) -> Iterator[Finding]:
    """Yield what there is to say of a plan as a whole."""
    yield from _names_that_do_not_fit(profile, evidence, settings)
    stay = {name for name, stays in zip(evidence.names, verdict.stays.tolist(), strict=True) if stays}
    if not evidence.names:
        title = "The data hold no column besides the target: its own past is what is left"
        yield legacy_finding("no-features", Severity.INFO, title)
    elif not stay:
        title = "No feature column stays"
        detail = "Loosen a threshold or keep a column by hand. The target's own past can still be used."
        yield legacy_finding("no-features", Severity.PROBLEM, title, detail, count=len(evidence.names))
    yield from _columns_that_died(profile, evidence, verdict, settings.fill)
    if settings.clip_quantile or settings.clip_robust_z:
        yield from _clipped_levels(profile, stay & set(settings.clip_columns or stay), settings)


def _names_that_do_not_fit(
    profile: QualityProfile, evidence: ColumnMeasures, settings: CleaningSettings
) -> Iterator[Finding]:
    places = {name: place for place, name in enumerate(evidence.names)}
    roles = {profile.roles.time: "time", profile.roles.series: "series", profile.roles.target: "target"}
    absent = []
    for field, wish in _TO_BE.items():
        for name in dict.fromkeys(getattr(settings, field)):
            place = places.get(name)
            if name in roles:
                title = f"'{name}' is the {roles[name]} column, not a feature: it cannot be {wish}"
                detail = _INSTEAD.get(field, "") if roles[name] == "target" else ""
                yield legacy_finding("not-a-feature", Severity.INFO, title, detail, name)
            elif place is None:
                absent.append((name, wish))
            elif field == "keep" and not evidence.usable[place]:
                title = f"'{name}' cannot be kept: {UNUSABLE[evidence.kinds[place]]}"
                yield legacy_finding("cannot-keep", Severity.WARNING, title, column=name)
            elif field == "keep" and name in settings.drop:
                title = f"'{name}' is both kept and dropped by hand: it stays"
                yield legacy_finding("kept-and-dropped", Severity.WARNING, title, column=name)
    for name, wish in absent[:MOST_NAMED]:
        detail = f"{_hint_at(name, evidence.names)} A column that the recipe ignores counts as absent.".strip()
        title = f"'{name}' is to be {wish}, but is not there"
        yield legacy_finding("unknown-column", Severity.WARNING, title, detail, name)
    if more := absent[MOST_NAMED:]:
        title = f"{len(more):,} more names of the recipe are not there, such as '{more[0][0]}'"
        detail = "They are passed over; the rest of the recipe is carried out."
        yield legacy_finding("unknown-column", Severity.WARNING, title, detail, count=len(more))


@lru_cache(maxsize=64)
def _hint_at(name: str, names: tuple[str, ...]) -> str:
    """Return the nearest names, kept, since a slider asks for them at every move."""
    return absent_column(name, names).hint if names else ""


_OF_TARGET = "What is predicted of the target, its level or a change, is a setting of the training."
_INSTEAD = {
    "log": _OF_TARGET,
    "difference": _OF_TARGET,
    "returns": _OF_TARGET,
    "clip_columns": "Outcomes of the train era can be clipped by a setting of their own.",
}


def _columns_that_died(
    profile: QualityProfile, evidence: ColumnMeasures, verdict: ThresholdOutcome, fill: str
) -> Iterator[Finding]:
    """Yield the columns that stay, since the train era is all that decides, and have no good value later."""
    died = [
        (name, stamp)
        for name, stamp, stays in zip(evidence.names, evidence.died, verdict.stays.tolist(), strict=True)
        if stays and stamp
    ]
    detail = "Only what the train era tells decides on a column. " + (
        "Later rows hold the median of train alone."
        if fill == "median"
        else "RowLayout without a value are lost: drop it to keep them."
    )
    for name, stamp in died[: MOST_NAMED if len(died) > MOST_NAMED + 1 else None]:
        severity = Severity.PROBLEM if stamp <= profile.eras.test_from else Severity.WARNING
        title = f"'{name}' stays, but died: it has no good value after about {stamp[:10]}"
        remedy = Remedy(label=f"Drop '{name}'", section="cleaning", field="drop", value=(name,))
        yield legacy_finding("died-later", severity, title, detail, name, remedy=remedy)
    if len(died) > MOST_NAMED + 1:
        more = tuple(name for name, _ in died[MOST_NAMED:])
        title = f"{len(more):,} more columns stay that have died, such as '{more[0]}'"
        remedy = Remedy(label=f"Drop these {len(more):,} columns", section="cleaning", field="drop", value=more)
        yield legacy_finding("died-later", Severity.WARNING, title, detail, count=len(more), remedy=remedy)


def _clipped_levels(profile: QualityProfile, clipped: set[str], settings: CleaningSettings) -> Iterator[Finding]:
    calm = {*settings.difference, *settings.returns}
    levels = tuple(c.name for c in profile.columns if c.name in clipped - calm and c.drifts)
    if not levels:
        return
    returns = tuple(c.name for c in profile.columns if c.name in levels and c.price_like and c.name not in settings.log)
    names = f"'{levels[0]}' drifts and is" if len(levels) == 1 else f"{len(levels):,} columns drift and are"
    title = f"{names} clipped as a level{'' if len(levels) == 1 else f', such as {levels[0]!r}'}"
    detail = "What goes beyond the range of the train era later becomes a flat line. A return or a difference can be clipped."
    label = f"Take the return of {len(returns):,} column{'' if len(returns) == 1 else 's'}"
    remedy = Remedy(label=label, section="cleaning", field="returns", value=returns) if returns else None
    yield legacy_finding("clipped-level", Severity.WARNING, title, detail, None, count=len(levels), remedy=remedy)
