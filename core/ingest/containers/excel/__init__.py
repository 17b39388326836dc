"""Excel workbooks to CSV text."""
