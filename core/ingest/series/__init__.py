"""From rows to ordered series: time column, series column, order, pivoting."""
