"""From bytes to rows of cells: encoding, delimiter, header, lines."""
