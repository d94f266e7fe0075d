"""Several venues as one, each behind an adapter of its own."""
