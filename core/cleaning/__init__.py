"""Step 3: what goes, why, and what is learned from the train era to repair the rest."""
