"""OpenWeatherMap's current weather, with a key."""
