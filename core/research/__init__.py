"""What a recorded market holds for a strategy, and whether that is more than chance."""
