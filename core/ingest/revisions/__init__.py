"""Comparison of two files of the same data: new rows, dropped columns, restated history."""
