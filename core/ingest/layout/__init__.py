"""From bytes to rows of cells: encoding, delimiter, header and lines."""
