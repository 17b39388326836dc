"""The home page: what comes out, and the list of projects."""
