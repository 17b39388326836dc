"""The data set: its columns, its files, its eras and its frequency."""
