"""Slow fits, in processes of their own: what the kernel then streams with."""
