"""A hostile bundle is refused with one sentence and code 2, quickly, and leaves nothing behind."""

import os
import tracemalloc
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from core.__main__ import main
from core.delivery.bundle import Manifest, read_bundle
from core.errors.bundle import BundleUnreadable
from core.errors.model import BundleError
from core.forecast.network.network import Network, predict_scaled
from core.forecast.network.windows import Windows
from tests.attack.hostile_bundles import all_hostile
from tests.delivery.forging import Members, sealed


def test_every_hostile_bundle_is_refused_with_one_sentence(
    honest: Members, prices_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    told, count = {}, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert main(["predict", str(sealed(tmp_path / "fine.zip", honest)), str(prices_file), "--out", str(out)]) == 0
        out.unlink()
        capsys.readouterr()
        for name, members in all_hostile(honest):
            count += 1
            bundle = sealed(tmp_path / "hostile.zip", members)
            try:
                code = main(["predict", str(bundle), str(prices_file), "--out", str(out)])
            except Exception as error:
                told[name] = repr(error)
                continue
            said = capsys.readouterr().err.strip().splitlines()
            if code != 2 or len(said) != 1 or out.exists():
                told[name] = f"code {code}, wrote {out.exists()}: {said}"
                out.unlink(missing_ok=True)
    assert count >= 170
    assert told == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fine.zip", "hostile.zip"]


@pytest.fixture(scope="module")
def folder(bundle_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    unzipped = tmp_path_factory.mktemp("unzipped")
    with zipfile.ZipFile(bundle_file) as archive:
        archive.extractall(unzipped)
    return unzipped


def test_an_unzipped_folder_is_sealed_as_the_zip_is(folder: Path, bundle_file: Path) -> None:
    assert read_bundle(folder).manifest == read_bundle(bundle_file).manifest
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files[:: len(files) // 12] + [
        folder / "manifest.json",
        folder / "manifest.sha256",
        folder / "weights.npz",
    ]:
        content = path.read_bytes()
        flipped = bytearray(content or b"0")
        flipped[len(flipped) // 2] ^= 1
        for damage in (bytes(flipped), content + b" ", content[:-1]):
            if damage != content:
                path.write_bytes(damage)
                with pytest.raises(BundleError):
                    read_bundle(folder)
        path.unlink()
        with pytest.raises(BundleUnreadable):
            read_bundle(folder)
        path.write_bytes(content)
    (folder / "out.csv").write_text("predictions may lie beside the model")
    assert read_bundle(folder).manifest.members


def test_a_pipe_in_place_of_a_file_does_not_hang(folder: Path) -> None:
    content = (folder / "recipe.json").read_bytes()
    (folder / "recipe.json").unlink()
    os.mkfifo(folder / "recipe.json")
    with pytest.raises(BundleUnreadable, match="regular"):
        read_bundle(folder)
    (folder / "recipe.json").unlink()
    (folder / "recipe.json").write_bytes(content)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(
    ("window", "features", "units"), [(200, 10_000, (8,)), (1, 10_000, (256,)), (1, 4, (1024,) * 4)]
)
def test_scoring_with_the_widest_networks_needs_at_most_64_mib_over_the_data(
    manifest: Manifest, cell: Literal["lstm", "gru"], window: int, features: int, units: tuple[int, ...]
) -> None:
    shape = replace(manifest.shape, cell=cell, window=window, features=features, units=units)
    rows = 600 + window
    windows = Windows(
        inputs=np.ones((rows, shape.features), dtype=np.float32),
        ends=np.arange(window - 1, rows),
        window=window,
        outcomes=np.zeros(601, dtype=np.float32),
        persistence=np.zeros(601, dtype=np.float32),
        samples=None,  # type: ignore[arg-type]
    )
    weights = {name: np.full(size, 0.01, dtype=np.float32) for name, size in shape.weights().items()}
    tracemalloc.start()
    predict_scaled(Network(shape, (weights,)), windows, np.arange(10 if window > 1 else 600))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20, f"{peak / 2**20:.0f} MiB"
