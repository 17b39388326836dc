"""The command line: `python -m core samples | profile | recipe | run | predict | backup | restore | prune`.

Exit codes: 0 done; 2 the input or the recipe is at fault (one sentence on stderr); 1 a bug; 130 stopped by Ctrl-C.
Modules are imported after the arguments are checked, so a wrong path is reported at once.
"""

from core.runtime import configure

configure()

import argparse
import errno
import os
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from core.errors.command_line import DataFileForbidden, DataFileMissing, FolderNotWritable, OutputIsFolder
from core.errors.model import PlumblineError
from core.findings.model import Finding, Severity, worst_first
from core.io.json import write_json
from core.progress import require_going
from core.recipe.model import Recipe, read_recipe
from core.terminal.display import Display, render_table
from core.terminal.interrupts import Interrupts
from core.text.escape import plain_text
from core.version import __version__

if TYPE_CHECKING:
    from core.context import Context
    from core.data.dataset import Dataset
    from core.quality.profile import QualityProfile
    from core.workspace.backup import Contents
    from core.workspace.ledger import Ledger

MOST_COLUMNS = 40
MOST_ALIKE = 3
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    asked = _parser().parse_args(arguments)
    if not sys.warnoptions:
        warnings.simplefilter(
            "ignore"
        )  # what the user should know is a finding; libraries' warnings are for developers
    with Interrupts() as interrupts:
        asked.should_stop = interrupts.heard
        return _run_command(asked)


def _run_command(asked: argparse.Namespace) -> int:
    """Return the exit code of a command; after Ctrl-C it counts as stopped, however it ended."""
    try:
        asked.command(asked)
        sys.stdout.flush()
        if asked.should_stop():
            raise KeyboardInterrupt
        return 0
    except BrokenPipeError:
        # The reader has closed the pipe, as `| head` does. Python would complain again when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as error:
        # A library may turn the KeyboardInterrupt into an error of its own.
        if asked.should_stop() or isinstance(error, KeyboardInterrupt):
            print(f"{asked.name}: Stopped.", file=sys.stderr)
            return INTERRUPTED
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            from core.errors.command_line import NoSpaceLeft

            error = NoSpaceLeft()
        if isinstance(error, PlumblineError):
            print(f"{asked.name}: {error}", file=sys.stderr)
            return 2
        raise


def _report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print before the traceback of a bug that it is not the user's fault."""
    print("This is a bug in Plumbline, not in your data. Please report what follows.", file=sys.stderr)
    traceback.print_exception(kind, error, trace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Plumbline without the browser.")
    parser.add_argument("--version", action="version", version=f"Plumbline {__version__}")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

    samples = commands.add_parser("samples", help="list the built-in data sets, or write one")
    samples.add_argument("sample", nargs="?", metavar="NAME", help="the data set to write")
    samples.add_argument("--out", type=Path, metavar="FILE.csv", help="where to write it")
    samples.set_defaults(command=write_samples, usage_error=samples.error)

    profile = commands.add_parser("profile", help="read and profile a file")
    profile.add_argument("data", type=Path, metavar="DATA")
    profile.add_argument("--recipe", type=Path, metavar="R", help="settings that differ from what is inferred")
    profile.add_argument("--json", type=Path, metavar="F", help="where to write every number")
    profile.set_defaults(command=show_profile)

    recipe = commands.add_parser("recipe", help="write a starter recipe: every setting and its default")
    recipe.add_argument("data", type=Path, metavar="DATA")
    recipe.add_argument("--target", metavar="COL", help="the column to forecast; inferred if left out")
    recipe.add_argument("--out", type=Path, metavar="R", required=True)
    recipe.set_defaults(command=write_recipe)

    run = commands.add_parser("run", help="run the whole walk: from data and recipe to verdict, report and bundle")
    run.add_argument("data", type=Path, metavar="DATA")
    run.add_argument("--recipe", type=Path, metavar="R", required=True)
    run.add_argument("--out", type=Path, metavar="DIR", required=True, help="the folder for the results")
    run.set_defaults(command=run_walk)

    predict = commands.add_parser("predict", help="score new rows with an exported bundle")
    predict.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle.zip, or its unzipped folder")
    predict.add_argument("data", type=Path, metavar="DATA")
    predict.add_argument("--out", type=Path, metavar="F.csv", required=True)
    predict.set_defaults(command=write_predictions)

    backup = commands.add_parser("backup", help="copy the database and all projects into one file, while jobs run")
    backup.add_argument("out", type=Path, metavar="OUT.tar")
    backup.set_defaults(command=write_workspace_backup)

    restore = commands.add_parser("restore", help="restore a backup into an empty workspace")
    restore.add_argument("backup", type=Path, metavar="BACKUP.tar")
    restore.set_defaults(command=restore_workspace)

    prune = commands.add_parser("prune", help="delete projects that nobody has touched for PLUMBLINE_KEEP_DAYS")
    prune.add_argument("--dry-run", action="store_true", help="only list them")
    prune.set_defaults(command=prune_workspace, usage_error=prune.error)
    return parser


def write_samples(asked: argparse.Namespace) -> None:
    """List the built-in data sets, or write one as CSV."""
    from core.data.builtin import list_samples, write_sample

    if asked.sample is None:
        rows = [(sample.name, sample.target, sample.title) for sample in list_samples()]
        print(render_table(["NAME", "target", "what it is"], rows, words=3))
        return
    if asked.out is None:
        asked.usage_error("give --out FILE.csv")
    _require_place(asked.out)
    write_sample(asked.sample, asked.out)
    print(f"{asked.sample} written to {asked.out}")


def show_profile(asked: argparse.Namespace) -> None:
    """Read and profile a file: a table on the terminal, every number in the file of --json."""
    recipe = Recipe() if asked.recipe is None else read_recipe(asked.recipe)
    _require_data(asked.data)
    if asked.json is not None:
        _require_place(asked.json)
    from core.quality.profile import profile_document

    dataset, profile = _profile(asked, recipe)
    if asked.json is not None:
        write_json(asked.json, profile_document(dataset, profile))
    print(_profile_text(dataset, profile))


def _profile(asked: argparse.Namespace, recipe: Recipe) -> "tuple[Dataset, QualityProfile]":
    from core.quality.step import profile

    with tempfile.TemporaryDirectory() as tables, Display() as progress:
        context = _read(asked, recipe, Path(tables), progress)
        return context.dataset, profile(context)


def _read(asked: argparse.Namespace, recipe: Recipe, tables: Path, progress: Display) -> "Context":
    from core.context import Context
    from core.data.user_file import UserFile
    from core.ingest.step import read
    from core.io.cache import Cache

    dataset = read(asked.data, recipe, tables, progress, asked.should_stop)
    file = UserFile(path=asked.data, name=asked.data.name)
    return Context(
        dataset=dataset,
        recipe=recipe,
        cache=Cache(tables / "cache"),
        progress=progress,
        should_stop=asked.should_stop,
        file=file,
    )


def _profile_text(dataset: "Dataset", profile: "QualityProfile") -> str:
    from core.quality.forecastability.sentences import map_sentence

    rows = [
        (
            column.name,
            column.kind.value,
            f"{100 * column.all.bad_ratio:.1f} %",
            f"{100 * column.all.unique_ratio:.0f} %",
            *(getattr(column.all, name) for name in ("mean", "std", "min", "median", "max")),
        )
        for column in profile.columns[:MOST_COLUMNS]
    ]
    header = ["column", "kind", "bad", "unique", "mean", "std", "min", "median", "max"]
    series = f", one series for each {plain_text(dataset.series_column)!r}" if dataset.series_column else ""
    lines = [
        f"{dataset.rows:,} rows, {len(dataset.columns):,} columns, {_short(dataset.start)} to {_short(dataset.end)}, "
        f"{dataset.frequency or 'no regular frequency'}, by {plain_text(dataset.time_column)!r}{series}",
        f"{dataset.encoding}, delimiter {dataset.delimiter!r}, decimal {dataset.decimal!r}",
        "",
        render_table(header, rows, words=2),
    ]
    if len(profile.columns) > MOST_COLUMNS:
        lines.append(f"… and {len(profile.columns) - MOST_COLUMNS:,} more columns; --json F writes them all")
    lines += ["", plain_text(map_sentence(profile.forecastability), most=600)]
    lines += ["", *_finding_lines(worst_first([*dataset.findings, *profile.findings]))]
    return "\n".join(lines)


def _short(stamp: str) -> str:
    """Return an ISO time without the parts that are zero."""
    return stamp.removesuffix(".000000").removesuffix("T00:00:00")


def _finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Return one line per finding; of each code the first few, then how many more there are."""
    told: Counter[str] = Counter()
    lines = []
    for finding in findings:
        told[finding.code] += 1
        if told[finding.code] <= MOST_ALIKE:
            where = ", ".join(map(str, finding.rows[:MOST_ALIKE])) + (" …" if len(finding.rows) > MOST_ALIKE else "")
            at = f" (line {where})" if where else ""
            lines.append(f"{finding.severity.value:<8} {plain_text(finding.title, most=300)}{at}")
    lines += [f"… and {count - MOST_ALIKE:,} more of {code}" for code, count in told.items() if count > MOST_ALIKE]
    return lines


def _notable(findings: Sequence[Finding]) -> list[Finding]:
    return [found for found in worst_first(tuple(findings)) if found.severity != Severity.INFO]


def write_recipe(asked: argparse.Namespace) -> None:
    """Write a starter recipe: every setting, with what was inferred from the file filled in."""
    _require_data(asked.data)
    _require_place(asked.out)
    from core.ingest.step import starter_recipe
    from core.quality.step import profile
    from core.samples.task import resolve_task

    with tempfile.TemporaryDirectory() as tables, Display() as progress:
        context = _read(asked, Recipe(), Path(tables), progress)
        recipe = starter_recipe(context.dataset, asked.target)
        quality = profile(context.under(recipe))
    recipe = recipe.change("training", predict=resolve_task(recipe, quality).predict)
    write_json(asked.out, recipe)
    print(f"Recipe for {plain_text(recipe.ingest.target or '')!r} written to {asked.out}")


def run_walk(asked: argparse.Namespace) -> None:
    """Run the whole walk and write every result into a folder."""
    recipe = read_recipe(asked.recipe)
    _require_data(asked.data)
    _require_folder(asked.out)
    from core.pipeline import walk

    ledger = _find_ledger()
    with tempfile.TemporaryDirectory() as tables, Display(asked.out / "progress.jsonl") as progress:
        walked = walk(_read(asked, recipe, Path(tables), progress), asked.out, ledger=ledger, folds=True)
        require_going(asked.should_stop)
    for line in _finding_lines(_notable(walked.training.findings)):
        print(line, file=sys.stderr)
    if walked.fault:
        print(walked.fault, file=sys.stderr)
    print(walked.verdict.sentence)
    print(f"Results are in {asked.out}; begin with {asked.out / 'report.html'}.")


def _find_ledger() -> "Ledger | None":
    """Return the ledger of the workspace, or None, with a line on stderr, if it cannot be used: the walk needs none."""
    from core.workspace.ledger import find_ledger

    try:
        return find_ledger()
    except PlumblineError as error:
        print(f"Trials are not counted. {error}", file=sys.stderr)
        return None


def write_predictions(asked: argparse.Namespace) -> None:
    """Score new rows with a bundle."""
    _require_data(asked.data)
    _require_place(asked.out)
    from core.delivery.bundle import read_bundle
    from core.delivery.predict import predict_with
    from core.delivery.tables import write_csv

    bundle = read_bundle(asked.bundle)
    with tempfile.TemporaryDirectory() as folder, Display() as progress:
        scored = predict_with(bundle, asked.data, Path(folder), progress, asked.should_stop)
    write_csv(scored.table, asked.out)
    for line in _finding_lines(_notable(scored.findings)):
        print(line, file=sys.stderr)
    print(f"{len(scored.table):,} predictions of {bundle.manifest.task.label} written to {asked.out}")


def write_workspace_backup(asked: argparse.Namespace) -> None:
    """Back up the workspace of `PLUMBLINE_HOME`."""
    _require_place(asked.out)
    from core.workspace.backup import write_backup
    from core.workspace.projects import Workspace

    workspace = Workspace(owner=None)
    _print_contents(write_backup(workspace.home, workspace.database, asked.out), f"written to {asked.out}")


def restore_workspace(asked: argparse.Namespace) -> None:
    """Restore a backup into the workspace of `PLUMBLINE_HOME`."""
    _require_data(asked.backup)
    from core.workspace.backup import restore_backup
    from core.workspace.projects import Workspace

    workspace = Workspace(owner=None)
    _print_contents(restore_backup(asked.backup, workspace.home, workspace.database), f"restored in {workspace.home}")


def _print_contents(contents: "Contents", what: str) -> None:
    from core.text.sizes import format_size

    counts = f"{contents.projects:,} projects, {contents.runs:,} runs, {contents.files:,} files"
    print(f"{counts}, {format_size(contents.bytes)}: {what}")


def prune_workspace(asked: argparse.Namespace) -> None:
    """Delete, or list, the projects that nobody has touched for `PLUMBLINE_KEEP_DAYS` days."""
    from core.workspace.projects import Workspace
    from core.workspace.retention import VARIABLE, delete_untouched, find_untouched, keep_days

    days = keep_days()
    if days is None:
        asked.usage_error(f"set {VARIABLE} to the number of days that projects are kept")
        return
    workspace = Workspace(owner=None)
    found = (find_untouched if asked.dry_run else delete_untouched)(workspace, days)
    rows = [(plain_text(project.name), plain_text(project.owner), f"{project.since:%Y-%m-%d}") for project in found]
    print(render_table(["PROJECT", "owner", "last used"], rows, words=3) if rows else "No project is that old.")
    if rows:
        print(f"{len(rows):,} projects {'would be deleted' if asked.dry_run else 'deleted'}.")


def _require_data(path: Path) -> None:
    if not path.is_file():
        raise DataFileMissing(path=str(path), is_folder=path.is_dir())
    if not os.access(path, os.R_OK):
        raise DataFileForbidden(path=str(path))


def _require_place(path: Path) -> None:
    """Raise `WorkspaceError` unless a file can be written at `path`; create its folder if needed."""
    if path.is_dir():
        raise OutputIsFolder(path=str(path))
    _require_folder(path.parent)


def _require_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderNotWritable(path=str(folder), reason=error.strerror or "unknown") from error
    if not os.access(folder, os.W_OK):
        raise FolderNotWritable(path=str(folder), reason="permission denied")


if __name__ == "__main__":
    sys.excepthook = _report_bug
    code = main()
    if code == INTERRUPTED:
        # Where Ctrl-C went through a library that runs Python itself, Python would now end by the signal, without this code.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
