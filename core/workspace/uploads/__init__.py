"""Large uploads: slices on disk, upload tokens, hashes."""
