"""Step 3, one view a file: each has `show(context, plan)`, and the page places the one that is looked at."""
