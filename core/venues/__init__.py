"""Ports and adapters to markets."""
