"""Forecasts judged: rivals, scores, intervals, backtest, verdict."""
