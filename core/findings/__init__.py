"""The catalogue of findings: one module a step, each finding declared once."""
