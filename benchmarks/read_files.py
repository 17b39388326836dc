"""How long files take to become data sets and how much memory that takes, against `pandas.read_csv` on the same file.

The rival only parses; ours also finds layout, kinds, time and faults, and writes Parquet. Each reading is a process of its
own; the best of three counts, the rivals taking turns. `--large` adds two files of 2 GB, one of many columns and one of many
rows, read by us alone: 2 minutes, 5 GB of disk.
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


def read_with(rival: str, file: Path) -> None:
    """Read the file in this process and print seconds and the peak of resident memory in MB, imports left out."""
    if rival == "pandas":
        import pandas as pd

        begun = time.perf_counter()
        shape = pd.read_csv(file).shape
    else:
        from core.ingest.reader import read_table
        from core.recipe.model import IngestSettings

        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            begun = time.perf_counter()
            dataset = read_table(file, IngestSettings(), Path(folder) / "read")
            shape = (dataset.rows, len(dataset.columns))
    seconds = time.perf_counter() - begun
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, *shape)


def measure(rival: str, file: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.read_files", "--one", rival, str(file)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, megabytes, *_ = map(float, done.stdout.split())
    return seconds, megabytes


def compare(name: str, file: Path) -> None:
    taken: dict[str, list[tuple[float, float]]] = {"pandas": [], "ours": []}
    for _ in range(ROUNDS):
        for rival, measured in taken.items():
            measured.append(measure(rival, file))
    (rival, rival_peak), (ours, our_peak) = (min(measured) for measured in taken.values())
    print(
        f"{name}, {file.stat().st_size / 1e6:,.0f} MB: read to Parquet in {ours:.2f} s, pandas.read_csv {rival:.2f} s; "
        f"ours / pandas = {ours / rival:.2f}; peak {our_peak:,.0f} MB / {rival_peak:,.0f} MB = {our_peak / rival_peak:.2f}",
        flush=True,
    )


def weigh(file: Path, name: str) -> None:
    seconds, peak = measure("ours", file)
    size = file.stat().st_size / 1e6
    print(
        f"{name}, {size:,.0f} MB: {seconds:.0f} s, peak {peak:,.0f} MB; peak / file = {peak / size:.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="read a file of 2 GB too")
    parser.add_argument("--one", nargs=2, metavar=("RIVAL", "FILE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        read_with(asked.one[0], Path(asked.one[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare("300,000 x 102", make_file(Path(folder) / "long.csv", 300_000, 100))
        compare("2,000 x 5,000", make_file(Path(folder) / "wide.csv", 2_000, 4_998))
        if asked.large:
            for rows, features in ((2_150_000, 100), (10_000_000, 18)):
                weigh(make_file(Path(folder) / "large.csv", rows, features), f"{rows:,} x {features + 2}")


if __name__ == "__main__":
    main()
