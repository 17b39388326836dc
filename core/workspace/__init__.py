"""Where projects, recipes, runs and their files are kept."""
