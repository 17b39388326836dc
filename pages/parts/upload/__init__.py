"""Step 1: upload, preview, changes between files, publication delays."""
