"""What a page computes on demand: a column over time, a pair, its leads and lags."""
