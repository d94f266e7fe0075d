"""The city: weather, air, flights and river, from public sources or simulated."""
