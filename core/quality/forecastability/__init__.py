"""The map of predictability: which transforms of which columns can be forecast, and how far ahead."""
