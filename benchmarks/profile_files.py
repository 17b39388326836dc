"""How long it takes to read and profile a file, and how much memory, against `pandas.read_csv` on the same file.

The rival only parses. Each attempt is a process of its own; the best of three counts, the rivals taking turns. `--large` adds 10
million rows of 20 columns, `--ydata PYTHON` the minimal report of ydata-profiling, run by a Python that has it.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.made_files import make_file

ROUNDS = 3
_YDATA = """
import resource, sys, time
import pandas as pd
from ydata_profiling import ProfileReport
begun = time.perf_counter()
frame = pd.read_csv(sys.argv[1])
read = time.perf_counter() - begun
ProfileReport(frame, minimal=True, progress_bar=False, correlations=None).get_description()
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def profile_with(rival: str, file: Path) -> None:
    """Print seconds and the peak of resident memory in MB, imports left out."""
    if rival == "pandas":
        import pandas as pd

        begun = time.perf_counter()
        pd.read_csv(file)
    else:
        from core import pipeline
        from core.recipe import Recipe
        from core.workspace.shelf import Shelf

        recipe = Recipe().change("ingest", target="target")
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            begun = time.perf_counter()
            dataset = pipeline.read(file, recipe, Path(folder))
            if rival == "ours":
                pipeline.profile(dataset, recipe, Shelf())
    print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(rival: str, file: Path, python: str | None = None) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.profile_files", "--one", rival, str(file)]
    if python:
        command = [python, "-W", "ignore", "-c", _YDATA, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split()[-2:])
    return seconds, megabytes


def compare(name: str, file: Path, rivals: tuple[str, ...], rounds: int = ROUNDS) -> tuple[float, float]:
    """Print what each rival takes, and return the seconds and the peak of ours."""
    taken: dict[str, list[tuple[float, float]]] = {rival: [] for rival in rivals}
    for _ in range(rounds):
        for rival, measured in taken.items():
            measured.append(measure(rival, file))
    best = {rival: min(measured) for rival, measured in taken.items()}
    ours, peak = best["ours"]
    told = f"{name}, {file.stat().st_size / 1e6:,.0f} MB: read and profiled in {ours:.2f} s, peak {peak:,.0f} MB"
    if "pandas" in best:
        seconds, memory = best["pandas"]
        told += f"; pandas.read_csv {seconds:.2f} s, {memory:,.0f} MB; ours / pandas = {ours / seconds:.2f}"
    if "reading" in best:
        told += f"; of ours, reading {best['reading'][0]:.2f} s"
    print(told, flush=True)
    return best["ours"]


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
        ours, peak = compare("300,000 x 102", file, ("pandas", "ours", "reading"))
        if asked.ydata:
            seconds, memory = measure("ydata", file, asked.ydata)
            print(
                f"ydata-profiling, minimal, no correlations: {seconds:.1f} s, peak {memory:,.0f} MB; it / ours = "
                f"{seconds / ours:.1f} in time, ours / it = {peak / memory:.2f} in memory",
                flush=True,
            )
        compare("2,000 x 5,000", make_file(Path(folder) / "wide.csv", 2_000, 4_998), ("pandas", "ours"))
        if asked.large:
            file = make_file(Path(folder) / "large.csv", 10_000_000, 18)
            compare("10,000,000 x 20", file, ("ours",), rounds=1)


if __name__ == "__main__":
    main()
