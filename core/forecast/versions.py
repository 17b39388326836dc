"""Versions of training and evaluation, part of the keys and records of their results."""

# Raise it when the same samples train to another network.
TRAINING = 6
# Raise it when the same network gets another evaluation or verdict.
EVALUATION = 15
# Raise it when a walk-forward fold gets other scores.
FOLDS = 4
# Raise it when the same training is refitted to another network.
REFIT = 1
