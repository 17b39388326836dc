"""Plumbline's numbers: from a CSV to an honest verdict. Start reading at `core.pipeline`."""
