"""Step 5: which features carry signal."""
