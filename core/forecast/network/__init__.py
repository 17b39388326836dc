"""The LSTM: windows, training, checkpoints, and its forward pass in NumPy."""
