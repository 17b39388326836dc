"""What a page computes on demand: a column over time, a pair of columns, and their cross-correlation."""
