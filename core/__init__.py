"""Plumbline's numbers: from a CSV to an honest verdict. Start reading at `core.pipeline`."""

from core.processor import spare_slow_instructions

spare_slow_instructions()
