import os
import subprocess
import sys

import pytest

from core.runtime import NUMPY_VARIABLE, spare_slow_instructions

ZEN_4 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nflags\t\t: fpu avx2 avx512f avx512vl\n\n"


@pytest.fixture(autouse=True)
def _unset(monkeypatch):
    monkeypatch.setenv(NUMPY_VARIABLE, "")
    monkeypatch.delenv(NUMPY_VARIABLE)


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
    ids=["Zen 4", "Zen 3", "Zen 5", "Intel", "nothing told", "no Linux"],
)
def test_numpy_sorts_without_avx_512_where_that_is_slow_and_only_there(tmp_path, about, spared):
    file = tmp_path / "cpuinfo"
    if about is not None:
        file.write_text(about + about)
    spare_slow_instructions(file)
    assert os.environ.get(NUMPY_VARIABLE) == spared


def test_what_the_environment_says_stands(tmp_path, monkeypatch):
    monkeypatch.setenv(NUMPY_VARIABLE, "AVX512_ICL")
    file = tmp_path / "cpuinfo"
    file.write_text(ZEN_4)
    spare_slow_instructions(file)
    assert os.environ[NUMPY_VARIABLE] == "AVX512_ICL"


def test_core_says_so_before_it_imports_numpy():
    says = "import sys, core; print('numpy' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", says + "; import numpy"], capture_output=True, text=True
    )
    assert (told.stdout, told.stderr) == ("False\n", "")
