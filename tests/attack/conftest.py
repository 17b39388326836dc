"""What the attacks share: a bundle that scores, and the rows that it scores."""

from pathlib import Path

import pytest

from tests.delivery.forging import Members, members_of, with_manifest
from tests.workspace.conftest import project, wait_until, worker_of, workspace


@pytest.fixture(scope="session")
def honest(bundle_file: Path) -> Members:
    """The files of a bundle that scores `prices_file`, without the sources of scoring: they are not read."""
    members = members_of(bundle_file)
    return with_manifest({name: content for name, content in members.items() if not name.startswith("plumbline/")})


__all__ = ["project", "wait_until", "worker_of", "workspace"]
