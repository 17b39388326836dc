"""Steps 4 to 8: running jobs and their results."""
