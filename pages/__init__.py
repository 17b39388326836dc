"""Streamlit pages, one a step."""
