"""The recipe: every setting with its range, default and description; comparing, importing and changing recipes."""
