"""Strict settings: TOML in, one frozen object out."""
