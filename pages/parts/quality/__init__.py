"""Step 2, one view per file: each has `show(context)`, and the page draws the chosen one."""
