"""Flights: aircraft around the city, and the airport's arrivals and departures."""
