"""Step 6 and 7: windows, the LSTM, its rivals, and the verdict."""
