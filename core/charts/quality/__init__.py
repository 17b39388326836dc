"""Figures of data quality."""
