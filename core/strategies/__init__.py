"""Strategies of the user's own: found, checked, and handed to whoever runs them."""
