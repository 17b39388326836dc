"""Pairs of columns: relations with the target, associations, near-duplicates."""
