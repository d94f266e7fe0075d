"""Recorded data sets: recognised, checked, turned into events."""
