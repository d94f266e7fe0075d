"""Recorded books as a venue."""
