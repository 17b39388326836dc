"""Process-wide settings: numpy on Zen 4, Arrow's allocator and the longest field of `csv`."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.ingest.layout.decode import LONGEST_LINE
from core.runtime import ARROW_VARIABLE, NUMPY_VARIABLE, allow_long_fields, spare_slow_instructions

ZEN_4 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nflags\t\t: fpu avx2 avx512f avx512vl\n\n"


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NUMPY_VARIABLE, "")
    monkeypatch.delenv(NUMPY_VARIABLE)


def output_of(code: str, **environment: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    ("about", "spared"),
    [
        (ZEN_4, "X86_V4 AVX512_ICL"),
        (ZEN_4.replace("avx512f avx512vl", ""), None),
        (ZEN_4.replace(": 25", ": 26"), None),
        (ZEN_4.replace("AuthenticAMD", "GenuineIntel"), None),
        ("", None),
        (None, None),
    ],
    ids=["Zen 4", "Zen 3", "Zen 5", "Intel", "empty file", "no Linux"],
)
def test_numpy_avoids_avx_512_on_zen_4_only(tmp_path: Path, about: str | None, spared: str | None) -> None:
    file = tmp_path / "cpuinfo"
    if about is not None:
        file.write_text(about + about)
    spare_slow_instructions(file)
    assert os.environ.get(NUMPY_VARIABLE) == spared


def test_a_variable_that_is_set_already_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NUMPY_VARIABLE, "AVX512_ICL")
    file = tmp_path / "cpuinfo"
    file.write_text(ZEN_4)
    spare_slow_instructions(file)
    assert os.environ[NUMPY_VARIABLE] == "AVX512_ICL"


def test_configuring_imports_neither_numpy_nor_arrow() -> None:
    code = "import sys, core.runtime; core.runtime.configure(); print('numpy' in sys.modules, 'pyarrow' in sys.modules)"
    assert output_of(code) == ("False False", "")


def test_importing_core_changes_nothing_in_the_process() -> None:
    code = (
        "import csv, os, core.pipeline, pyarrow; before = csv.field_size_limit(); "
        f"print(before, {NUMPY_VARIABLE!r} in os.environ, {ARROW_VARIABLE!r} in os.environ)"
    )
    unset = f"import os; [os.environ.pop(name, None) for name in ({NUMPY_VARIABLE!r}, {ARROW_VARIABLE!r})]; "
    assert output_of(unset + code) == ("131072 False False", "")


@pytest.mark.parametrize("imports", ["configure(); import pyarrow", "import pyarrow; configure()"])
def test_arrow_uses_the_allocator_of_the_system(imports: str) -> None:
    code = f"from core.runtime import configure; {imports}; print(pyarrow.default_memory_pool().backend_name)"
    assert output_of(f"import os; os.environ.pop({ARROW_VARIABLE!r}, None); {code}") == ("system", "")


def test_a_field_may_be_as_long_as_a_line() -> None:
    before = csv.field_size_limit(1000)
    allow_long_fields()
    assert csv.field_size_limit(before) == before >= LONGEST_LINE
