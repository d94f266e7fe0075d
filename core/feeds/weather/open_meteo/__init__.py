"""Open-Meteo's forecast, without a key."""
