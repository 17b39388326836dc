"""Figures of step 2."""
