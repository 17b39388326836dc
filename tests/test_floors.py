"""The drawing of the house, held by its imports: a file leans only on floors below its own, a library has one home."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the ground up. A room leans on its own folder, on rooms of lower floors, and on those to its left on its own floor.
FLOORS = (
    (
        "core.version",
        "core.text",
        "core.io",
        "core.errors",
        "core.progress",
        "core.findings",
        "core.recipe",
        "core.runtime",
        "core.accuracy",
        "core",
    ),
    ("core.data", "core.context"),
    (
        "core.ingest.values",
        "core.ingest.layout",
        "core.ingest.containers",
        "core.ingest.series",
        "core.ingest.revisions",
        "core.ingest",
    ),
    (
        "core.quality.numerics",
        "core.quality.column",
        "core.quality.pairwise",
        "core.quality.market",
        "core.quality.forecastability",
        "core.quality.scan",
        "core.quality.checks",
        "core.quality",
        "core.quality.views",
        "core.cleaning",
        "core.samples",
    ),
    (
        "core.regression",
        "core.importance",
        "core.executor",
        "core.forecast.network",
        "core.forecast.evaluation",
        "core.forecast",
    ),
    ("core.workspace", "core.charts"),
    ("core.delivery",),
    ("core.steps", "core.folds", "core.refit", "core.pipeline"),
    ("core.terminal", "core.worker", "core.idle_worker", "core.__main__"),
    ("pages.parts", "pages", "app"),
)
# Rooms of one floor that must not know each other, whatever stands to the left.
STRANGERS = (("core.regression", "core.importance", "core.forecast"), ("core.workspace", "core.charts"))

HOMES = {
    "streamlit": ("app", "pages"),
    "tensorflow": ("core.forecast.network.training",),
    "keras": ("core.forecast.network.training",),
    "catboost": ("core.importance", "core.forecast.evaluation.windowed"),
    "statsmodels": ("core.regression", "core.forecast"),
    "sklearn": (),
    "arch": ("core.regression", "core.data.builtin"),
    "plotly": ("core.charts", "core.delivery.report", "core.delivery.packed_plotly", "pages.parts"),
    "sqlalchemy": ("core.workspace",),
    "jinja2": ("core.delivery.report",),
    "distributed": ("core.executor",),
    "psutil": ("core.workspace", "core.worker"),
    "tsdownsample": ("core.charts",),
}

FILES = sorted([ROOT / "app.py", *ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py")])


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file with its line: at the top, inside functions, and for type checkers alone."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are absolute, from the root"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = ROOT.joinpath(*whole.split(".")).with_suffix(".py").exists()
                is_package = ROOT.joinpath(*whole.split(".")).is_dir()
                yield node.lineno, whole if is_module or is_package else node.module


def room_of(module: str) -> tuple[int, int, str]:
    """The floor of a module, the place of its room on that floor, and the room."""
    rooms = [(floor, place, room) for floor, row in enumerate(FLOORS) for place, room in enumerate(row)]
    fitting = [entry for entry in rooms if module == entry[2] or module.startswith(f"{entry[2]}.")]
    nearest = max(fitting, key=lambda entry: len(entry[2]), default=None)
    assert nearest is not None, f"{module} stands on no floor"
    assert nearest[2] != "core" or module == "core", f"{module} stands on no floor: name it in FLOORS"
    return nearest


def fault_of(module: str, imported: str) -> str | None:
    """What is wrong with an import of one of our modules by another, or None."""
    if imported.partition(".")[0] not in ("core", "pages", "app"):
        return None
    (floor, place, room), (below, left, other) = room_of(module), room_of(imported)
    if room == other and room not in ("pages",):
        return None
    if room == other:
        return f"{module} imports {imported}: no page imports a page"
    if below < floor or (
        below == floor and left < place and not any(room in row and other in row for row in STRANGERS)
    ):
        return None
    return f"{module} (floor {floor}) imports {imported} (floor {below})"


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_a_file_leans_only_on_floors_below_its_own(file: Path) -> None:
    faults = [
        f"line {line}: {fault}"
        for line, name in imports_of(file)
        if (fault := fault_of(module_of(file), name)) is not None
    ]
    assert not faults


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_each_heavy_library_has_one_home(file: Path) -> None:
    module = module_of(file)
    strangers = [
        f"line {line}: {name}"
        for line, name in imports_of(file)
        if (homes := HOMES.get(name.partition(".")[0])) is not None
        and not any(module == home or module.startswith(f"{home}.") for home in homes)
    ]
    assert not strangers


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("core.ingest.reader", "core.quality.profile"),
        ("core.quality.profile", "core.cleaning.plan"),
        ("core.regression.ols", "core.forecast.network.windows"),
        ("core.charts.quality.bad_values", "core.workspace.jobs"),
        ("core.forecast.network.windows", "core.pipeline"),
        ("core.pipeline", "pages.parts.frame.state"),
        ("pages.quality", "pages.upload"),
        ("pages.parts.frame.state", "pages.shell"),
    ],
)
def test_the_drawing_refuses_an_import_that_goes_up_or_across(module: str, imported: str) -> None:
    assert fault_of(module, imported) is not None


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("core.cleaning.plan", "core.quality.profile"),
        ("core.forecast.network.windows", "core.samples.samples"),
        ("core.forecast.network.training", "core.forecast.network.network"),
        ("core.pipeline", "core.delivery.bundle"),
        ("pages.quality", "pages.parts.frame.frame"),
        ("pages.quality", "numpy"),
    ],
)
def test_the_drawing_allows_an_import_that_goes_down(module: str, imported: str) -> None:
    assert fault_of(module, imported) is None


def test_the_pipeline_is_imported_without_the_heavy_libraries() -> None:
    heavy = ("tensorflow", "keras", "catboost", "statsmodels", "sklearn", "arch", "distributed", "streamlit")
    told = f"import sys, core.pipeline; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_in_core_prints_but_the_command_line() -> None:
    talkers = {
        module_of(file)
        for file in ROOT.glob("core/**/*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert talkers <= {"core.__main__", "core.worker"}


def test_no_file_swallows_every_error() -> None:
    broad = [
        f"{module_of(file)}, line {node.lineno}"
        for file in FILES
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and not any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
    ]
    assert not broad
