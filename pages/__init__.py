"""Streamlit pages, one per step."""
