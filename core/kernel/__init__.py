"""The compiled decision: deterministic, without input or output."""
