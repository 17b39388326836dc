"""Whatever write fails, the old content stays or the new one is whole, no draft is left, and a second attempt succeeds."""

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data.store import write_part
from core.delivery.bundle import Manifest, read_bundle
from core.delivery.packing import write_bundle
from core.errors.model import PlumblineError
from core.forecast.network.checkpoint import Checkpoint, Position, read_checkpoint, write_checkpoint
from core.forecast.network.network import Network, read_weights, write_weights
from core.io.atomic import write_atomically
from core.io.cache import Cache
from core.workspace.backup import write_backup
from core.workspace.projects import Workspace
from core.workspace.uploads.uploads import Uploads

MOST = 200


class Faults:
    """Fails the n-th of the calls that a save makes: writes, flushes to the disk, and renames."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, kind: int) -> None:
        self.left, self.kind, self.hit = number, kind, False
        for owner, name in ((os, "fsync"), (os, "write"), (os, "pwrite"), (Path, "replace")):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))
        opened = Path.open

        def open_counted(path: Path, mode: str = "r", *args: Any, **named: Any) -> Any:
            file = opened(path, mode, *args, **named)
            return _CountedFile(file, self) if "w" in mode or "x" in mode or "+" in mode else file

        monkeypatch.setattr(Path, "open", open_counted)

    def count(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.hit = True
            raise OSError(self.kind, os.strerror(self.kind))

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.count()
            return real(*args, **named)

        return call


class _CountedFile:
    """A file whose writes are counted; one that fails has written half."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file, self._faults = file, faults

    def write(self, content: Any) -> Any:
        try:
            self._faults.count()
        except OSError:
            self._file.write(content[: len(content) // 2])
            raise
        return self._file.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_CountedFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _checkpoint(value: float) -> Checkpoint:
    return Checkpoint(Position(key="k", epoch=int(value), generation=int(value)), {"w": np.full(50, value)})


# What each save writes for a value, 1 or 2, and what is then read: None if nothing was written yet.
def _atomic(folder: Path) -> tuple[Callable[[int], object], Callable[[], object]]:
    path = folder / "a.json"
    return lambda value: write_atomically(path, b"%d" % value * 900), lambda: int(path.read_bytes()[:1])


def _cache(folder: Path) -> tuple[Callable[[int], object], Callable[[], object]]:
    cache = Cache(folder)
    return lambda value: cache.keep("profile", "12ab", value), lambda: cache.find("profile", "12ab", int)


def _generations(folder: Path) -> tuple[Callable[[int], object], Callable[[], object]]:
    def read() -> object:
        found, findings = read_checkpoint(folder, "k")
        assert not findings
        return None if found is None else found.position.epoch

    return lambda value: write_checkpoint(folder, _checkpoint(value)), read


def _table(folder: Path) -> tuple[Callable[[int], object], Callable[[], object]]:
    return (
        lambda value: write_part(folder, 0, pa.table({"x": [float(value)] * 99})),
        lambda: int(pd.read_parquet(folder / "table-0000.parquet")["x"].iloc[0]),
    )


def _upload(folder: Path) -> tuple[Callable[[int], object], Callable[[], object]]:
    uploads = Uploads(folder)
    token = uploads.begin("a.csv", 4).token

    def write(value: int) -> None:
        offset = uploads.find(token).offset
        uploads.append(token, offset, b"ab"[: 2 * value - offset])

    return write, lambda: uploads.find(token).offset // 2


SAVES = {"file": _atomic, "result": _cache, "checkpoint": _generations, "table": _table, "upload": _upload}


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("save", SAVES)
def test_the_old_content_stays_or_the_new_one_is_whole(
    save: str, kind: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, MOST):
        folder = tmp_path / str(number)
        write, read = SAVES[save](folder)
        write(1)
        with monkeypatch.context() as patch:
            faults = Faults(patch, number, kind)
            try:
                write(2)
            except (OSError, PlumblineError):
                assert faults.hit
        assert read() in (1, 2)
        assert not [path for path in folder.rglob("*") if "draft" in path.name], number
        if read() == 1:
            write(2)
        assert read() == 2
        if not faults.hit:
            break
    assert 2 <= number < MOST - 1, "no call was counted: this test could not fail"


def test_a_bundle_weights_and_a_backup_are_whole_or_absent(
    manifest: Manifest, network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "home")
    workspace.add_file(workspace.create_project("Gold").id, "gold.csv", io.BytesIO(b"date,close\n"))
    saves = {
        "bundle.zip": (lambda path: write_bundle(path, manifest, network, {"recipe.json": b"{}"}), read_bundle),
        "weights.npz": (lambda path: write_weights(network, path), lambda path: read_weights(path, network.shape)),
        "backup.tar": (lambda path: write_backup(workspace.home, workspace.database, path), Path.read_bytes),
    }
    for name, (write, read) in saves.items():
        for number in range(1, MOST):
            path = tmp_path / f"{number}" / name
            with monkeypatch.context() as patch:
                faults = Faults(patch, number, errno.ENOSPC)
                try:
                    write(path)
                except (OSError, PlumblineError):
                    assert faults.hit
            assert not list(path.parent.glob("*draft*")), (name, number)
            if path.exists():
                read(path)
            if not faults.hit:
                break
        assert 2 <= number < MOST - 1, name
    workspace.close()
