"""One column: its statistics, its nature, and where its faults are."""
