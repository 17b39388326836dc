"""Writing a bundle: the manifest, its files with checksums, and the sources that scoring needs."""

import ast
import io
import sys
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path

from core.delivery.bundle import MANIFEST, MANIFEST_CHECKSUM, WEIGHTS, Manifest, checksum_file, checksum_line, digest_of
from core.forecast.network.network import Network, pack_weights
from core.io.atomic import write_atomically
from core.io.json import to_json

ROOT = Path(__file__).parents[2]
SOURCES = "plumbline"
# Zip files know no time before this one; a fixed one keeps equal bundles equal, byte for byte.
EPOCH = (1980, 1, 1, 0, 0, 0)

_PREDICT = '''"""Score new rows with this bundle: python predict.py DATA --out F.csv (see requirements.txt for what it needs)."""

import argparse
import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "plumbline"))

try:
    from core.runtime import configure

    configure()

    from core.delivery.plain_table import read_plain_table
    from core.delivery.score_rows import score_rows
    from core.delivery.scoring_model import ScoringModel
    from core.delivery.tables import write_csv
    from core.errors.model import PlumblineError
    from core.forecast.network.network import read_weights
    from core.io.plain_json import from_plain
except ModuleNotFoundError as error:
    print(f"{error.name} is not installed. Run: pip install -r {HERE / 'requirements.txt'}", file=sys.stderr)
    sys.exit(2)


def main() -> int:
    parser = argparse.ArgumentParser(description="Score new rows with this bundle.")
    parser.add_argument("data", type=Path, help="a CSV or Parquet file with the columns of the model, see MODEL_CARD.md")
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    asked = parser.parse_args()
    document = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    weights = HERE / "weights.npz"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != document["members"]["weights.npz"]:
        print("The bundle is damaged: its weights do not match the manifest. Unzip it again.", file=sys.stderr)
        return 2
    model = from_plain(ScoringModel, document)
    try:
        rows = read_plain_table(asked.data, model.roles, model.needed, model.table)
        scored = score_rows(model, read_weights(weights, model.shape), rows.frame, rows.frequency)
        write_csv(scored.table, asked.out)
    except (PlumblineError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    for finding in scored.findings:
        if finding.severity != "info":
            print(f"{finding.severity}: {finding.title}", file=sys.stderr)
    print(f"{len(scored.table):,} predictions written to {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
'''

_SCORING_MODULES = (
    "core.delivery.plain_table",
    "core.delivery.score_rows",
    "core.delivery.scoring_model",
    "core.delivery.tables",
    "core.io.plain_json",
    "core.runtime",
)


def write_bundle(path: Path, manifest: Manifest, network: Network, members: Mapping[str, bytes | Path]) -> None:
    """Write a bundle: the model and the given files (`recipe.json`, `report.html`, ...), as bytes or paths.

    The manifest's `members` are filled in here. The file is written atomically.
    """
    contents = {
        WEIGHTS: pack_weights(network),
        **{name: given.read_bytes() if isinstance(given, Path) else given for name, given in members.items()},
        "predict.py": _PREDICT.encode(),
        "requirements.txt": "".join(f"{line}\n" for line in needed_packages()).encode(),
        **{f"{SOURCES}/{file.relative_to(ROOT).as_posix()}": file.read_bytes() for file in needed_sources()},
    }
    digests = {name: digest_of(content) for name, content in contents.items()}
    whole = to_json(manifest.model_copy(update={"members": digests}), indent=2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {MANIFEST: whole, MANIFEST_CHECKSUM: checksum_file(whole), **contents}.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
        # A comment of the seal's length first: its length stands before it and is sealed too.
        archive.comment = checksum_line(b"")
    unsealed = packed.getvalue()[: -len(checksum_line(b""))]
    write_atomically(path, unsealed + checksum_line(unsealed))


@cache
def needed_sources() -> tuple[Path, ...]:
    """Return the source files that scoring imports, at any depth, and their packages."""
    found: set[Path] = set()
    waiting = [_file_of(name) for name in _SCORING_MODULES]
    while waiting:
        file = waiting.pop()
        if file is None or file in found:
            continue
        found.add(file)
        waiting += [package / "__init__.py" for package in file.parents if package.is_relative_to(ROOT / "core")]
        waiting += [_file_of(name) for name in imported_names(file)]
    return tuple(sorted(found))


@cache
def needed_packages() -> tuple[str, ...]:
    """Return the packages that scoring needs, pinned to the installed versions: `numpy==2.4.6`."""
    outside = {name.partition(".")[0] for file in needed_sources() for name in imported_names(file)}
    outside -= {"core", *sys.stdlib_module_names}
    distributions = packages_distributions()
    names = {distributions[name][0] for name in outside}
    return tuple(sorted(f"{name}=={version(name)}" for name in names))


def imported_names(file: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports when it runs.

    Left out is what is for type checkers only, what a file can do without (`except ImportError`), and pydantic's own hook.
    """
    waiting: list[ast.AST] = [ast.parse(file.read_bytes())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Try) and any(_catches_import_error(handler) for handler in node.handlers):
            waiting += node.handlers
        elif isinstance(node, ast.FunctionDef) and node.name == "__get_pydantic_core_schema__":
            continue
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.type, ast.Name) and handler.type.id == "ImportError"


def _file_of(name: str) -> Path | None:
    """Return the file of one of our modules or packages by its dotted name; None for anything else."""
    if name.partition(".")[0] != "core":
        return None
    place = ROOT.joinpath(*name.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)
