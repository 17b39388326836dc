"""The settings of each step: every range, default, unit and help text, written once."""
