"""Step 2: what is wrong with the data, and what is related."""
