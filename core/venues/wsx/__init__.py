"""The practice exchange's WebSocket protocol: messages, codec, session and client."""
