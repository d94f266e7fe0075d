"""Trading on a live market without an account there: our orders are simulated."""
