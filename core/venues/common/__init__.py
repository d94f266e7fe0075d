"""What adapters of several venues share."""
