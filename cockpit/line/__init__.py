"""The line between the cockpit and its terminal: how fast it is, and what may go over it."""
