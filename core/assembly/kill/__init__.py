"""`imc-cockpit kill`: cancel everything at the venue, without the engine."""
