"""Write the generated pages of this folder from the catalogues: `python -m docs.generate`."""

import inspect
from collections.abc import Iterable
from enum import Enum
from itertools import groupby
from pathlib import Path

from core.findings.catalogue import all_errors, all_findings
from core.findings.model import Finding
from core.recipe.describe_settings import describe_settings

DOCS = Path(__file__).parent


def findings_page() -> str:
    """Return `docs/findings.md`: every code, when it is reported, how severe it is, and what to do."""
    lines = [
        "# Findings",
        "",
        "Every finding that Plumbline reports, by the part of the walk that reports it. A `problem` invalidates results, a",
        "`warning` may, an `info` is worth knowing. This page is generated: run `python -m docs.generate`.",
    ]
    for module, kinds in _by_module(all_findings().values()):
        lines += ["", f"## {module}", "", "| code | severity | reported if | what to do |", "|---|---|---|---|"]
        for kind in kinds:
            when, what = _docstring(kind)
            lines.append(f"| `{kind.code}` | {_severity(kind)} | {when} | {what} |")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """Return `docs/errors.md`: every error that a user can fix, and when it is raised."""
    lines = [
        "# Errors",
        "",
        "Every error that a user can fix. Each message states what was found and where, and what to do. This page is generated:",
        "run `python -m docs.generate`.",
    ]
    for module, kinds in _by_module(all_errors().values()):
        lines += ["", f"## {module}", "", "| code | kind | raised if |", "|---|---|---|"]
        for kind in kinds:
            when, what = _docstring(kind)
            family = next(base.__name__ for base in kind.__mro__[1:] if not vars(base).get("code"))
            lines.append(f"| `{kind.code}` | {family} | {' '.join(part for part in (when, what) if part)} |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Return `docs/settings.md`: every setting of the recipe with its range, default and help."""
    lines = [
        "# Settings",
        "",
        "Every setting of a recipe. A recipe is JSON with one object per section; what it leaves out has its default. This page is",
        "generated: run `python -m docs.generate`.",
    ]
    for section, settings in groupby(describe_settings(), key=lambda setting: setting.section):
        lines += ["", f"## {section}", "", "| field | title | values | default | |", "|---|---|---|---|---|"]
        for setting in settings:
            cells = (f"`{setting.field}`", setting.title, setting.allowed, setting.default, setting.description)
            lines.append(f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _by_module(kinds: Iterable[type]) -> list[tuple[str, list[type]]]:
    rooms: dict[str, list[type]] = {}
    for kind in kinds:
        rooms.setdefault(kind.__module__.rpartition(".")[2].replace("_", " ").capitalize(), []).append(kind)
    return sorted(rooms.items())


def _docstring(kind: type) -> tuple[str, str]:
    """Return the first line of a class's docstring, and the rest as one line, fit for a table cell."""
    first, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n")
    return first.replace("|", "\\|"), " ".join(rest.split()).replace("|", "\\|")


def _severity(kind: type[Finding]) -> str:
    severity = vars(kind).get("severity")
    return severity.value if isinstance(severity, Enum) else "depends"


PAGES = {"findings.md": findings_page, "errors.md": errors_page, "settings.md": settings_page}


def main() -> None:
    """Write every page."""
    for name, render in PAGES.items():
        (DOCS / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
