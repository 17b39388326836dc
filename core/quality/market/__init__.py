"""Market data checks: columns that hold prices or volumes, grouped by instrument."""
