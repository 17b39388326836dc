"""What a trader would find wrong with columns that look like prices and volumes."""
