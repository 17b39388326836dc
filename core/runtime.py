"""Process-wide settings of numpy, Arrow, `csv` and BLAS.

Numpy and Arrow read theirs when they are imported.
"""

import csv
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

NUMPY_VARIABLE = "NPY_DISABLE_CPU_FEATURES"
ARROW_VARIABLE = "ARROW_DEFAULT_MEMORY_POOL"
# In characters. The default of `csv`, 131,072, is less than some cells hold; readers limit the size of a line.
LONGEST_FIELD = 256 << 20
_ZEN_4 = {"vendor_id": "AuthenticAMD", "cpu family": "25"}


def configure() -> None:
    """Set up this process; call it before numpy and Arrow are imported."""
    spare_slow_instructions()
    use_system_allocator()
    allow_long_fields()


def allow_long_fields() -> None:
    """Let `csv` read fields of up to 256 million characters."""
    csv.field_size_limit(LONGEST_FIELD)


def use_system_allocator() -> None:
    """Let Arrow allocate memory from the system, which halves the time to read a long file.

    Arrow's own allocator returns freed memory at once and requests it again. An environment variable that is already set is
    left as it is, unless Arrow has been imported.
    """
    os.environ.setdefault(ARROW_VARIABLE, "system")
    if (arrow := sys.modules.get("pyarrow")) is not None:
        arrow.set_memory_pool(arrow.system_memory_pool())


def spare_slow_instructions(about: Path = Path("/proc/cpuinfo")) -> None:
    """Let numpy sort without AVX-512 on AMD's Zen 4, which makes sorting five times as fast.

    Zen 4 is slow at writing parts of AVX-512 vectors. An environment variable that is already set is left as it is; on other
    processors and systems nothing changes.

    References
    ----------
    numpy/x86-simd-sort, issue 6; numpy, build options: NPY_DISABLE_CPU_FEATURES.
    """
    try:
        first, _, _ = about.read_text().partition("\n\n")
    except OSError:
        return
    facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in first.splitlines())}
    # Family 25 includes Zen 3, which has no AVX-512.
    if _ZEN_4.items() <= facts.items() and "avx512f" in facts.get("flags", "").split():
        os.environ.setdefault(NUMPY_VARIABLE, "X86_V4 AVX512_ICL")


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which BLAS uses one thread; without threadpoolctl, as in a bundle, it uses as many as it likes.

    Beside other work, threads of BLAS wait for each other: one is up to twenty times faster than two.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits
