"""From text to values: numbers, times, booleans, sentinel codes."""
