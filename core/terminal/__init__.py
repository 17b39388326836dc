"""What the command line shows: progress, tables, and a reliable Ctrl-C."""
