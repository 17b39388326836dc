"""The catalogue of errors that a user can fix: what was found, where, what to do."""
