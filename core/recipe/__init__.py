"""The recipe: every setting with its range, default and help text, and how recipes are compared and changed."""
