"""Plotly figures of the results of every step."""
