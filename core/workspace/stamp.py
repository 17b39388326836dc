"""The stamp of a result: time, library versions, and how many trainings and openings there were."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from platform import python_version

from core.version import __version__

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "scikit-learn", "catboost", "tensorflow", "keras")


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """The time in UTC (ISO), library versions, openings of the test era, and trainings so far."""

    made: str
    versions: dict[str, str]
    openings: int
    trials: int


def take_stamp(openings: int = 1, trials: int = 1) -> Stamp:
    """Return the stamp of now; on the command line a walk is one training and one opening."""
    versions = {"plumbline": __version__, "python": python_version()} | {name: version(name) for name in _PACKAGES}
    return Stamp(
        made=datetime.now(UTC).isoformat(timespec="seconds"), versions=versions, openings=openings, trials=trials
    )
