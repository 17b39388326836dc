"""Widgets: settings forms, placing of figures and tables, charts that update in place."""
