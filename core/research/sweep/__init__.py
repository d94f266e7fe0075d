"""Sweeps: many settings on the same data, judged on what the choice among them did not see."""
