"""The terminal: shows and asks, never decides, never trades."""
