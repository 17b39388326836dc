"""Step 2, one view a file: each has `show(context)`, and the page places the one that is looked at."""
