"""The practice exchange: a real server with a living market."""
