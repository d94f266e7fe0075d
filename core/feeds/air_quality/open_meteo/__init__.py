"""Open-Meteo's air quality, of the CAMS models, without a key."""
