"""Statistics of columns with missing values: moments, quantiles, correlations and tests of independence."""
