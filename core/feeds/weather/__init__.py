"""Weather: temperature, humidity, wind and rain, as they are and as they are forecast."""
