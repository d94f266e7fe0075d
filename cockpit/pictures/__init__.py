"""Pictures of the screen in files, for people who are not in front of it."""
