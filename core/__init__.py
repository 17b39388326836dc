"""Plumbline's numbers: from a CSV to an honest verdict. Start reading at `core.pipeline`."""

from core.runtime import spare_slow_instructions

spare_slow_instructions()
