"""A bundle gives back what was put in, and damage is noticed."""

import random
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from core.delivery.bundle import Manifest, read_bundle
from core.delivery.packing import ROOT, needed_packages, needed_sources, write_bundle
from core.errors.bundle import DamagedBundle, NotABundle
from core.errors.model import BundleError
from core.forecast.network.network import Network
from tests.delivery.forging import members_of, sealed, with_manifest

# What is written comes back


def test_a_bundle_gives_back_its_manifest_and_weights(bundle_file: Path, manifest: Manifest, network: Network) -> None:
    bundle = read_bundle(bundle_file)
    assert bundle.manifest.model_copy(update={"members": {}}) == manifest
    for found, made in zip(bundle.network.members, network.members, strict=True):
        assert all(np.array_equal(found[name], made[name]) for name in made)


def test_an_unzipped_bundle_is_read_too(bundle_file: Path, manifest: Manifest, tmp_path: Path) -> None:
    unpack(bundle_file, tmp_path)
    assert read_bundle(tmp_path).manifest.task == manifest.task


def test_equal_bundles_are_equal_byte_for_byte(
    bundle_file: Path, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    again = tmp_path / "again.zip"
    write_bundle(again, manifest, network, {"recipe.json": b"{}", "model.keras": b"not read back"})
    assert again.read_bytes() == bundle_file.read_bytes()


def test_a_bundle_can_be_rewritten_by_the_helper_of_these_tests(bundle_file: Path, tmp_path: Path) -> None:
    members = members_of(bundle_file)
    assert read_bundle(sealed(tmp_path / "b.zip", with_manifest(members))).manifest.networks == 2


# Damage


def test_every_flipped_byte_is_noticed(bundle_file: Path, tmp_path: Path) -> None:
    whole = bundle_file.read_bytes()
    ends = [*range(40), *range(len(whole) - 120, len(whole))]
    damaged = tmp_path / "damaged.zip"
    for place in ends + random.Random(1).sample(range(len(whole)), 340):
        content = bytearray(whole)
        content[place] ^= random.Random(place).randrange(1, 256)
        damaged.write_bytes(content)
        with pytest.raises(BundleError):
            read_bundle(damaged)


def test_every_cut_is_noticed(bundle_file: Path, tmp_path: Path) -> None:
    whole = bundle_file.read_bytes()
    cut = tmp_path / "cut.zip"
    for size in [0, 1, 4, 30, 100, *random.Random(2).sample(range(len(whole)), 40), len(whole) - 1]:
        cut.write_bytes(whole[:size])
        with pytest.raises(BundleError):
            read_bundle(cut)


def test_every_dropped_member_is_noticed(bundle_file: Path, tmp_path: Path) -> None:
    members = members_of(bundle_file)
    # The checksum of the manifest serves the unzipped folder: the zip has a seal.
    for name in members.keys() - {"manifest.sha256"}:
        rest = {other: content for other, content in members.items() if other != name}
        with pytest.raises((DamagedBundle, NotABundle)):
            read_bundle(sealed(tmp_path / "dropped.zip", rest))


def test_an_added_member_is_noticed(bundle_file: Path, tmp_path: Path) -> None:
    with pytest.raises(DamagedBundle, match="extra"):
        read_bundle(sealed(tmp_path / "added.zip", members_of(bundle_file) | {"extra.py": b""}))


def test_weights_of_another_bundle_are_noticed(
    bundle_file: Path, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    other = tmp_path / "other.zip"
    stranger = Network(network.shape, network.members[::-1])
    write_bundle(other, manifest, stranger, {})
    swapped = members_of(bundle_file) | {"weights.npz": members_of(other)["weights.npz"]}
    with pytest.raises(DamagedBundle):
        read_bundle(sealed(tmp_path / "swapped.zip", swapped))


def test_flipped_bytes_of_the_weights_are_refused_even_where_the_checksum_fits(
    bundle_file: Path, tmp_path: Path
) -> None:
    members = {name: members_of(bundle_file)[name] for name in ("manifest.json", "weights.npz")}
    whole = members["weights.npz"]
    chance = random.Random(3)
    refused = 0
    for place in chance.sample(range(len(whole)), 150):
        weights = bytearray(whole)
        weights[place] ^= chance.randrange(1, 256)
        forged = with_manifest(members | {"weights.npz": bytes(weights)})
        try:
            read_bundle(sealed(tmp_path / "flipped.zip", forged))
        except BundleError:
            refused += 1
    # Time stamps and attributes inside the .npz may change without harm; all else is caught.
    assert refused > 100


# What travels with it


def unpack(bundle: Path, folder: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)


def test_the_sources_in_a_bundle_are_few_and_light() -> None:
    rooms = {file.relative_to(ROOT).parts[1] for file in needed_sources() if file.parent != ROOT / "core"}
    assert rooms == {
        "cleaning",
        "data",
        "delivery",
        "errors",
        "findings",
        "forecast",
        "ingest",
        "io",
        "samples",
        "text",
    }
    assert sum(len(zlib.compress(file.read_bytes())) for file in needed_sources()) < 110_000
    assert {line.partition("==")[0] for line in needed_packages()} == {"numpy", "pandas", "pyarrow"}
