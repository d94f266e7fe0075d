"""Pure functions from a snapshot to rows and cells."""
