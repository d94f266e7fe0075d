"""Words and records that everything else is made of."""
