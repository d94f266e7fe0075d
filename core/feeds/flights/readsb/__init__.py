"""The three services that answer in the shape of readsb, without a key."""
