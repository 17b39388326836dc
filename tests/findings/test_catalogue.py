"""The catalogues are complete: each code is documented, and tested to fire and to stay silent."""

import ast
import re
from pathlib import Path

import pytest

from core.findings.catalogue import all_errors, all_findings
from docs.generate import DOCS, PAGES

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
MARKED = re.compile(r"mark\.(fires|silent)\(([^)]*)\)")


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


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_generated_pages_are_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run python -m docs.generate"


def test_the_findings_page_lists_every_code() -> None:
    page = (DOCS / "findings.md").read_text(encoding="utf-8")
    assert all(f"| `{code}` |" in page for code in all_findings())


def comparisons_of_codes(source: str) -> list[int]:
    """Lines that compare an attribute `code` with text, or look it up in texts."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        reads_code = any(isinstance(side, ast.Attribute) and side.attr == "code" for side in sides)
        texts = any(
            isinstance(part, ast.Constant) and isinstance(part.value, str) for side in sides for part in ast.walk(side)
        )
        named = any(isinstance(side, ast.Name) and side.id.isupper() for side in sides)
        if reads_code and (texts or named):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    "source",
    ['finding.code == "a"', 'finding.code in ("a", "b")', '"a" != finding.code', "finding.code in SPOILING"],
)
def test_a_comparison_of_a_code_is_found(source: str) -> None:
    assert comparisons_of_codes(source) == [1]


def test_no_code_is_read_as_state() -> None:
    files = [file for folder in ("core", "pages") for file in (ROOT / folder).rglob("*.py")]
    found = {
        f"{file.relative_to(ROOT)}:{line}"
        for file in files
        if file.parent != ROOT / "core/findings"
        for line in comparisons_of_codes(file.read_text(encoding="utf-8"))
    }
    assert not found


def test_codes_are_kebab_case() -> None:
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) for code in [*all_findings(), *all_errors()])
