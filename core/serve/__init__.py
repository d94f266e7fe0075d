"""The engine's side of that interface."""
