"""Recorded files of a city: gauges, and the weather as it was forecast."""
