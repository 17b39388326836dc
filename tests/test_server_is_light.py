"""The server imports no library that trains: TensorFlow in its process would be slow, large, and cleared on every click."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TRAINERS = ("tensorflow", "keras", "catboost", "statsmodels", "torch")
FOLDERS = ("core/workspace", "core/charts", "pages/parts")
SERVED = (
    "core.pipeline",
    *(
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for folder in FOLDERS
        for file in sorted((ROOT / folder).rglob("[!_]*.py"))
    ),
    "app",
)


def test_nothing_that_the_server_imports_loads_a_library_that_trains() -> None:
    told = f"""
import importlib, sys
loaded = {{}}
for name in {SERVED!r}:
    importlib.import_module(name)
    for library in {TRAINERS!r}:
        if library in sys.modules:
            loaded.setdefault(library, name)
print(loaded)
"""
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "{}", done.stderr
