"""Files and documents: JSON, atomic writes and fingerprints."""
