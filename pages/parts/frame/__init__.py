"""The frame of every page: heading, sidebar, findings, the project in context."""
