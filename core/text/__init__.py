"""Text: escaping, formatting and the nearest known name."""
