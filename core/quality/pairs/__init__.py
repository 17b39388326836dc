"""Two columns side by side: how they hang together, over time, and which moves first."""
