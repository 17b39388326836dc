"""The stamp of a result: its time and the versions of the libraries behind it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from platform import python_version

from core.version import __version__

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "catboost", "tensorflow", "keras")


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """The time in UTC (ISO) and library versions."""

    made: str
    versions: dict[str, str]


def take_stamp() -> Stamp:
    """Return the stamp of now."""
    versions = {"plumbline": __version__, "python": python_version()} | {name: version(name) for name in _PACKAGES}
    return Stamp(made=datetime.now(UTC).isoformat(timespec="seconds"), versions=versions)
