"""OpenSky, anonymous or with a client of one's own."""
