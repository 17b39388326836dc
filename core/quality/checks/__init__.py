"""Checks of a profile: each returns findings."""
