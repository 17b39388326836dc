"""Step 3: which columns are dropped and why, and how values are repaired."""
