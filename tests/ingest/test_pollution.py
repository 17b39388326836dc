"""The benchmark of polluted files draws the same files again, and tells exact, reported and silent readings apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.pollute_files import Reading, judge, read_ours
from benchmarks.pollution import HEADER, KINDS, Polluted, Style, Table, load_tables, pollute
from core.findings.model import Severity

CLEAN = Reading(
    names=("day", "price"),
    rows=(("2024-01-01", 1.0), ("2024-01-02", 2.0), ("2024-01-03", 3.0)),
    reports=(("few-rows", Severity.WARNING, ()),),
)
WHOLE = Polluted(kind="delimiter", table="made", data=b"")
DAMAGED = replace(WHOLE, damaged=1)
RAGGED = ("ragged", Severity.WARNING, (3,))


@pytest.fixture(scope="module")
def tables() -> list[Table]:
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("PLUMBLINE_REAL_DATA", raising=False)
        return load_tables(5)


def test_files_are_reproducible(tables: list[Table]) -> None:
    first, again, other = ([pollute(seed, number, tables) for number in range(25)] for seed in (5, 5, 6))
    assert first == again != other


def test_every_kind_is_drawn(tables: list[Table]) -> None:
    assert {pollute(5, number, tables).kind for number in range(220)} == set(KINDS)


def test_a_clean_file_is_exact_and_another_value_silent(tables: list[Table], tmp_path: Path) -> None:
    table, style = tables[1], Style()
    for name, text in (("clean", table.rows[3][1]), ("other", "1234.5")):
        rows = [*table.rows[:3], (table.rows[3][0], text, *table.rows[3][2:]), *table.rows[4:]]
        (tmp_path / name).write_text(style.text(style.lines(replace(table, rows=tuple(rows)))))
    clean, other = read_ours(tmp_path / "clean"), read_ours(tmp_path / "other")
    assert clean.names == table.header
    assert judge(WHOLE, clean, clean) == ("exact", "")
    assert judge(WHOLE, other, clean)[0] == "silent"


@pytest.mark.parametrize(
    ("polluted", "changes", "outcome"),
    [
        (WHOLE, {}, "exact"),
        (WHOLE, {"names": ("day", "cost")}, "silent"),
        (WHOLE, {"rows": CLEAN.rows[:2]}, "silent"),
        (WHOLE, {"rows": CLEAN.rows[:2], "reports": (("footer", Severity.INFO, ()),)}, "info"),
        (WHOLE, {"rows": CLEAN.rows[:2], "reports": (RAGGED,)}, "reported"),
        (WHOLE, {"refused": "No column holds dates."}, "reported"),
        (WHOLE, {"crashed": "KeyError"}, "crash"),
        (replace(WHOLE, must_report=True), {}, "silent"),
        (replace(WHOLE, names=(None, "price")), {"names": ("column 1", "price")}, "exact"),
        (replace(WHOLE, is_empty=True, rows=0), {"refused": "The file is empty."}, "exact"),
        (replace(WHOLE, is_empty=True, rows=0), {"rows": ()}, "silent"),
        (DAMAGED, {}, "exact"),
        (DAMAGED, {"rows": (CLEAN.rows[0], CLEAN.rows[2])}, "silent"),
        (DAMAGED, {"rows": (CLEAN.rows[0], CLEAN.rows[2]), "reports": (RAGGED,)}, "exact"),
        (DAMAGED, {"rows": (CLEAN.rows[0], ("2024-01-02", None), CLEAN.rows[2])}, "silent"),
        (DAMAGED, {"rows": (CLEAN.rows[0], ("2024-01-02", None), CLEAN.rows[2]), "reports": (RAGGED,)}, "exact"),
        (
            DAMAGED,
            {"rows": (CLEAN.rows[0], CLEAN.rows[2]), "reports": (("few-rows", Severity.WARNING, (3,)),)},
            "exact",
        ),
        (DAMAGED, {"rows": (CLEAN.rows[0],), "reports": (RAGGED,)}, "reported"),
        (replace(DAMAGED, damaged=HEADER), {"names": ("day,price", "")}, "silent"),
        (replace(DAMAGED, damaged=HEADER), {"names": ("day,price", ""), "reports": (RAGGED,)}, "exact"),
    ],
)
def test_a_reading_is_judged_by_the_clean_table(polluted: Polluted, changes: dict, outcome: str) -> None:
    assert judge(polluted, replace(CLEAN, **changes), CLEAN)[0] == outcome
