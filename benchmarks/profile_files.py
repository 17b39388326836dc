"""How long it takes to read and profile a file, and how much memory, against `pandas.read_csv` on the same file.

The rival only parses, large files in threads since pandas 3.1. Each attempt is a process of its own; of three the least time and
the largest peak count, the rivals taking turns. Where others use the machine too, the seconds of processors (CPU) tell more than
those of the clock. Reading and profiling are told apart too: their peaks are not those of one process. The fingerprint of the file
is not timed, for a job has it from the upload. `--large` adds 10 million rows of 20 columns, `--ydata PYTHON` ydata-profiling in
its minimal setting, run by a Python that has it: until its numbers are there, and until its report is.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.made_files import make_file
from core.runtime import NUMPY_VARIABLE

ROUNDS = 3
Cost = tuple[float, float, float]
_YDATA = """
import resource, sys, time
import pandas as pd
from ydata_profiling import ProfileReport
begun, used = time.perf_counter(), time.process_time()
report = ProfileReport(pd.read_csv(sys.argv[1]), minimal=True, progress_bar=False, correlations=None)
report.get_description()
if sys.argv[2] == "ydata report":
    report.to_html()
spent = time.perf_counter() - begun, time.process_time() - used
print(*spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def profile_with(rival: str, file: Path) -> None:
    """Print seconds, seconds of processors, and the peak of resident memory in MB, imports left out."""
    if rival == "pandas":
        import pandas as pd

        begun, used = time.perf_counter(), time.process_time()
        pd.read_csv(file)
    else:
        from core import pipeline
        from core.data.store import fingerprint_file
        from core.recipe.model import Recipe
        from core.workspace.cache import Cache

        recipe, fingerprint = Recipe().change("ingest", target="target"), fingerprint_file(file)
        tables = file.with_suffix(f".{rival}") if rival == "ours" else file.with_suffix(".tables")
        if rival != "profiling":
            shutil.rmtree(tables, ignore_errors=True)
            begun, used = time.perf_counter(), time.process_time()
        dataset = pipeline.read(file, recipe, tables, fingerprint=fingerprint)
        if rival == "profiling":
            begun, used = time.perf_counter(), time.process_time()
        if rival != "reading":
            pipeline.profile(dataset, recipe, Cache())
    spent = time.perf_counter() - begun, time.process_time() - used
    print(*spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(rival: str, file: Path, python: str | None) -> Cost:
    command = [sys.executable, "-m", "benchmarks.profile_files", "--one", rival, str(file)]
    if rival.startswith("ydata"):
        command = [python or sys.executable, "-W", "ignore", "-c", _YDATA, str(file), rival]
    # What the product says to numpy, it says to its own alone.
    told = {name: value for name, value in os.environ.items() if python is None or name != NUMPY_VARIABLE}
    done = subprocess.run(command, env=told, check=True, capture_output=True, text=True)
    seconds, processors, megabytes = map(float, done.stdout.split()[-3:])
    return seconds, processors, megabytes


def compare(name: str, file: Path, rivals: tuple[str, ...], rounds: int = ROUNDS, python: str | None = None) -> None:
    """Print what each rival takes, and how much more time and memory ours takes than it."""
    taken: dict[str, list[Cost]] = {rival: [] for rival in rivals}
    for _ in range(rounds):
        for rival, measured in taken.items():
            measured.append(measure(rival, file, python))
    best = {rival: (*np.min(measured, axis=0)[:2], np.max(measured, axis=0)[2]) for rival, measured in taken.items()}
    ours, our_processors, our_peak = best.pop("ours")
    size = file.stat().st_size / 1e6
    print(f"{name}, {size:,.0f} MB: {ours:.2f} s, CPU {our_processors:.2f} s, peak {our_peak:,.0f} MB", flush=True)
    for rival, (seconds, processors, peak) in best.items():
        print(
            f"    {rival}: {seconds:.2f} s, CPU {processors:.2f} s, peak {peak:,.0f} MB; ours / {rival} = "
            f"{ours / seconds:.2f}, CPU {our_processors / processors:.2f}, peak {our_peak / peak:.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="10 million rows of 20 columns too")
    parser.add_argument("--ydata", metavar="PYTHON", help="a Python that has ydata-profiling")
    parser.add_argument("--one", nargs=2, metavar=("RIVAL", "FILE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        profile_with(asked.one[0], Path(asked.one[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = make_file(Path(folder) / "long.csv", 300_000, 100)
        compare("300,000 x 102", file, ("pandas", "ours", "reading", "profiling"))
        if asked.ydata:
            compare("300,000 x 102", file, ("ydata numbers", "ydata report", "ours"), 2, asked.ydata)
        file = make_file(Path(folder) / "wide.csv", 2_000, 4_998)
        compare("2,000 x 5,000", file, ("pandas", "ours", "reading", "profiling"))
        if asked.large:
            file = make_file(Path(folder) / "large.csv", 10_000_000, 18)
            compare("10,000,000 x 20", file, ("ours", "reading", "profiling"), rounds=1)


if __name__ == "__main__":
    main()
