"""How polluted files are read: exactly, with a difference that is reported, or silently wrong; beside pandas and DuckDB.

`python -m benchmarks.pollute_files --seed 5 --keep silent`. Each file is a clean table of 80 rows with one kind of pollution
(`benchmarks/pollution.py`), so the right cells are known. Every reader is compared with its own reading of the clean file.

* success: loaded, or refused with an error of the reader's own; no crash and no hang.
* exact: the names and cells of the clean table. If a row is malformed, all other rows are, and that row is repaired or reported.
* reported: differs or refused, and a warning or problem says so that the clean file does not give or that names the line.
* info: differs, and only an info says so.
* silent: differs, and nothing says so.

The rivals get the benefit of the doubt: any exception of theirs is a refusal, and text that spells a number equals the number.
`PLUMBLINE_REAL_DATA` names the folder of real files; without it the built-in samples are cut.
"""

import argparse
import json
import math
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.pollution import HEADER, KINDS, Polluted, Style, Table, load_tables, pollute
from core.data.columns import LINE
from core.errors.model import PlumblineError
from core.findings.model import Severity
from core.ingest.reader import read_table
from core.recipe.model import IngestSettings

OUTCOMES = ("exact", "reported", "info", "silent", "crash")
PANDAS, SNIFFING, DUCKDB, OURS = "pandas", "pandas sep=None", "DuckDB", "Plumbline"
_SECONDS = 30
_GRAVE = (Severity.WARNING, Severity.PROBLEM)

Cell = float | str | None
Row = tuple[Cell, ...]


class Hang(BaseException):
    """A file took too long; derived from `BaseException` so that no handler swallows it."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reader made of a file: rows in file order, and the code, severity and lines of each report."""

    names: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    reports: tuple[tuple[str, Severity, tuple[int, ...]], ...] = ()
    refused: str = ""
    crashed: str = ""


def read_ours(file: Path) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        try:
            dataset = read_table(file, IngestSettings(), Path(folder) / "read")
            names = [column.name for column in dataset.columns]
            frame = dataset.read([LINE, *names]).sort_values(LINE, kind="stable")[names]
        except PlumblineError as error:
            return Reading(refused=str(error))
        reports = tuple((finding.code, finding.severity, finding.rows) for finding in dataset.findings)
    return Reading(names=tuple(names), rows=_rows_of(frame, _typed), reports=reports)


def read_pandas(file: Path, **settings: str | None) -> Reading:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            frame = pd.read_csv(file, **settings)
        except Exception as error:
            return Reading(refused=str(error))
    reports = tuple((type(warning.message).__name__, Severity.WARNING, ()) for warning in warned)
    return Reading(names=tuple(map(str, frame.columns)), rows=_rows_of(frame, _spelled), reports=reports)


def read_duckdb(files: list[Path], python: Path) -> list[Reading]:
    script = Path(__file__).with_name("duckdb_rows.py")
    asked = "".join(f"{file}\n" for file in files)
    done = subprocess.run([python, script], input=asked, check=True, capture_output=True, text=True)
    readings = []
    for line in done.stdout.splitlines():
        read = json.loads(line)
        if "refused" in read:
            readings.append(Reading(refused=read["refused"]))
        else:
            rows = tuple(tuple(map(_spelled, row)) for row in read["rows"])
            readings.append(Reading(names=tuple(read["names"]), rows=rows))
    assert len(readings) == len(files)
    return readings


def _rows_of(frame: pd.DataFrame, cell: Callable[[object], Cell]) -> tuple[Row, ...]:
    columns = [[cell(value) for value in frame.iloc[:, at].tolist()] for at in range(frame.shape[1])]
    return tuple(zip(*columns, strict=True))


def _typed(value: object) -> Cell:
    """Return a cell as it was read: a column of numbers that became text differs."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return float(value) if isinstance(value, (int, float)) else str(value).strip() or None


def _spelled(value: object) -> Cell:
    """Return a cell as it is spelled: a column of numbers that became text does not differ."""
    cell = _typed(value)
    try:
        number = float(cell) if isinstance(cell, str) else math.nan
    except ValueError:
        return cell
    return cell if math.isnan(number) else number


def judge(polluted: Polluted, reading: Reading, clean: Reading) -> tuple[str, str]:
    """Return one of `OUTCOMES`, and in which way the reading differs."""
    if reading.crashed:
        return "crash", reading.crashed
    if reading.refused:
        return ("exact" if polluted.is_empty else "reported"), reading.refused
    known = {code for code, _, _ in clean.reports}
    line = None if polluted.damaged is None else polluted.damaged + 2
    new = [severity for code, severity, lines in reading.reports if code not in known or line in lines]
    is_reported = any(severity in _GRAVE for severity in new)
    difference = _difference(polluted, reading, clean, is_reported)
    if not difference:
        return "exact", ""
    if is_reported:
        return "reported", difference
    return ("info" if new else "silent"), difference


def _difference(polluted: Polluted, reading: Reading, clean: Reading, is_reported: bool) -> str:
    """Return how the reading differs from the right one; empty if it does not."""
    if (polluted.is_empty or polluted.must_report) and not is_reported:
        return "not reported"
    columns = range(len(clean.names)) if polluted.columns is None else polluted.columns
    rows = [tuple(row[at] for at in columns) for row in clean.rows[: polluted.rows]]
    if not polluted.is_empty and len(reading.names) != len(columns) and polluted.damaged != HEADER:
        return f"{len(reading.names)} columns, not {len(columns)}"
    if polluted.damaged is None or polluted.damaged == HEADER:
        difference = _first_difference(list(reading.rows), rows)
    else:
        difference = _difference_beside(polluted, list(reading.rows), rows, is_reported)
    if difference:
        return difference
    if polluted.damaged == HEADER and is_reported:
        return ""
    if polluted.is_empty:
        return ""
    if polluted.names is None:
        return _other_names(polluted, reading.names, clean.names)
    written = zip(reading.names, polluted.names, strict=True)
    wrong = [name for name, expected in written if expected is not None and expected.strip() not in name]
    return f"name {wrong[0][:60]!r}" if wrong else ""


def _other_names(polluted: Polluted, read: tuple[str, ...], clean: tuple[str, ...]) -> str:
    right = [clean]
    if polluted.damaged == HEADER and polluted.literal is not None:
        column, text = polluted.literal
        right.append((*clean[:column], text, *clean[column + 1 :]))
    if read in right:
        return ""
    if len(read) != len(clean):
        return f"{len(read)} columns, not {len(clean)}"
    return "names " + ", ".join(
        f"{one!r}, not {other!r}" for one, other in zip(read, clean, strict=True) if one != other
    )


def _difference_beside(polluted: Polluted, read: list[Row], rows: list[Row], is_reported: bool) -> str:
    """Return how the rows beside the damaged one differ, or that row if nothing reports it."""
    at = polluted.damaged
    assert at is not None
    others = rows[:at] + rows[at + 1 :]
    if len(read) == len(rows):
        extra = next((place for place, (one, other) in enumerate(zip(read, others)) if one != other), len(others))  # noqa: B905
        found = read.pop(extra)
        right = [rows[at]]
        if polluted.literal is not None:
            column, text = polluted.literal
            right.append((*rows[at][:column], text, *rows[at][column + 1 :]))
        if read == others and not is_reported and found not in right:
            return f"row {at + 1}: {_differing(found, rows[at])}"
    elif len(read) == len(others) and read == others and not is_reported:
        return f"row {at + 1} is missing"
    return _first_difference(read, others)


def _first_difference(read: list[Row], rows: list[Row]) -> str:
    if read == rows:
        return ""
    if len(read) != len(rows):
        return f"{len(read)} rows, not {len(rows)}"
    at = next(at for at, (one, other) in enumerate(zip(read, rows, strict=True)) if one != other)
    return f"row {at + 1}: {_differing(read[at], rows[at])}"


def _differing(row: Row, right: Row) -> str:
    if len(row) != len(right):
        return f"{len(row)} cells, not {len(right)}"
    differing = [(one, other) for one, other in zip(row, right, strict=True) if one != other]
    more = f" and {len(differing) - 2} more" if len(differing) > 2 else ""
    return ", ".join(f"{one!r:.60}, not {other!r:.60}" for one, other in differing[:2]) + more


def _raise_hang(*_: object) -> None:
    raise Hang


def _read_file(file: Path) -> dict[str, Reading]:
    """Return what we and pandas read."""
    readers = {OURS: read_ours, PANDAS: read_pandas, SNIFFING: partial(read_pandas, sep=None, engine="python")}
    readings = {}
    signal.signal(signal.SIGALRM, _raise_hang)
    for name, reader in readers.items():
        signal.alarm(_SECONDS)
        try:
            readings[name] = reader(file)
        except (Exception, Hang) as error:
            readings[name] = Reading(crashed=f"{type(error).__name__}: {error}"[:200])
        finally:
            signal.alarm(0)
    return readings


def read_all(files: list[Path], processes: int, duckdb: Path | None) -> list[dict[str, Reading]]:
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        readings = pool.map(_read_file, files, chunksize=20)
    if duckdb is not None:
        for found, reading in zip(readings, read_duckdb(files, duckdb), strict=True):
            found[DUCKDB] = reading
    return readings


def check_clean(table: Table, clean: Reading) -> None:
    """Raise if our reading of the clean file is not the table: nothing could be judged by it."""
    assert not clean.refused + clean.crashed, clean
    assert clean.names == table.header, (clean.names, table.header)
    assert len(clean.rows) == len(table.rows)
    for row, cells in zip(clean.rows, table.rows, strict=True):
        for read, text in zip(row, cells, strict=True):
            plain = _spelled(text)
            if isinstance(read, float) and isinstance(plain, float) and not table.has_decimal_comma:
                assert read == plain, (table.name, read, text)


def measure(seed: int, count: int, processes: int, duckdb: Path | None, folder: Path) -> "Measured":
    """Return the outcome of each reader on each file; the files are left in the folder."""
    tables = load_tables(seed)
    clean_files = []
    for at, table in enumerate(tables):
        clean_files.append(folder / f"clean-{at}.csv")
        clean_files[-1].write_text(Style().text(Style().lines(table)), encoding="utf-8", newline="")
    polluted = [pollute(seed, number, tables) for number in range(count)]
    files = []
    for number, one in enumerate(polluted):
        files.append(folder / f"{seed}-{number:04}-{one.kind.replace(' ', '-')}.csv")
        files[-1].write_bytes(one.data)
    readings = read_all([*clean_files, *files], processes, duckdb)
    clean = {table.name: found for table, found in zip(tables, readings, strict=False)}
    for table in tables:
        check_clean(table, clean[table.name][OURS])
    outcomes = [
        {reader: judge(one, reading, clean[one.table][reader]) for reader, reading in found.items()}
        for one, found in zip(polluted, readings[len(tables) :], strict=True)
    ]
    return Measured(polluted, files, outcomes)


@dataclass(frozen=True)
class Measured:
    """The files and, for each, the outcome and the difference by reader."""

    polluted: list[Polluted]
    files: list[Path]
    outcomes: list[dict[str, tuple[str, str]]]

    def count(self, reader: str, kind: str | None = None) -> Counter[str]:
        return Counter(
            outcome[reader][0]
            for one, outcome in zip(self.polluted, self.outcomes, strict=True)
            if kind in (None, one.kind)
        )

    def of_outcome(self, *outcomes: str) -> list[tuple[Polluted, Path, str]]:
        """Return our files of these outcomes, one of each kind before the next of any."""
        seen: Counter[str] = Counter()
        ranked = []
        for one, file, outcome in zip(self.polluted, self.files, self.outcomes, strict=True):
            if outcome[OURS][0] in outcomes:
                ranked.append((seen[one.kind], len(ranked), one, file, outcome[OURS][1]))
                seen[one.kind] += 1
        return [(one, file, difference) for *_, one, file, difference in sorted(ranked, key=lambda entry: entry[:2])]


def print_figures(measured: Measured) -> None:
    rivals = [reader for reader in measured.outcomes[0] if reader != OURS]
    titles = ["files", "success", *OUTCOMES[:-1]]
    print(f"{'':36}" + "".join(f"{title:>9}" for title in titles) + "".join(f"{rival:>18}" for rival in rivals))
    print(f"{OURS:36}" + " " * 9 * len(titles) + f"{'exact / silent':>18}" * len(rivals))
    for kind in KINDS:
        ours = measured.count(OURS, kind)
        if not ours.total():
            continue
        figures = [ours.total(), ours.total() - ours["crash"], *(ours[outcome] for outcome in OUTCOMES[:-1])]
        beside = [measured.count(rival, kind) for rival in rivals]
        pairs = [f"{count['exact']} / {count['silent']}" for count in beside]
        print(f"{kind:36}" + "".join(f"{figure:9}" for figure in figures) + "".join(f"{pair:>18}" for pair in pairs))
    print(f"\n{'percent of the files':36}" + "".join(f"{title:>9}" for title in titles) + f"{'exact or reported':>20}")
    for reader in (OURS, *rivals):
        count = measured.count(reader)
        total = count.total()
        shares = [total - count["crash"], *(count[outcome] for outcome in OUTCOMES[:-1])]
        certain = f"{100 * (count['exact'] + count['reported']) / total:.1f}"
        print(f"{reader:36}{total:9}" + "".join(f"{100 * share / total:9.1f}" for share in shares) + f"{certain:>20}")


def install_duckdb(folder: Path) -> Path:
    """Return the Python of a new environment that holds DuckDB."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "duckdb"], check=True)
    return python


def keep_files(measured: Measured, folder: Path, most: int, outcomes: Iterable[str]) -> None:
    found = measured.of_outcome(*outcomes)
    print(
        f"\n{len(found)} files with outcome {' or '.join(outcomes)}" + (", for instance:" if len(found) > most else "")
    )
    for one, file, difference in found[:most]:
        print(f"  {file.name} ({one.table}): {difference}")
        if folder:
            shutil.copy(file, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="which stretches, rows, places and forms are drawn")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--duckdb", action="store_true", help="install DuckDB in a temporary environment, and read with it"
    )
    parser.add_argument("--most", type=int, default=30, help="how many silent files to name")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="write the named files and the clean ones into a folder"
    )
    asked = parser.parse_args()
    os.nice(5)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "files"
        folder.mkdir()
        python = install_duckdb(Path(scratch) / "duckdb") if asked.duckdb else None
        measured = measure(asked.seed, asked.files, asked.processes, python, folder)
        print(f"seed {asked.seed}")
        print_figures(measured)
        if not asked.duckdb:
            print("DuckDB was left out; --duckdb installs it in an environment of its own.")
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            for file in folder.glob("clean-*.csv"):
                shutil.copy(file, asked.keep)
        keep_files(measured, asked.keep, asked.most, ("silent", "crash"))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
