"""Tests of predictive accuracy: whether there is a signal, and which forecast is more accurate."""
