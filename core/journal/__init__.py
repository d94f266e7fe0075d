"""The write-ahead journal of every event."""
