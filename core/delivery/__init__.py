"""Step 8: what leaves the workbench."""
