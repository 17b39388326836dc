"""The fixture that reads text as a file."""

from tests.ingest.conftest import read

__all__ = ["read"]
