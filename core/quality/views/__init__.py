"""What a page computes on demand: a column over time, and pairs of columns."""
