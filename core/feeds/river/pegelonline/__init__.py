"""Gauges of Germany's federal waterways."""
