"""Data quality: statistics and faults of columns, relations between them, and checks that report findings."""
