"""The catalogues are complete: each code is documented, and tested to fire and to stay silent."""

import re
from pathlib import Path

import pytest

from core.findings.catalogue import all_errors, all_findings

TESTS = Path(__file__).parents[1]
MARKED = re.compile(r"mark\.(fires|silent)\(([^)]*)\)")
LEGACY: set[str] = set()


def marked(kind: str) -> set[str]:
    sources = (file.read_text() for file in TESTS.rglob("test_*.py"))
    found = (codes for source in sources for mark, codes in MARKED.findall(source) if mark == kind)
    return {code for codes in found for code in re.findall(r'"([^"]+)"', codes)}


@pytest.mark.parametrize("mark", ["fires", "silent"])
def test_every_finding_has_a_test_that_it_fires_and_one_that_it_stays_silent(mark: str) -> None:
    assert marked(mark) == set(all_findings())


def test_every_kind_has_a_docstring_that_says_when() -> None:
    for kind in [*all_findings().values(), *all_errors().values()]:
        assert kind.__doc__, kind
        first = kind.__doc__.partition("\n")[0]
        assert first.endswith("."), kind
        assert len(first) <= 88, kind


def test_codes_are_kebab_case() -> None:
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) for code in [*all_findings(), *all_errors()])
