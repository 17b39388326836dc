"""Twins are grouped, and nothing else."""

import numpy as np

from core.importance.groups import group_twins


def scaled(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


def test_features_above_the_limit_are_one_group_whatever_their_sign():
    random = np.random.default_rng(0)
    base = random.standard_normal(2000)
    near, far = (base + noise * random.standard_normal(2000) for noise in (0.2, 0.8))
    values = scaled(np.column_stack([base, far, -near, random.standard_normal(2000)]))
    assert group_twins(("a", "b", "c", "d"), values).tolist() == [0, 1, 0, 2]


def test_a_chain_of_neighbours_is_no_group():
    random = np.random.default_rng(1)
    steps = random.standard_normal((4000, 6))
    # Each correlates 0.92 with the next, and ever less with those beyond.
    chain = [steps[:, 0]]
    for place in range(1, 6):
        chain.append(0.92 * chain[-1] + np.sqrt(1 - 0.92**2) * steps[:, place])
    values = scaled(np.column_stack(chain))
    groups = group_twins(tuple("abcdef"), values)
    for group in set(groups.tolist()):
        members = values[:, groups == group]
        assert np.abs(members.T @ members / len(members)).min() > 0.9


def test_a_lag_belongs_to_its_feature():
    values = scaled(np.random.default_rng(2).standard_normal((500, 3)))
    assert group_twins(("x", "x.lag5", "y.lag5"), values).tolist() == [0, 0, 1]
