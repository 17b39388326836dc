"""Statistics of columns with NaN: moments, quantiles, correlations and independence tests."""
