"""Step 1: a file becomes a data set."""
