"""The recipe: all settings with their ranges, and comparing and importing recipes."""
