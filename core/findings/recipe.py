"""Findings on a recipe that does not fit the data, or comes from another version."""

from typing import Literal

from core.findings.model import Finding, Severity
from core.text.format import format_list

_NAMES = {"column": "columns that this file does not have", "feature": "features that these data do not have"}


class AbsentColumns(Finding, code="absent-columns"):
    """The recipe lists columns or features that these data do not have.

    Correct the names. Unknown names are ignored; the rest of the recipe applies. `settings` are the titles of the settings
    that list them, and `nearest` maps some of the names to the known name most like it.
    """

    names: tuple[str, ...]
    settings: tuple[str, ...]
    nearest: tuple[tuple[str, str], ...] = ()
    kind: Literal["column", "feature"] = "column"
    severity = Severity.WARNING

    @property
    def count(self) -> int:
        return len(self.names)

    @property
    def title(self) -> str:
        return f"The recipe names {_NAMES[self.kind]}: {format_list(self.names)}"

    @property
    def detail(self) -> str:
        near = [f"The nearest name to '{name}' is '{known}'." for name, known in self.nearest]
        return " ".join([f"They are skipped in {' and '.join(self.settings)}.", *near])


class SettingPassedOver(Finding, code="setting-passed-over"):
    """A setting of an imported recipe is unknown to this version, or has an invalid value.

    It keeps its default; all other settings are imported. `problem` is the reason given by the validation, and None if the
    setting is unknown.
    """

    setting: str
    problem: str | None
    found: str | None = None
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Recipe setting '{self.setting}' is ignored"

    @property
    def detail(self) -> str:
        if self.problem is None:
            return "This version has no such setting."
        found = "" if self.found is None else f"; found {self.found:.60}"
        return f"{self.problem}{found}."
