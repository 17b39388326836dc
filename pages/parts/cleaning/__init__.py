"""Step 3, one view per file: each has `show(context, plan)`, and the page draws the chosen one."""
