"""Tables of settings: reading them, checking them, and saying in a sentence what is wrong."""
