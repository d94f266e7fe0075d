"""The practice exchange's WebSocket protocol."""
