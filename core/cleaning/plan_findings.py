"""Checks of a cleaning plan: unusable names, dead columns, and clipped levels."""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from core.cleaning.thresholds import ColumnMeasures, ThresholdOutcome
from core.findings.cleaning import (
    MOST_NAMED,
    CannotKeep,
    ClippedLevel,
    ColumnNotFound,
    DiedLater,
    KeptAndDropped,
    NoFeatures,
    NotAFeature,
    Setting,
)
from core.findings.limit import limit_findings
from core.findings.model import Finding
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings

SETTINGS: tuple[Setting, ...] = get_args(Setting)


def check_plan(
    profile: QualityProfile, measures: ColumnMeasures, outcome: ThresholdOutcome, settings: CleaningSettings
) -> Iterator[Finding]:
    """Yield findings on the plan as a whole, except those of `check_unknown_columns`.

    Parameters
    ----------
    profile : the quality profile of the data set
    measures : the measures of its feature columns
    outcome : which of them are kept under the settings
    settings : thresholds, manual choices, transformations and clipping
    """
    yield from _check_names(profile, measures, settings)
    kept = {name for name, is_kept in zip(measures.names, outcome.kept.tolist(), strict=True) if is_kept}
    if not kept:
        yield NoFeatures(count=len(measures.names) or None)
    yield from _check_died_later(profile, measures, outcome, settings.fill)
    if settings.clip_quantile or settings.clip_robust_z:
        yield from _check_clipped_levels(profile, kept & set(settings.clip_columns or kept), settings)


def check_unknown_columns(
    profile: QualityProfile, measures: ColumnMeasures, settings: CleaningSettings
) -> tuple[Finding, ...]:
    """Return findings on names in the settings that are not columns of the data.

    Parameters
    ----------
    profile : the quality profile of the data set
    measures : the measures of its feature columns
    settings : manual choices, transformations and clipping
    """
    known = {*measures.names, *_roles(profile)}
    unknown = [
        ColumnNotFound(column=name, setting=setting, columns=measures.names)
        for setting in SETTINGS
        for name in dict.fromkeys(getattr(settings, setting))
        if name not in known
    ]
    return limit_findings(unknown, MOST_NAMED)


def _roles(profile: QualityProfile) -> Mapping[str, Literal["time", "series", "target"]]:
    roles: dict[str, Literal["time", "series", "target"]] = {profile.roles.time: "time"}
    if profile.roles.series is not None:
        roles[profile.roles.series] = "series"
    if profile.roles.target is not None:
        roles[profile.roles.target] = "target"
    return roles


def _check_names(profile: QualityProfile, measures: ColumnMeasures, settings: CleaningSettings) -> Iterator[Finding]:
    roles = _roles(profile)
    positions = {name: position for position, name in enumerate(measures.names)}
    for setting in SETTINGS:
        for name in dict.fromkeys(getattr(settings, setting)):
            position = positions.get(name)
            if name in roles:
                yield NotAFeature(column=name, role=roles[name], setting=setting)
            elif position is None or setting != "keep":
                continue
            elif not measures.usable[position]:
                yield CannotKeep(column=name, kind=measures.kinds[position])
            elif name in settings.drop:
                yield KeptAndDropped(column=name)


def _check_died_later(
    profile: QualityProfile,
    measures: ColumnMeasures,
    outcome: ThresholdOutcome,
    fill: Literal["forward", "median", "none"],
) -> tuple[Finding, ...]:
    """Return findings on kept columns without later values; only train rows decide."""
    died = (
        DiedLater(column=name, since=since, before_test=since <= profile.eras.test_from, fill=fill)
        for name, since, is_kept in zip(measures.names, measures.died, outcome.kept.tolist(), strict=True)
        if is_kept and since
    )
    return limit_findings(died, MOST_NAMED)


def _check_clipped_levels(
    profile: QualityProfile, clipped: set[str], settings: CleaningSettings
) -> Iterator[ClippedLevel]:
    stationary = {*settings.difference, *settings.returns}
    levels = [column for column in profile.columns if column.name in clipped - stationary and column.drifts]
    if levels:
        yield ClippedLevel(
            columns=tuple(column.name for column in levels),
            price_like=tuple(column.name for column in levels if column.price_like and column.name not in settings.log),
        )
