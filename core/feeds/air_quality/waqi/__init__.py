"""The World Air Quality Index project, with a free token."""
