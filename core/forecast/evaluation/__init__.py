"""Evaluation of forecasts: baselines, scores, intervals, backtest and verdict."""
