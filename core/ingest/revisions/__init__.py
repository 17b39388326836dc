"""Two files of the same data compared: new rows, dropped columns, restated history."""
