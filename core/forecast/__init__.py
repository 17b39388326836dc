"""Steps 6 and 7: the LSTM, its baselines, and the verdict."""
