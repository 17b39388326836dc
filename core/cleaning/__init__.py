"""Step 3: which columns are dropped and why, and repairs of values learned from the train era."""
