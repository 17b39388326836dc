"""Plumbline's numbers: from a CSV to an honest verdict. Start reading at `core.pipeline`."""

from core.runtime import spare_slow_instructions
from core.version import __version__ as __version__

spare_slow_instructions()
