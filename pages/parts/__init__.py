"""What pages share, cut by what it shows."""
