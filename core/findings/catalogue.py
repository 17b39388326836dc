"""Every declared kind of finding and of error, for the generated pages of `docs` and the tests."""

from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import TypeVar

import core.errors
import core.findings
from core.errors.model import PlumblineError
from core.findings.model import Finding

Kind = TypeVar("Kind")


def all_findings() -> dict[str, type[Finding]]:
    """Return every declared kind of finding by its code, sorted."""
    _import_modules(core.findings)
    return _declared(Finding, "core.findings.")


def all_errors() -> dict[str, type[PlumblineError]]:
    """Return every declared kind of error by its code, sorted."""
    _import_modules(core.errors)
    return _declared(PlumblineError, "core.errors.")


def _import_modules(package: ModuleType) -> None:
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)


def _declared(base: type[Kind], package: str) -> dict[str, type[Kind]]:
    kinds: dict[str, type[Kind]] = {}
    waiting: list[type[Kind]] = [base]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            code = vars(kind).get("code")
            if isinstance(code, str) and code and kind.__module__.startswith(package):
                if code in kinds:
                    raise ValueError(f"{code} is declared twice: {kinds[code]} and {kind}")
                kinds[code] = kind
    return dict(sorted(kinds.items()))
