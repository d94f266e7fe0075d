"""A city that does not exist: seeded, plausible, and the same again for the same seed."""
