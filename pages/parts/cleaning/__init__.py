"""Step 3, one view a file: each has `show(desk, plan)`, and the page places the one that is looked at."""
