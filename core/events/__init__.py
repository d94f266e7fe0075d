"""Events of a city: what their products settle on, and what they are worth before."""
