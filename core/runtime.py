"""What numpy is to leave alone on the processor at hand; it reads that once, when it is imported."""

import os
from pathlib import Path

NUMPY_VARIABLE = "NPY_DISABLE_CPU_FEATURES"
_ZEN_4 = {"vendor_id": "AuthenticAMD", "cpu family": "25"}


def spare_slow_instructions(about: Path = Path("/proc/cpuinfo")) -> None:
    """Let numpy sort without AVX-512 on AMD's Zen 4, which writes parts of such vectors slowly: so it sorts five times as fast.

    What the environment says already stands. Elsewhere, and where Linux does not tell the processor, nothing changes.

    References
    ----------
    numpy/x86-simd-sort, issue 6; numpy, build options: NPY_DISABLE_CPU_FEATURES.
    """
    try:
        first, _, _ = about.read_text().partition("\n\n")
    except OSError:
        return
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in first.splitlines())}
    # The processors of this family that know AVX-512 at all are those of Zen 4.
    if _ZEN_4.items() <= told.items() and "avx512f" in told.get("flags", "").split():
        os.environ.setdefault(NUMPY_VARIABLE, "X86_V4 AVX512_ICL")
