"""Levels in England, tides in London among them."""
