"""The frame of every page: its heading, the sidebar, findings, and the project's context."""
