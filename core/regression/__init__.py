"""Step 4: ordinary least squares and its diagnostics."""
