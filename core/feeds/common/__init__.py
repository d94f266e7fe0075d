"""What the sources of a city's data share."""
