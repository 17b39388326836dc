"""The catalogue of what reading a file reports: its text, its rows, its cells, and changes since an earlier file."""
