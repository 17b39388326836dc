"""From cleaned rows to features, the forecasting task and its samples."""
