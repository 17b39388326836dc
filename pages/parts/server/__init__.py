"""The server process: upload routes, shutdown, garbage collection."""
