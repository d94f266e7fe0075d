"""OpenWeatherMap's air pollution, with a key."""
