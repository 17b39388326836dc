"""Plumbline's numbers: from a CSV to an honest verdict. Start reading at `core.pipeline`."""

from core.version import __version__ as __version__
