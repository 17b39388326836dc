"""Bundles forged as an attacker can forge them: every seal and checksum fits."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.delivery.bundle import checksum_file, checksum_line, digest_of

Members = dict[str, bytes]


def members_of(bundle: Path) -> Members:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sealed(path: Path, members: Members, change: Callable[[zipfile.ZipFile], object] = lambda _: None) -> Path:
    """A zip with a seal that fits, as an attacker can make one: the seal alone must not be what protects."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        change(archive)
        archive.comment = checksum_line(b"")
    content = packed.getvalue()[: -len(checksum_line(b""))]
    path.write_bytes(content + checksum_line(content))
    return path


def with_manifest(members: Members, /, **changes: object) -> Members:
    """The members with some fields of the manifest changed; `weights.npz` keeps a checksum that fits."""
    document = json.loads(members["manifest.json"]) | changes
    # Whatever else is forged, the checksums fit.
    sums = {"manifest.json", "manifest.sha256"}
    document["members"] = {name: digest_of(content) for name, content in members.items() if name not in sums}
    manifest = json.dumps(document).encode()
    return members | {"manifest.json": manifest, "manifest.sha256": checksum_file(manifest)}


def with_weights(members: Members, arrays: dict[str, np.ndarray]) -> Members:
    archive = io.BytesIO()
    np.savez(archive, **arrays)
    return with_manifest(members | {"weights.npz": archive.getvalue()})


def arrays_of(members: Members) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(members["weights.npz"]), allow_pickle=False) as archive:
        return dict(archive)
